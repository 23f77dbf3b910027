import { classifyResponse, productOfUrl } from '../../../core/stream/connect';
import { refusal } from '../../../core/stream/problems';
import { nextPause } from '../../../core/stream/stream';

const NOW = Date.UTC(2024, 0, 15, 12, 0, 0);
const URL_ = 'https://connector.example/stream/shop';

function classify(status: number, headers: Record<string, string> = {}) {
  return classifyResponse({ status, headers: new Headers(headers) }, URL_, NOW);
}

describe('the pause before the next connection', () => {
  const afterOutage = (fruitless: number, retryAfterMs?: number, random = () => 0) => {
    const asked = retryAfterMs !== undefined && { retryAfterMs };
    return nextPause({ kind: 'outage', reason: '', ...asked }, fruitless, random);
  };
  const afterRefusal = (fruitless: number) =>
    nextPause({ kind: 'refused', problem: refusal(401) }, fruitless, () => 0);

  it('doubles from one second to thirty while connections bring nothing', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 1_000].map((fruitless) => afterOutage(fruitless))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('is one second after a connection that brought something', () => {
    expect(afterOutage(0)).toBe(1_000);
  });

  it('is lengthened by up to a tenth, so that clients spread', () => {
    expect(afterOutage(1, undefined, () => 0.5)).toBe(1_050);
    expect(afterOutage(9, undefined, () => 0.999)).toBeLessThan(33_000);
    expect(afterOutage(1, 86_400_000, () => 0.5)).toBe(315_000);
  });

  it('doubles from ten seconds to a minute while the server refuses', () => {
    expect([1, 2, 3, 4, 50].map(afterRefusal)).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('is as long as the server asks, but no shorter than without and no longer than 5 minutes', () => {
    expect(afterOutage(1, 10_000)).toBe(10_000);
    expect(afterOutage(6, 10_000)).toBe(30_000);
    expect(afterOutage(1, 86_400_000)).toBe(300_000);
  });
});

describe('classifyResponse', () => {
  it.each(['text/event-stream', 'text/event-stream; charset=utf-8', 'Text/Event-Stream'])(
    'accepts 200 with %s as a stream',
    (type) => expect(classify(200, { 'content-type': type })).toEqual({ kind: 'stream' }),
  );

  it.each([
    [400, 'wrong_mode', /push/],
    [401, 'bad_token', /token/],
    [403, 'forbidden', /token/],
    [404, 'unknown_product', /Stream URL/],
    [410, 'refused', /Stream URL/],
  ])('treats %i as a refusal and says what to do', (status, code, advice) => {
    const verdict = classify(status);
    expect(verdict).toMatchObject({ kind: 'refused', problem: { code } });
    expect(verdict).toMatchObject({ problem: { advice: expect.stringMatching(advice) } });
    expect(verdict).toMatchObject({ problem: { message: expect.stringContaining(`${status}`) } });
  });

  it.each([
    [200, { 'content-type': 'text/html; charset=utf-8' }, 'text/html'],
    [200, {}, 'without a content type'],
    [204, {}, 'without a content type'],
  ])('does not accept %i with %j as a stream', (status, headers, words) => {
    expect(classify(status, headers as Record<string, string>)).toMatchObject({
      kind: 'refused',
      problem: { code: 'not_a_stream', message: expect.stringContaining(words) },
    });
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('treats %i as an outage that passes', (status) => {
    expect(classify(status)).toMatchObject({ kind: 'outage' });
  });

  it('keeps the wait that a busy server asks for', () => {
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
  ])('does not follow a redirect %s, so the token stays', (_where, location) => {
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
