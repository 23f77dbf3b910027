import type { Problem } from '../../../core/stream/problems';
import { createStream, type StreamOptions, type StreamState } from '../../../core/stream/stream';
import { createFakeClock } from '../../support/fakeClock';
import { createSseServer, type Exchange, type SseServer } from '../../support/sseServer';
import { until } from '../../support/until';

let server: SseServer;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await createSseServer();
});

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
  await server.close();
});

function setUp(options: Partial<StreamOptions> = {}) {
  const clock = createFakeClock();
  const frames: string[] = [];
  const states: StreamState[] = [];
  const problems: Problem[] = [];
  const stream = createStream({
    url: `${server.url}/stream/shop`,
    token: 'uk_live_1',
    fetch,
    clock,
    random: () => 0,
    onFrame: (text) => frames.push(text),
    onState: (state) => states.push(state),
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  cleanups.push(() => stream.stop());
  const waits = () => states.filter((state) => state.name === 'waiting');
  /** Lets the wait after the latest connection pass. Resolves with its length. */
  const nextWait = async (count: number) => {
    await until(() => waits().length >= count);
    const { retryInMs } = waits()[count - 1]!;
    await clock.advance(retryInMs - 1);
    const before = server.count();
    await clock.advance(1);
    return { retryInMs, early: server.count() > before + 1 };
  };
  return { clock, stream, frames, states, problems, waits, nextWait };
}

async function open(exchange: Promise<Exchange>): Promise<Exchange> {
  const opened = await exchange;
  opened.open();
  return opened;
}

describe('a connection', () => {
  it('requests the stream with the token and passes every frame on', async () => {
    const { stream, frames } = setUp();
    stream.start();
    const exchange = await open(server.next());
    expect(exchange.request.url).toBe('/stream/shop');
    expect(exchange.request.headers).toMatchObject({
      accept: 'text/event-stream',
      authorization: 'Bearer uk_live_1',
    });
    exchange.frame('data: {"a":1}');
    exchange.frame('data: first\ndata: second');
    await until(() => frames.length === 2);
    expect(frames).toEqual(['{"a":1}', 'first\nsecond']);
    expect(stream.stats()).toMatchObject({ frames: 2, reconnects: 0 });
  });

  it('sends no Authorization without a token', async () => {
    const { stream } = setUp({ token: '' });
    stream.start();
    const { request } = await server.next();
    expect(request.headers).not.toHaveProperty('authorization');
  });

  it('reads frames in whatever pieces they arrive', async () => {
    const { stream, frames } = setUp();
    stream.start();
    const { response } = await open(server.next());
    const bytes = Buffer.from('data: {"title":"Grüße 👋"}\r\n\r\ndata: two\n\n');
    for (const byte of bytes) response.write(Buffer.from([byte]));
    await until(() => frames.length === 2);
    expect(frames).toEqual(['{"title":"Grüße 👋"}', 'two']);
  });

  it('skips heartbeats, comments and named events, even one named error', async () => {
    const { stream, frames } = setUp();
    stream.start();
    const exchange = await open(server.next());
    exchange.frame('event: heartbeat\ndata:');
    exchange.frame(': still here');
    exchange.frame('event: error\ndata: {"not":"an end"}');
    exchange.frame('event: open\ndata: x');
    exchange.frame('data: real');
    await until(() => frames.length > 0);
    expect(frames).toEqual(['real']);
    expect(stream.stats().bytes).toBeGreaterThan(80);
    expect(server.count()).toBe(1);
  });

  it('survives a receiver that throws', async () => {
    const { stream } = setUp({
      onFrame: () => {
        throw new Error('no');
      },
    });
    stream.start();
    const exchange = await open(server.next());
    exchange.frame('data: a');
    exchange.frame('data: b');
    await until(() => stream.stats().failedFrames === 2);
    expect(server.count()).toBe(1);
  });

  it('is given up if a line without end would fill the memory', async () => {
    const { stream, waits } = setUp();
    stream.start();
    const { response } = await open(server.next());
    response.write('data: ');
    for (let i = 0; i < 20; i += 1) response.write('x'.repeat(1024 * 1024));
    await until(() => waits().length === 1);
  });
});

describe('stopping', () => {
  it('is immediate on an open stream and closes the connection', async () => {
    const { stream, states } = setUp();
    stream.start();
    const exchange = await open(server.next());
    await until(() => states.length === 1);
    await stream.stop();
    await exchange.closed;
    expect(states.at(-1)).toEqual({ name: 'stopped' });
  });

  it('by a frame leaves out the frames that came with it', async () => {
    const frames: string[] = [];
    const { stream, states } = setUp({
      onFrame(text) {
        frames.push(text);
        void stream.stop();
      },
    });
    stream.start();
    const exchange = await open(server.next());
    exchange.response.write('data: 1\n\ndata: 2\n\n');
    await until(() => states.at(-1)?.name === 'stopped');
    expect(frames).toEqual(['1']);
  });

  it('is immediate while the server has not answered', async () => {
    const { stream } = setUp();
    stream.start();
    const exchange = await server.next();
    await stream.stop();
    await exchange.closed;
  });

  it('is immediate during a wait, and no request follows', async () => {
    const { stream, clock, waits } = setUp();
    stream.start();
    (await server.next()).refuse(503);
    await until(() => waits().length === 1);
    await stream.stop();
    await stream.stop();
    stream.start();
    await clock.advance(600_000);
    expect(server.count()).toBe(1);
    expect(clock.timers()).toBe(0);
  });

  it('can come before the start', async () => {
    const { stream } = setUp();
    await stream.stop();
    stream.start();
    expect(server.count()).toBe(0);
  });
});

describe('reconnecting', () => {
  it('waits ever longer while connections are accepted and closed at once', async () => {
    const { stream, nextWait } = setUp();
    stream.start();
    const delays: number[] = [];
    for (let i = 1; i <= 7; i += 1) {
      const exchange = await open(server.next());
      exchange.frame(': hello');
      exchange.response.end();
      delays.push((await nextWait(i)).retryInMs);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('waits one second again after a frame has arrived', async () => {
    const { stream, frames, nextWait } = setUp();
    stream.start();
    for (let i = 1; i <= 3; i += 1) {
      (await server.next()).response.destroy();
      await nextWait(i);
    }
    const exchange = await open(server.next());
    exchange.frame('data: x');
    await until(() => frames.length === 1);
    exchange.response.destroy();
    expect(await nextWait(4)).toMatchObject({ retryInMs: 1_000 });
    await server.next();
    expect(stream.stats().reconnects).toBe(4);
  });

  it('waits one second again after a night of heartbeats', async () => {
    const { stream, clock, states, nextWait } = setUp();
    stream.start();
    for (let i = 1; i <= 3; i += 1) {
      (await server.next()).refuse(502);
      await nextWait(i);
    }
    const exchange = await open(server.next());
    await until(() => states.at(-1)?.name === 'open');
    await clock.advance(30_000);
    exchange.frame('event: heartbeat\ndata:');
    await until(() => stream.stats().bytes > 0);
    exchange.response.destroy();
    expect(await nextWait(4)).toMatchObject({ retryInMs: 1_000 });
  });

  it('repeats a request to a server that cannot be reached', async () => {
    const gone = await createSseServer();
    await gone.close();
    const { stream, waits, nextWait } = setUp({ url: `${gone.url}/stream/shop` });
    stream.start();
    await nextWait(1);
    await until(() => waits().length === 2);
    expect(waits()[0]).toMatchObject({ reason: expect.stringContaining('ECONNREFUSED') });
  });

  it('waits as long as a busy server asks for', async () => {
    const { stream, nextWait } = setUp();
    stream.start();
    (await server.next()).refuse(429, { 'retry-after': '12' });
    expect(await nextWait(1)).toMatchObject({ retryInMs: 12_000 });
  });
});

describe('a silent connection', () => {
  it('is closed after the watchdog time, and the stream is reopened', async () => {
    const { stream, clock, states, waits } = setUp();
    stream.start();
    const exchange = await open(server.next());
    await until(() => states.at(-1)?.name === 'open');
    await clock.advance(89_999);
    expect(waits()).toHaveLength(0);
    await clock.advance(1);
    await exchange.closed;
    expect(waits()[0]).toMatchObject({ reason: expect.stringContaining('90 seconds') });
    await clock.advance(1_000);
    await server.next();
  });

  it('stays open as long as heartbeats arrive', async () => {
    const { stream, clock, states, waits } = setUp();
    stream.start();
    const exchange = await open(server.next());
    await until(() => states.at(-1)?.name === 'open');
    for (let i = 1; i <= 10; i += 1) {
      await clock.advance(80_000);
      const before = stream.stats().bytes;
      exchange.frame('event: heartbeat\ndata:');
      await until(() => stream.stats().bytes > before);
    }
    expect(waits()).toHaveLength(0);
    await clock.advance(90_000);
    expect(waits()).toHaveLength(1);
  });

  it('is closed as well if the server never answers the request', async () => {
    const { stream, clock, waits } = setUp({ watchdogMs: 5_000 });
    stream.start();
    const exchange = await server.next();
    await clock.advance(5_000);
    await exchange.closed;
    expect(waits()).toHaveLength(1);
  });
});

describe('a problem that only a person can correct', () => {
  it.each([
    [400, 'wrong_mode'],
    [401, 'bad_token'],
    [403, 'forbidden'],
    [404, 'unknown_product'],
  ])('HTTP %i is reported once and retried ever more slowly', async (status, code) => {
    const { stream, problems, nextWait } = setUp();
    stream.start();
    for (const [i, retryInMs] of [10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
      (await server.next()).refuse(status);
      expect(await nextWait(i + 1)).toEqual({ retryInMs, early: false });
    }
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  it('is a web page instead of a stream', async () => {
    const { stream, problems } = setUp();
    stream.start();
    const { response } = await server.next();
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
    await until(() => problems.length === 1);
    expect(problems[0]).toMatchObject({ code: 'not_a_stream' });
  });

  it('ends by itself once corrected, and is reported again when it returns', async () => {
    const { stream, frames, problems, nextWait } = setUp();
    stream.start();
    (await server.next()).refuse(401);
    await nextWait(1);
    const exchange = await open(server.next());
    exchange.frame('data: back');
    await until(() => frames.length === 1);
    exchange.response.destroy();
    await nextWait(2);
    (await server.next()).refuse(401);
    await until(() => problems.length === 2);
  });

  it('ends when the token is corrected in the credential', async () => {
    let token = 'old';
    const { stream, nextWait } = setUp({
      token,
      refresh: async () => (token === 'new' ? { url: server.url, token } : undefined),
    });
    stream.start();
    (await server.next()).refuse(401);
    await nextWait(1);
    const second = await server.next();
    expect(second.request.headers.authorization).toBe('Bearer old');
    token = 'new';
    second.refuse(401);
    await nextWait(2);
    expect((await server.next()).request.headers.authorization).toBe('Bearer new');
  });

  it('remains if the credential is of no use, and the stream keeps trying', async () => {
    const answers = [
      () => Promise.resolve({ url: '', token: '' }),
      () => Promise.resolve({ url: 'ftp://example.com', token: '' }),
      () => Promise.reject(new Error('cannot be read now')),
    ];
    const { stream, nextWait } = setUp({ refresh: () => answers.shift()!() });
    stream.start();
    for (let i = 1; i <= 3; i += 1) {
      (await server.next()).refuse(401);
      await nextWait(i);
    }
    expect((await server.next()).request.url).toBe('/stream/shop');
  });

  it('does not hold up a stop while the credential is being read', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const { stream, nextWait } = setUp({
      refresh: () => {
        resolve();
        return new Promise(() => {});
      },
    });
    stream.start();
    (await server.next()).refuse(401);
    await nextWait(1);
    await asked;
    await stream.stop();
    expect(server.count()).toBe(1);
  });

  it('is reported again when its kind changes, as from a wrong token to a wrong product', async () => {
    const { stream, problems, nextWait } = setUp();
    stream.start();
    (await server.next()).refuse(401);
    await nextWait(1);
    (await server.next()).refuse(404);
    await until(() => problems.length === 2);
  });

  it('is also an outage that has lasted five minutes', async () => {
    const { stream, problems, waits, nextWait } = setUp();
    stream.start();
    for (let i = 1; problems.length === 0 && i < 30; i += 1) {
      (await server.next()).refuse(503);
      await nextWait(i);
    }
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'unreachable',
        message: expect.stringMatching(/5 minutes.*503/),
      }),
    ]);
    const count = waits().length;
    (await server.next()).refuse(503);
    await nextWait(count + 1);
    expect(problems).toHaveLength(1);
  });
});

describe('a redirect', () => {
  it('is followed on the same host, with the token', async () => {
    const { stream, states } = setUp();
    stream.start();
    (await server.next()).refuse(307, { location: '/moved' });
    const { request } = await open(server.next());
    expect(request).toMatchObject({
      url: '/moved',
      headers: { authorization: 'Bearer uk_live_1' },
    });
    await until(() => states.at(-1)?.name === 'open');
  });

  it('to another host is not followed, so the token stays', async () => {
    const other = await createSseServer();
    cleanups.push(() => other.close());
    const { stream, problems } = setUp();
    stream.start();
    (await server.next()).refuse(302, { location: `${other.url}/stream/shop` });
    await until(() => problems.length === 1);
    expect(problems[0]).toMatchObject({ code: 'redirected' });
    expect(other.count()).toBe(0);
  });

  it('in circles is given up', async () => {
    const { stream, problems } = setUp();
    stream.start();
    for (let i = 0; i < 6; i += 1) (await server.next()).refuse(302, { location: '/stream/shop' });
    await until(() => problems.length === 1);
    expect(server.count()).toBe(6);
  });
});

describe('a server that ends every connection after a while, and sends no heartbeats', () => {
  const MINUTE = 60_000;
  const policy = {
    turnover: { afterMs: 28 * MINUTE, overlapMs: 3 * MINUTE },
    quietMs: MINUTE,
    watchdogMs: 40 * MINUTE,
  };

  it('is followed on a second connection before the first one ends', async () => {
    const { stream, frames, clock, waits } = setUp(policy);
    stream.start();
    const first = await open(server.next());
    await clock.advance(28 * MINUTE);
    const second = await open(server.next());
    first.frame('data: both');
    second.frame('data: both');
    await until(() => frames.length === 2);
    // The first one ends, as announced, and nothing has to be done.
    first.response.end();
    await first.closed;
    await clock.advance(3 * MINUTE);
    second.frame('data: second');
    await until(() => frames.length === 3);
    expect(waits()).toEqual([]);
    expect(server.count()).toBe(2);
  });

  it('loses its first connection after the overlap, should the server keep it', async () => {
    const { stream, clock } = setUp(policy);
    stream.start();
    const first = await open(server.next());
    await clock.advance(28 * MINUTE);
    await open(server.next());
    await clock.advance(3 * MINUTE);
    await first.closed;
    await stream.stop();
  });

  it('may be silent for hours, from the first moment on', async () => {
    const { stream, clock, problems, waits } = setUp(policy);
    stream.start();
    // Headers come with the first event, so not at all.
    for (let i = 0; i < 6; i += 1) {
      const exchange = await server.next();
      await clock.advance(28 * MINUTE);
      exchange.response.destroy();
    }
    await server.next();
    expect({ problems, waits: waits() }).toEqual({ problems: [], waits: [] });
  });

  const body = () => ({ headers: { 'content-type': 'text/event-stream' } });
  it.each<[string, number, () => Promise<Response>]>([
    ['cannot be reached, each time after minutes', 130_000, () => Promise.reject(new TypeError())],
    ['answers with an error after minutes', 100_000, async () => new Response('', { status: 504 })],
    ['hangs up after each frame', 0, async () => new Response('data: {}\n\n', body())],
  ])('that %s is an outage, and reported', async (_, ms, answer) => {
    const answerLate = async () => {
      await new Promise<void>((resolve) => void clock.after(ms, resolve));
      return await answer();
    };
    const { stream, clock, problems, waits } = setUp({ ...policy, fetch: answerLate });
    stream.start();
    for (let seconds = 0; seconds < 3_600; seconds += 10) await clock.advance(10_000);
    expect(problems).toMatchObject([{ code: 'unreachable' }]);
    expect(waits().length).toBeLessThan(150);
  });

  it('that hangs up at once is an outage', async () => {
    const { stream, nextWait, problems } = setUp(policy);
    stream.start();
    const pauses: number[] = [];
    for (let i = 1; problems.length === 0; i += 1) {
      const exchange = await open(server.next());
      exchange.response.end();
      pauses.push((await nextWait(i)).retryInMs);
    }
    expect(pauses.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(problems).toMatchObject([{ code: 'unreachable' }]);
  });
});

describe('a token that is fetched', () => {
  /** Gives these tokens, one after the other, and the last one again and again. */
  function fetching(...tokens: string[]) {
    const rejected: (string | undefined)[] = [];
    const authorize = async (token?: string) => {
      rejected.push(token);
      if (token !== undefined && tokens.length > 1) tokens.shift();
      return { url: `${server.url}/stream/shop`, token: tokens[0]! };
    };
    return { authorize, rejected };
  }

  it('is replaced at once when the server refuses it', async () => {
    const { authorize, rejected } = fetching('old', 'new');
    const { stream, problems, waits } = setUp({ authorize });
    stream.start();
    const first = await server.next();
    expect(first.request.headers.authorization).toBe('Bearer old');
    first.refuse(401);
    const second = await open(server.next());
    expect(second.request.headers.authorization).toBe('Bearer new');
    expect(rejected).toEqual([undefined, 'old']);
    expect({ problems, waits: waits() }).toEqual({ problems: [], waits: [] });
  });

  it('that is refused and cannot be replaced is reported, and tried again slowly', async () => {
    const { authorize } = fetching('old');
    const { stream, problems, nextWait } = setUp({ authorize });
    stream.start();
    (await server.next()).refuse(401);
    expect((await nextWait(1)).retryInMs).toBe(10_000);
    expect(problems).toMatchObject([{ code: 'bad_token' }]);
    await open(server.next());
  });

  it('that cannot be fetched is an outage, or what its server says', async () => {
    let answer: () => Promise<never> = () => Promise.reject(new Error('no answer'));
    const { stream, states, problems, clock } = setUp({ authorize: () => answer() });
    stream.start();
    await until(() => states.length === 1);
    expect(states).toMatchObject([{ name: 'waiting', reason: 'no answer', retryInMs: 1_000 }]);
    await clock.advance(1_000);
    expect(states[1]).toMatchObject({ retryInMs: 2_000 });
    const problem = { code: 'missing_scope', message: 'The key lacks a scope.', advice: 'Add it.' };
    answer = () => Promise.resolve({ kind: 'refused', problem } as never);
    await clock.advance(2_000);
    await until(() => problems.length === 1);
    expect(problems).toEqual([problem]);
    expect(server.count()).toBe(0);
  });
});
