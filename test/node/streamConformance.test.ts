import { fetchOverHelper, type HelperFunction } from '../../core/http/fetchOverHelper';
import type { Problem } from '../../core/stream/problems';
import { createStream, type StreamState } from '../../core/stream/stream';
import { createFakeClock } from '../support/fakeClock';
import '../support/n8nCore';
import { createSseServer, type Exchange, type SseServer } from '../support/sseServer';
import { until } from '../support/until';

// What two public suites expect of a reader of server-sent events, over real sockets and n8n's own HTTP
// helper: the Web Platform Tests' `eventsource` folder (WPT) and LaunchDarkly's `sse-contract-tests` (LD).

let server: SseServer;
let helper: HelperFunction;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const { ExecuteContext, TriggerContext } = await import('n8n-core');
  expect(ExecuteContext).toBeDefined();
  const context = new TriggerContext({} as never, {} as never, {} as never, 'trigger', 'activate');
  helper = context.helpers.httpRequest as HelperFunction;
});

beforeEach(async () => {
  server = await createSseServer();
});

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
  await server.close();
});

function setUp() {
  const clock = createFakeClock();
  const frames: string[] = [];
  const problems: Problem[] = [];
  const states: StreamState[] = [];
  const stream = createStream({
    url: `${server.url}/stream/shop`,
    token: 'uk_live_1',
    fetch: fetchOverHelper(helper),
    clock,
    random: () => 0,
    onFrame: (text) => frames.push(text),
    onState: (state) => states.push(state),
    onProblem: (problem) => problems.push(problem),
  });
  cleanups.push(() => stream.stop());
  stream.start();

  let sent = 0;
  /** Sends a piece once the one before has been read, so that it arrives as a piece of its own. */
  async function send({ response }: Exchange, piece: string | Buffer): Promise<void> {
    await until(() => stream.stats().bytes === sent);
    response.write(piece);
    sent += Buffer.byteLength(piece);
  }
  /** Ends the connection and lets the next one begin. @returns the wait between the two */
  async function reconnect({ response }: Exchange): Promise<number> {
    await until(() => stream.stats().bytes === sent);
    const before = states.length;
    response.destroy();
    await until(() => states.length > before);
    const last = states.at(-1)!;
    const wait = last.name === 'waiting' ? last.retryInMs : Number.NaN;
    await clock.advance(wait);
    return wait;
  }
  return { clock, stream, frames, problems, states, send, reconnect };
}

async function open(headers?: Record<string, string>): Promise<Exchange> {
  const exchange = await server.next();
  exchange.open(headers);
  return exchange;
}

/** The unnamed events of a stream that brings these bytes in pieces of this size and then ends. */
async function receive(
  bytes: Buffer,
  size: number,
  headers?: Record<string, string>,
): Promise<string[]> {
  const { frames, states, send } = setUp();
  const exchange = await open(headers);
  for (let at = 0; at < bytes.length; at += size) {
    await send(exchange, bytes.subarray(at, at + size));
  }
  exchange.response.end();
  await until(() => states.at(-1)?.name === 'waiting');
  return frames;
}

const LONG = 'x'.repeat(2_048);
const BOM = '\uFEFF';

type Case = [name: string, stream: string, events: string[]];

const WPT: Case[] = [
  ['a byte order mark counts at the very start alone', `${BOM}data:1\n\n${BOM}data:2\n\ndata:3\n\n`, ['1', '3']], // prettier-ignore
  ['a second mark belongs to the first line', `${BOM}${BOM}data:1\n\ndata:2\n\n`, ['2']],
  [
    'comments of any length stand between the lines of an event',
    `data:1\r:\0\n:\r\ndata:2\n:${LONG}\rdata:3\n:data:fail\r:${LONG}\ndata:4\n\n`,
    ['1\n2\n3\n4'],
  ],
  ['an event without its empty line never came', 'retry:1000\ndata:test1\n\nid:test\ndata:test2', ['test1']], // prettier-ignore
  ['an event without its last line break never came', 'data:test1\n\ndata:test2\n', ['test1']],
  ['empty data are an event, and no data are none', 'data:\n\ndata\ndata\n\n:x\n\ndata:test\n\n', ['', '\n', 'test']], // prettier-ignore
  ['an event of another name is not an activity', 'event:test\ndata:x\n\ndata:y\n\n', ['y']],
  ['an empty name is none', 'event: \ndata:data\n\n', ['data']],
  ['a name belongs to one event, with data or without', 'event:test\n\ndata:y\n\n', ['y']],
  ['the name message is the usual one', 'event:message\ndata:x\n\n', ['x']],
  [
    'field names are taken literally',
    'data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n',
    ['\0\n 2\n1\n3\n\n4'],
  ],
  [
    'unknown fields and lines without a colon are passed over',
    'data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n',
    ['test\n\ntest'],
  ],
  ['one space after the colon is none', 'data:\ttest\rdata: \ndata:test\n\n', ['\ttest\n\ntest']],
  ['line breaks may be mixed', 'data:test\r\ndata\ndata:test\r\n\r', ['test\n\ntest']],
  ['a null character is data', 'data:\0\n\n\n\n', ['\0']],
  ['an id with a null character costs no event', 'id:a\0b\ndata:x\n\n', ['x']],
  ['an id alone is no event', 'id:1\n\ndata:x\n\n', ['x']],
  ['a bogus or empty retry costs no event', 'retry:1000x\nretry\nretry:-1\ndata:x\n\n', ['x']],
  ['text is UTF-8', 'data:ok…\n\n', ['ok…']],
];

const LD_TERMINATED: Case[] = [
  ['one line', 'data: event 1\n\n', ['event 1']],
  ['one line, then two', 'data: 1\n\ndata: 2 a\ndata: 2 b\n\n', ['1', '2 a\n2 b']],
  ['an empty line at the beginning', 'data:\ndata: 2\ndata: 3\n\n', ['\n2\n3']],
  ['an empty line in the middle', 'data: 1\ndata:\ndata: 3\n\n', ['1\n\n3']],
  ['one empty line too many', 'data: 1\n\n\ndata: 2\n\n', ['1', '2']],
  ['two empty lines too many', 'data: 1\n\n\n\ndata: 2\n\n', ['1', '2']],
];

const TERMINATORS: Array<[string, string]> = [
  ['LF', '\n'],
  ['CR', '\r'],
  ['CRLF', '\r\n'],
];

const LD: Case[] = [
  ...TERMINATORS.flatMap(([of, terminator]) =>
    LD_TERMINATED.map(([name, stream, events]): Case => {
      return [`${name}, by ${of}`, stream.replaceAll('\n', terminator), events];
    }),
  ),
  ['two events in one piece', 'data: Hello\n\ndata: World\n\n', ['Hello', 'World']],
  ['fields in reverse order', 'data: Hello\nid: abc\nevent: message\n\n', ['Hello']],
  ['more than one leading space', 'data:  Hello\n\n', [' Hello']],
  ['characters of several bytes', 'data: €豆腐👋\n\n', ['€豆腐👋']],
  ['a mark before a comment', `${BOM}:comment\ndata: Hello\n\n`, ['Hello']],
  ['a mark before several lines', `${BOM}data: 1\ndata: 2\n\n`, ['1\n2']],
  ['a second mark inside the data', `${BOM}data: ${BOM}Hello\n\n`, [`${BOM}Hello`]],
  ['comments before and after', ':Hello\ndata: Hello\n\n:Hello\n:World\ndata: Bye\n\n', ['Hello', 'Bye']], // prettier-ignore
  [
    'many in rapid succession keep their order',
    Array.from({ length: 100 }, (_, n) => `data: message ${n}\n\n`).join(''),
    Array.from({ length: 100 }, (_, n) => `message ${n}`),
  ],
];

describe.each([
  ['in one piece', Infinity],
  ['byte by byte', 1],
  ['in twos', 2],
  ['in threes', 3],
])('what comes %s', (_how, size) => {
  it.each([...WPT, ...LD])('%s', async (_name, stream, events) => {
    const bytes = Buffer.from(stream);
    // A long one in small pieces takes long and shows nothing more.
    const piece = bytes.length > 500 ? Math.max(size, 97) : size;
    expect(await receive(bytes, piece)).toEqual(events);
  });
});

describe('bytes', () => {
  it('are UTF-8 whatever the charset says', async () => {
    const headers = { 'content-type': 'text/event-stream;charset=windows-1252' };
    expect(await receive(Buffer.from('data:ok…\n\n'), 1, headers)).toEqual(['ok…']);
  });

  it('that are no UTF-8 are replaced, and cost nothing else', async () => {
    const bytes = Buffer.concat([
      Buffer.from('data:a'),
      Buffer.from([0xff, 0xe2, 0x82]),
      Buffer.from('b\n\ndata:c\n\n'),
    ]);
    for (const size of [Infinity, 1]) {
      expect(await receive(bytes, size)).toEqual(['a\uFFFD\uFFFDb', 'c']);
    }
  });

  it('by the million are one event', async () => {
    const half = 'y'.repeat(5 * 1024 * 1024);
    const { frames, send } = setUp();
    const exchange = await open();
    await send(exchange, `data: ${half}`);
    await send(exchange, `${half}\n\ndata: next\n\n`);
    await until(() => frames.length === 2);
    expect(frames[0] === half + half).toBe(true);
    expect(frames[1]).toBe('next');
  });
});

describe('the request', () => {
  it('is a GET for an event stream that no cache may answer, without an id at first', async () => {
    setUp();
    const { request } = await open();
    expect(request.method).toBe('GET');
    expect(request.headers).toMatchObject({
      accept: 'text/event-stream',
      'cache-control': 'no-cache',
    });
    expect(request.headers).not.toHaveProperty('last-event-id');
  });

  it.each([301, 302, 303, 307, 308])('follows a redirect with %i', async (status) => {
    const { frames, send } = setUp();
    (await server.next()).refuse(status, { location: '/moved' });
    const exchange = await open();
    expect(exchange.request).toMatchObject({ method: 'GET', url: '/moved' });
    await send(exchange, 'data: hello\n\n');
    await until(() => frames.length === 1);
  });

  it.each([301, 302, 307])('is sent once where %i leads nowhere', async (status) => {
    for (const headers of [{}, { location: '' }] as Record<string, string>[]) {
      const { states, problems, stream } = setUp();
      const before = server.count();
      (await server.next()).refuse(status, headers);
      await until(() => states.length === 1 || server.count() > before + 1);
      expect(problems).toHaveLength(1);
      await stream.stop();
    }
  });
});

describe('the answer', () => {
  it.each([
    'text/event-stream;',
    'text/event-stream; bogus',
    'text/event-stream;charset=windows-1252',
    'TEXT/Event-Stream',
  ])('of type %j is a stream', async (type) => {
    expect(await receive(Buffer.from('data:ok\n\n'), 100, { 'content-type': type })).toEqual([
      'ok',
    ]);
  });

  it.each(['text/x-bogus', 'x bogus', 'text/event-stream-x', 'text/event-stream bogus'])(
    'of type %j is none',
    async (type) => {
      const { frames, problems } = setUp();
      const { response } = await server.next();
      response.writeHead(200, { 'content-type': type }).end('data: data\n\n');
      await until(() => problems.length === 1);
      expect(frames).toEqual([]);
    },
  );

  it.each([204, 205, 210, 299, 404, 410, 503])('of status %i is none', async (status) => {
    const { frames, states } = setUp();
    const { response } = await server.next();
    response.writeHead(status, { 'content-type': 'text/event-stream' }).end('data: data\n\n');
    await until(() => states.at(-1)?.name === 'waiting');
    expect(frames).toEqual([]);
  });
});

describe('after a break', () => {
  it('what had come in part is discarded, with its id', async () => {
    const { frames, send, reconnect } = setUp();
    const first = await open();
    await send(first, 'id: abc\ndata: Hello\n\nid: def\ndata: Goodbye');
    await reconnect(first);
    const second = await open();
    expect(second.request.headers['last-event-id']).toBe('abc');
    await send(second, 'data: We meet again\n\n');
    await until(() => frames.length === 2);
    expect(frames).toEqual(['Hello', 'We meet again']);
  });

  it.each([
    ['the id of the last event', 'id: abc\ndata: a\n\n', 'abc'],
    ['an id that a later event did not repeat', 'id: abc\ndata: a\n\ndata: b\n\n', 'abc'],
    ['the id of an event of another name', 'id: abc\nevent: heartbeat\ndata:\n\n', 'abc'],
    ['an id in UTF-8', 'id: …\ndata: a\n\n', Buffer.from('…').toString('latin1')],
    ['nothing after an empty id', 'id: abc\ndata: a\n\nid\ndata: b\n\n', undefined],
    ['nothing of an id with a null character', 'id: a\0b\ndata: a\n\n', undefined],
    ['nothing of an id that no header can hold', 'id: a\x01b\ndata: a\n\n', undefined],
    ['nothing of an id that no server would take', `id: ${LONG}\ndata: a\n\n`, undefined],
  ])('the next request names %s', async (_what, stream, id) => {
    const { send, reconnect } = setUp();
    const first = await open();
    await send(first, stream);
    await reconnect(first);
    expect((await open()).request.headers['last-event-id']).toBe(id);
  });

  it('the id goes along until there is another', async () => {
    const { send, reconnect } = setUp();
    const first = await open();
    await send(first, 'id: abc\ndata: a\n\n');
    await reconnect(first);
    const second = await open();
    await send(second, 'data: b\n\n');
    await reconnect(second);
    const third = await open();
    expect(third.request.headers['last-event-id']).toBe('abc');
  });

  // A browser would obey. Here the waits are ours: no server may have itself asked without a pause.
  it.each(['retry: 0', 'retry: 86400000', 'retry: 1000x', 'retry'])(
    'the wait is a second, whatever %j says',
    async (field) => {
      const { send, reconnect } = setUp();
      const first = await open();
      await send(first, `${field}\ndata: a\n\n`);
      expect(await reconnect(first)).toBe(1_000);
    },
  );
});
