import { isOwnFingerprint } from '../../../core/crisp/fingerprint';
import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import { createCrispPair } from '../../support/crisp';

// What only Crisp's destination does; test/unit/delivery/destination.test.ts has the promises of every destination.

type Pair = Awaited<ReturnType<typeof createCrispPair>>;
let pair: Pair;
beforeEach(async () => void (pair = await createCrispPair()));
afterEach(() => pair.simulator.close());

const SEND = { method: 'POST', path: /message$/ };
const text = 'session_id: s\ntimestamp: 2024-01-15 12:34:50 UTC\n\n[1] User clicked Save';
const note = (fields = {}) => ({
  conversationId: pair.conversationId,
  text,
  since: Date.now(),
  otherNoteIds: [],
  ...fields,
});
const notes = () =>
  pair.simulator.conversation(pair.conversationId).messages.filter(({ type }) => type === 'note');
const chatter = (messages: number) => {
  for (let n = 0; n < messages; n++)
    pair.simulator.visitorWrites(pair.conversationId, `Hello ${n}`);
};

it('posts a note that only operators see, as a bot, under an id that proves it is ours', async () => {
  const id = await pair.destination.post(note());
  expect(notes()).toMatchObject([
    { content: text, from: 'operator', automated: true, user: { nickname: 'Autoplay' } },
  ]);
  expect(isOwnFingerprint(Number(id), pair.key)).toBe(true);
  expect(pair.simulator.journal.violations).toEqual([]);
});

it('shows a link in a page’s title as words', async () => {
  await pair.destination.post(note({ text: '[1] Opened [Win](https://evil.example)' }));
  expect(notes()[0]?.content).toBe('[1] Opened [Win] (https://evil.example)');
});

it('finds a note far back in a busy conversation', async () => {
  const sought = note();
  const id = await pair.destination.post(sought);
  chatter(90);
  expect(await pair.destination.find(sought)).toBe(id);
});

it('posts two notes with the same words under two ids', async () => {
  const first = await pair.destination.post(note({ since: 1 }));
  expect(await pair.destination.find(note({ since: 2 }))).toBeUndefined();
  expect(await pair.destination.post(note({ since: 2 }))).not.toBe(first);
});

it.each([/messages$/, /message\/\d+$/])(
  'does not take a page in place of %s for an answer when it looks far back',
  async (path) => {
    const sought = note();
    await pair.destination.post(sought);
    chatter(50);
    const effect = { kind: 'page' as const };
    pair.simulator.faults.add({ match: { path }, times: Infinity, effect });
    await expect(pair.destination.find(sought)).rejects.toThrow(OutcomeUnknownError);
  },
);

it('waits as long as a 420, Crisp’s second status for too many calls, asks', async () => {
  const effect = { kind: 'status' as const, status: 420, retryAfter: 7 };
  pair.simulator.faults.add({ match: SEND, effect });
  await pair.destination.post(note());
  expect(notes()).toHaveLength(1);
  expect(Math.max(...pair.waits)).toBeGreaterThan(6_000);
});

it('takes an error that comes with status 200 for a refusal', async () => {
  const effect = { kind: 'status' as const, status: 200, code: 'invalid_data' };
  pair.simulator.faults.add({ match: SEND, effect });
  const failure = await pair.destination.post(note()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceError);
  expect(failure).toMatchObject({ service: 'Crisp', code: 'invalid_data' });
});

it('does not take a missing website for a missing conversation', async () => {
  const effect = { kind: 'status' as const, status: 404, code: 'website_not_found' };
  pair.simulator.faults.add({ match: SEND, effect });
  await expect(pair.destination.post(note())).rejects.toThrow(ServiceError);
});

it.each(['', 'undefined', '..', '../..', '1/2'])(
  'sends no request for the note id %j, which is none',
  async (id) => {
    await expect(pair.destination.redact(pair.conversationId, id)).rejects.toThrow('no message');
    expect(pair.simulator.journal.requests).toEqual([]);
  },
);
