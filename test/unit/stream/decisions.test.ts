import { readRetryAfter } from '../../../core/http/retryAfter';
import { nextDelay } from '../../../core/stream/backoff';
import { classifyResponse } from '../../../core/stream/classify';
import { productOfUrl } from '../../../core/stream/frames';

const NOW = Date.UTC(2024, 0, 15, 12, 0, 0);
const URL_ = 'https://connector.example/stream/shop';

function classify(status: number, headers: Record<string, string> = {}) {
  return classifyResponse({ status, headers: new Headers(headers) }, URL_, NOW);
}

describe('nextDelay', () => {
  const outage = (fruitless: number, retryAfterMs?: number) =>
    nextDelay({ fruitless, refused: false, ...(retryAfterMs && { retryAfterMs }) }, () => 0);

  it('doubles from one second to thirty', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 1_000].map((fruitless) => outage(fruitless))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('is one second after a connection that brought something', () => {
    expect(outage(0)).toBe(1_000);
  });

  it('adds up to a tenth, so that clients spread', () => {
    expect(nextDelay({ fruitless: 1, refused: false }, () => 0.5)).toBe(1_050);
    expect(nextDelay({ fruitless: 9, refused: false }, () => 0.999)).toBeLessThan(33_000);
  });

  it('is a minute after a refusal', () => {
    const refused = (fruitless: number) => nextDelay({ fruitless, refused: true }, () => 0);
    expect([1, 2, 3, 4, 50].map(refused)).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('waits as long as asked, but neither shorter than its own delay nor longer than 5 minutes', () => {
    expect(outage(1, 10_000)).toBe(10_000);
    expect(outage(6, 10_000)).toBe(30_000);
    expect(outage(1, 86_400_000)).toBe(300_000);
  });
});

describe('readRetryAfter', () => {
  it.each([
    ['7', 7_000],
    ['Mon, 15 Jan 2024 12:01:00 GMT', 60_000],
    ['Mon, 15 Jan 2024 11:00:00 GMT', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('reads %j as %j ms', (value, expected) => {
    expect(readRetryAfter(value, NOW)).toBe(expected);
  });
});

describe('classifyResponse', () => {
  it.each(['text/event-stream', 'text/event-stream; charset=utf-8', 'Text/Event-Stream'])(
    'takes 200 with %s for a stream',
    (type) => expect(classify(200, { 'content-type': type })).toEqual({ kind: 'stream' }),
  );

  it.each([
    [400, 'wrong_mode', /push/],
    [401, 'bad_token', /token/],
    [403, 'forbidden', /token/],
    [404, 'unknown_product', /Stream URL/],
    [410, 'refused', /Stream URL/],
  ])('takes %i for a refusal and says what to do', (status, code, advice) => {
    const verdict = classify(status);
    expect(verdict).toMatchObject({ kind: 'refused', problem: { code } });
    expect(verdict).toMatchObject({ problem: { advice: expect.stringMatching(advice) } });
    expect(verdict).toMatchObject({ problem: { message: expect.stringContaining(`${status}`) } });
  });

  it.each([
    [200, { 'content-type': 'text/html; charset=utf-8' }, 'text/html'],
    [200, {}, 'without a content type'],
    [204, {}, 'without a content type'],
  ])('does not take %i with %j for a stream', (status, headers, words) => {
    expect(classify(status, headers as Record<string, string>)).toMatchObject({
      kind: 'refused',
      problem: { code: 'not_a_stream', message: expect.stringContaining(words) },
    });
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('takes %i for something that passes', (status) => {
    expect(classify(status)).toMatchObject({ kind: 'outage' });
  });

  it('keeps the wait a busy server asks for', () => {
    expect(classify(503, { 'retry-after': '9' })).toMatchObject({ retryAfterMs: 9_000 });
  });

  it('follows a redirect on the same host', () => {
    expect(classify(307, { location: '/stream/other' })).toEqual({
      kind: 'redirect',
      url: 'https://connector.example/stream/other',
    });
  });

  it.each([
    ['to another host', 'https://elsewhere.example/stream/shop'],
    ['to another port', 'https://connector.example:8443/stream/shop'],
    ['away from https', 'http://connector.example/stream/shop'],
  ])('does not take the token along %s', (_where, location) => {
    expect(classify(302, { location })).toMatchObject({
      kind: 'refused',
      problem: { code: 'redirected' },
    });
  });

  it.each([{}, { location: 'http://' }])('refuses a redirect to nowhere: %j', (headers) => {
    expect(classify(302, headers as Record<string, string>)).toMatchObject({ kind: 'refused' });
  });
});

describe('productOfUrl', () => {
  it.each([
    ['https://c.example/stream/shop', 'shop'],
    ['https://c.example/stream/my%20shop/?x=1', 'my shop'],
    ['https://c.example/stream/100%', '100%'],
    ['https://c.example', ''],
    ['not a url', ''],
  ])('%s names %j', (url, product) => expect(productOfUrl(url)).toBe(product));
});
