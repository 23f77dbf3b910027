import fc from 'fast-check';
import { isFromConnector, readPush } from '../../../core/push/push';
import { pushHeaders } from '../../../simulators/connector';

const SECRET = 'a-long-random-secret';
const body = Buffer.from('{"type":"actions","session_id":"s","actions":[{"title":"Ä"}]}');
const lower = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
const right = lower(pushHeaders(body, SECRET));

describe('whether a push is genuine', () => {
  it('it is with the bearer token and the signature of the raw body', () => {
    expect(isFromConnector(right, body, SECRET)).toBe(true);
    const loud = {
      authorization: `bearer  ${SECRET}`,
      'x-connector-signature': ` ${right['x-connector-signature']!.toUpperCase()}`,
    };
    expect(isFromConnector(loud, body, SECRET)).toBe(true);
  });

  const signature = 'x-connector-signature';
  it.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['no bearer token', { [signature]: right[signature] }],
    ['no signature', { authorization: right.authorization }],
    ['another bearer token', { ...right, authorization: 'Bearer other' }],
    ['another scheme', { ...right, authorization: `Basic ${SECRET}` }],
    ['the secret alone', { ...right, authorization: SECRET }],
    ['another secret', lower(pushHeaders(body, 'other'))],
    ['the signature of another body', lower(pushHeaders('{}', SECRET))],
    ['a signature without its name', { ...right, [signature]: right[signature]!.slice(7) }],
    ['another algorithm', { ...right, [signature]: right[signature]!.replace('256', '1') }],
    ['a signature outside ASCII', { ...right, [signature]: 'sha256=é' }],
    ['two signatures', { ...right, [signature]: [right[signature], right[signature]] }],
  ])('it is not with %s', (_, headers) => {
    expect(isFromConnector(headers, body, SECRET)).toBe(false);
  });

  it('it never is if no secret is set, whatever it is signed with', () => {
    expect(isFromConnector(lower(pushHeaders(body, '')), body, '')).toBe(false);
    expect(isFromConnector({ ...right, authorization: 'Bearer ' }, body, '')).toBe(false);
  });

  it('it is not if a single byte of the body differs', () => {
    const other = Buffer.from(body);
    other[other.length - 3]! ^= 1;
    expect(isFromConnector(right, other, SECRET)).toBe(false);
  });
});

describe('the body of a push', () => {
  const read = (value: unknown, at = 1_700_000_000) =>
    readPush(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), at);
  const ids = (value: unknown, at?: number) =>
    read(value, at).batches.flatMap(({ actions }) => actions.map(({ action_id }) => action_id));

  it('gives one batch per session, as a frame of the stream does', () => {
    const { batches, skipped } = read({
      type: 'actions',
      product_id: 'p',
      session_id: 's',
      forwarded_at: 5,
      actions: [{ title: 'A' }, { title: 'B', session_id: 't' }],
    });
    expect(skipped).toEqual({});
    expect(batches.map(({ session_id, count }) => [session_id, count])).toEqual([
      ['s', 1],
      ['t', 1],
    ]);
  });

  it('gives the same ids when it is repeated, whatever it leaves out', () => {
    const bare = { type: 'actions', session_id: 's', actions: [{ title: 'A' }, { title: 'A' }] };
    expect(ids(bare, 1)).toEqual(ids(bare, 2));
    expect(new Set(ids(bare)).size).toBe(2);
    // The same as the stream’s, so that a product may change from one to the other.
    expect(ids({ ...bare, user_id: 'u' })).not.toEqual(ids(bare));
    const timed = { ...bare, forwarded_at: 5 };
    expect(ids({ ...timed, user_id: 'u' }, 2)).toEqual(ids(timed, 1));
  });

  it.each<[string, string | Buffer, string]>([
    ['broken JSON', '{broken', 'broken_json'],
    ['nothing', '', 'broken_json'],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe]), 'broken_json'],
    ['a list', '[]', 'not_an_object'],
    ['a list as deep as it gets', `${'['.repeat(1e6)}${']'.repeat(1e6)}`, 'not_an_object'],
    ['an unknown type', '{"type":"usertour_trigger"}', 'unknown_type'],
    ['a type in the prototype', '{"__proto__":{"type":"actions","actions":[]}}', 'unknown_type'],
    ['nobody’s actions', '{"type":"actions","actions":[{"title":"A"}]}', 'no_session'],
  ])('is counted and skipped if it is %s', (_, text, reason) => {
    expect(readPush(Buffer.from(text), 1)).toEqual({ batches: [], skipped: { [reason]: 1 } });
    expect(Object.prototype).not.toHaveProperty('type');
  });

  it('never makes the parser throw, and gives only valid batches', () => {
    const awkward = fc.oneof(
      fc.json(),
      fc.record({
        type: fc.constantFrom('actions', 'summary', '__proto__'),
        session_id: fc.anything(),
        actions: fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
        ['__proto__']: fc.jsonValue(),
      }),
    );
    const text = awkward.map((value) => (typeof value === 'string' ? value : safeJson(value)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), text), (given) => {
        const { batches } = readPush(Buffer.from(given as string), 1);
        for (const { session_id, actions, count } of batches) {
          expect([typeof session_id, actions.length]).toEqual(['string', count]);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  it('may begin with a byte order mark and contain bytes that are no UTF-8', () => {
    const text = '\uFEFF{"type":"actions","session_id":"s","actions":[{"title":"?"}]}';
    const bytes = Buffer.from(text);
    bytes[bytes.indexOf('?')] = 0xff;
    expect(readPush(bytes, 1).batches[0]?.actions[0]?.title).toBe('\uFFFD');
  });
});

/** What cannot be said in JSON is left out, as a connector would. */
function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'bigint' ? Number(part) : part,
    );
  } catch {
    return '{}';
  }
}
