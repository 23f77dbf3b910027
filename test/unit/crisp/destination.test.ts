import { isOwnFingerprint } from '../../../core/crisp/fingerprint';
import { ConversationGoneError } from '../../../core/delivery/destination';
import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import { createCrispPair } from '../../support/crisp';

type Pair = Awaited<ReturnType<typeof createCrispPair>>;
let pair: Pair;
beforeEach(async () => void (pair = await createCrispPair()));
afterEach(() => pair.simulator.close());

const SEND = { method: 'POST', path: /message$/ };
const text = 'session_id: s\ntimestamp: 2024-01-15 12:34:50 UTC\n\n[1] User clicked Save';
const post = (fields = {}) => ({
  conversationId: pair.conversationId,
  text,
  mayHaveLanded: false,
  since: Date.now(),
  otherNoteIds: [],
  ...fields,
});
const notes = () =>
  pair.simulator.conversation(pair.conversationId).messages.filter(({ type }) => type === 'note');
const sent = () => pair.simulator.journal.requests.filter(({ path }) => path.endsWith('/message'));

describe('posting a note', () => {
  it('writes what only operators see, as a bot, under an id that is known to be ours', async () => {
    const id = await pair.destination.postNote(post());
    expect(notes()).toMatchObject([
      { content: text, from: 'operator', automated: true, user: { nickname: 'Autoplay' } },
    ]);
    expect(id).toBe(String(notes()[0]?.fingerprint));
    expect(isOwnFingerprint(Number(id), pair.key)).toBe(true);
    expect(pair.simulator.journal.violations).toEqual([]);
  });

  it('shows a link in a page’s title as words', async () => {
    await pair.destination.postNote(post({ text: '[1] Opened [Win](https://evil.example)' }));
    expect(notes()[0]?.content).toBe('[1] Opened [Win] (https://evil.example)');
  });

  it('finds a note that landed although its answer was lost', async () => {
    pair.simulator.faults.add({ match: SEND, effect: { kind: 'reset-after' } });
    const note = post();
    await expect(pair.destination.postNote(note)).rejects.toThrow(OutcomeUnknownError);
    const id = await pair.destination.postNote({ ...note, mayHaveLanded: true });
    expect(notes().map(({ fingerprint }) => String(fingerprint))).toEqual([id]);
  });

  it('posts a note that had not landed', async () => {
    pair.simulator.faults.add({ match: SEND, effect: { kind: 'reset-before' } });
    const note = post();
    await expect(pair.destination.postNote(note)).rejects.toThrow(OutcomeUnknownError);
    await pair.destination.postNote({ ...note, mayHaveLanded: true });
    expect(notes()).toHaveLength(1);
  });

  it('looks far enough back in a busy conversation', async () => {
    const note = post();
    const id = await pair.destination.postNote(note);
    for (let n = 0; n < 90; n++) pair.simulator.visitorWrites(pair.conversationId, `Hello ${n}`);
    expect(await pair.destination.postNote({ ...note, mayHaveLanded: true })).toBe(id);
    expect(notes()).toHaveLength(1);
  });

  it('tells two notes with the same words apart', async () => {
    const first = await pair.destination.postNote(post({ since: 1 }));
    const second = await pair.destination.postNote(
      post({ since: 2, mayHaveLanded: true, otherNoteIds: [first] }),
    );
    expect(second).not.toBe(first);
    expect(notes()).toHaveLength(2);
  });

  it('does not take a page of somebody in between for an answer', async () => {
    const note = post();
    pair.simulator.faults.add({ match: SEND, effect: { kind: 'reset-before' } });
    await expect(pair.destination.postNote(note)).rejects.toThrow(OutcomeUnknownError);
    for (let n = 0; n < 50; n++) pair.simulator.visitorWrites(pair.conversationId, `Hello ${n}`);
    const effect = { kind: 'page' as const };
    // The list, then the message by its name.
    for (const path of [/messages$/, /message\/\d+$/]) {
      const mend = pair.simulator.faults.add({ match: { path }, times: Infinity, effect });
      const again = pair.destination.postNote({ ...note, mayHaveLanded: true });
      await expect(again).rejects.toThrow(OutcomeUnknownError);
      mend();
    }
    await pair.destination.postNote({ ...note, mayHaveLanded: true });
    expect(notes()).toHaveLength(1);
  });

  it.each([
    { kind: 'page' as const },
    { kind: 'cut-after' as const },
    { kind: 'reset-before' as const },
    { kind: '500-after' as const },
    { kind: 'hang' as const },
    { kind: 'status' as const, status: 503 },
  ])('leaves it to the caller what to do after $kind', async (effect) => {
    pair.simulator.faults.add({ match: SEND, effect });
    await expect(pair.destination.postNote(post())).rejects.toThrow(OutcomeUnknownError);
    expect(sent()).toHaveLength(1);
  });

  it.each([429, 420])('waits after a %d as told and then posts once', async (status) => {
    pair.simulator.faults.add({ match: SEND, effect: { kind: 'status', status, retryAfter: 7 } });
    await pair.destination.postNote(post());
    expect(notes()).toHaveLength(1);
    expect(Math.max(...pair.waits)).toBeGreaterThan(6_000);
  });

  it('takes an error that is told with status 200 for a refusal', async () => {
    const effect = { kind: 'status' as const, status: 200, code: 'invalid_data' };
    pair.simulator.faults.add({ match: SEND, effect });
    const failure = await pair.destination.postNote(post()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServiceError);
    expect(failure).toMatchObject({ service: 'Crisp', code: 'invalid_data' });
  });

  it('says that a conversation is gone', async () => {
    const gone = post({ conversationId: 'session_gone' });
    await expect(pair.destination.postNote(gone)).rejects.toThrow(ConversationGoneError);
  });

  it('does not take a missing website for a missing conversation', async () => {
    const effect = { kind: 'status' as const, status: 404, code: 'website_not_found' };
    pair.simulator.faults.add({ match: SEND, effect });
    await expect(pair.destination.postNote(post())).rejects.toThrow(ServiceError);
  });
});

describe('redacting a note', () => {
  it('removes exactly this one, and a second time does no harm', async () => {
    const id = await pair.destination.postNote(post({ text: 'one' }));
    await pair.destination.postNote(post({ text: 'two' }));
    await pair.destination.redactNote(pair.conversationId, id!);
    await pair.destination.redactNote(pair.conversationId, id!);
    expect(notes().map(({ removed = false }) => removed)).toEqual([true, false]);
  });

  it.each(['', 'undefined', '..', '../..', '1/2'])(
    'asks Crisp nothing about the id %j',
    async (id) => {
      await expect(pair.destination.redactNote(pair.conversationId, id)).rejects.toThrow(
        'no message',
      );
      expect(pair.simulator.journal.requests).toEqual([]);
    },
  );

  it.each([
    ['an answer that was lost', 'reset-after' as const],
    ['a page of somebody in between', 'page' as const],
  ])('tries again after %s', async (_, kind) => {
    const id = await pair.destination.postNote(post());
    pair.simulator.faults.add({ match: { method: 'DELETE' }, effect: { kind } });
    await pair.destination.redactNote(pair.conversationId, id!);
    expect(notes()[0]?.removed).toBe(true);
  });
});
