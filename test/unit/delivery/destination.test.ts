import {
  ConversationGoneError,
  type Destination,
  type Note,
} from '../../../core/delivery/destination';
import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import type { Effect, Faults } from '../../../simulators/http/faults';
import { createCrispPair } from '../../support/crisp';
import { createIntercomPair } from '../../support/intercom';

// What every destination promises, whatever its chat product is. What differs has a test of its own in the product's folder.

interface Subject {
  destination: Destination;
  conversationId: string;
  faults: Faults;
  /** How long the client has waited, in milliseconds. */
  waits: number[];
  /** Requests so far, as `POST /path`. */
  requests(): string[];
  /** Ids of the notes that the conversation shows, without those that were taken back. */
  notes(): string[];
  close(): Promise<void>;
}

interface Product {
  name: string;
  create(): Promise<Subject>;
  /** The requests that post a note, and that take one back. */
  posting: RegExp;
  redacting: RegExp;
  missing: { conversationId: string };
}

const PRODUCTS: Product[] = [
  {
    name: 'Intercom',
    posting: /^POST .*reply$/,
    redacting: /^POST .*redact$/,
    missing: { conversationId: '404' },
    async create() {
      const { simulator, ...pair } = await createIntercomPair();
      const parts = () => simulator.conversation(pair.conversationId).parts;
      const standing = () =>
        parts().filter(({ part_type, redacted }) => part_type === 'note' && !redacted);
      return subject(simulator, pair, () => standing().map(({ id }) => id));
    },
  },
  {
    name: 'Crisp',
    posting: /^POST .*message$/,
    redacting: /^DELETE /,
    missing: { conversationId: 'session_gone' },
    async create() {
      const { simulator, ...pair } = await createCrispPair();
      const messages = () => simulator.conversation(pair.conversationId).messages;
      const standing = () => messages().filter(({ type, removed }) => type === 'note' && !removed);
      return subject(simulator, pair, () =>
        standing().map(({ fingerprint }) => String(fingerprint)),
      );
    },
  },
];

function subject(
  simulator: {
    faults: Faults;
    journal: { requests: ReadonlyArray<{ method: string; path: string }> };
    close(): Promise<void>;
  },
  pair: Pick<Subject, 'destination' | 'conversationId' | 'waits'>,
  notes: () => string[],
): Subject {
  return {
    ...pair,
    notes,
    faults: simulator.faults,
    requests: () => simulator.journal.requests.map(({ method, path }) => `${method} ${path}`),
    close: () => simulator.close(),
  };
}

describe.each(PRODUCTS)('a destination in $name', ({ create, posting, redacting, missing }) => {
  let chat: Subject;
  beforeEach(async () => void (chat = await create()));
  afterEach(() => chat.close());

  const note = (fields: Partial<Note> = {}): Note => ({
    conversationId: chat.conversationId,
    text: 'session_id: s\ntimestamp: 2024-01-15 12:34:50 UTC\n\n[1] User clicked Save',
    since: Date.now(),
    otherNoteIds: [],
    ...fields,
  });
  const match = (request: RegExp) => {
    const [method = '', path = ''] = request.source.slice(1).split(' ');
    return { method, path: new RegExp(path) };
  };
  const failPosting = (effect: Effect) => chat.faults.add({ match: match(posting), effect });
  const requestsOf = (kind: RegExp) => chat.requests().filter((request) => kind.test(request));

  it('gives the id of the note that it posted', async () => {
    const id = await chat.destination.post(note());
    expect(chat.notes()).toEqual([id]);
  });

  it('finds a posted note by the same id, and none that was never posted', async () => {
    const sought = note();
    expect(await chat.destination.find(sought)).toBeUndefined();
    const id = await chat.destination.post(sought);
    expect(await chat.destination.find(sought)).toBe(id);
    expect(requestsOf(posting)).toHaveLength(1);
  });

  it('finds a note that was posted although the answer was lost', async () => {
    failPosting({ kind: 'reset-after' });
    const sought = note();
    await expect(chat.destination.post(sought)).rejects.toThrow(OutcomeUnknownError);
    expect([await chat.destination.find(sought)]).toEqual(chat.notes());
  });

  it('finds nothing where the request was lost', async () => {
    failPosting({ kind: 'reset-before' });
    const sought = note();
    await expect(chat.destination.post(sought)).rejects.toThrow(OutcomeUnknownError);
    expect(await chat.destination.find(sought)).toBeUndefined();
  });

  it('does not find a note that is known to be another, although it has the same words', async () => {
    const first = await chat.destination.post(note({ since: Date.now() - 2 }));
    expect(await chat.destination.find(note({ otherNoteIds: [first!] }))).toBeUndefined();
  });

  it('leaves open whether a note is there when a proxy answers with a page', async () => {
    const sought = note();
    const id = await chat.destination.post(sought);
    const effect = { kind: 'page' as const };
    const mend = chat.faults.add({ match: { method: 'GET' }, times: Infinity, effect });
    await expect(chat.destination.find(sought)).rejects.toThrow(OutcomeUnknownError);
    mend();
    expect(await chat.destination.find(sought)).toBe(id);
  });

  it.each<Effect>([
    { kind: 'page' },
    { kind: 'cut-after' },
    { kind: 'reset-before' },
    { kind: '500-after' },
    { kind: 'hang' },
    { kind: 'status', status: 503 },
  ])('posts once and reports an unknown outcome after $kind', async (effect) => {
    failPosting(effect);
    await expect(chat.destination.post(note())).rejects.toThrow(OutcomeUnknownError);
    expect(requestsOf(posting)).toHaveLength(1);
  });

  it('waits as long as a 429 asks and then posts once', async () => {
    failPosting({ kind: 'status', status: 429, retryAfter: 7 });
    await chat.destination.post(note());
    expect(chat.notes()).toHaveLength(1);
    expect(Math.max(...chat.waits)).toBeGreaterThan(6_000);
  });

  it('posts nothing when the check right before it fails', async () => {
    const refuse = () => Promise.reject(new Error('not any more'));
    await expect(chat.destination.post(note(), refuse)).rejects.toThrow('not any more');
    expect(chat.requests()).toEqual([]);
  });

  it('reports a refusal with the product’s status and code', async () => {
    failPosting({ kind: 'status', status: 401, code: 'unauthorized' });
    await expect(chat.destination.post(note())).rejects.toMatchObject({
      constructor: ServiceError,
      status: 401,
      code: 'unauthorized',
    });
  });

  it('reports that the conversation is gone, whatever is asked of it', async () => {
    const { find, post, redact } = chat.destination;
    const { conversationId } = missing;
    await expect(post(note({ conversationId }))).rejects.toThrow(ConversationGoneError);
    await expect(find(note({ conversationId }))).rejects.toThrow(ConversationGoneError);
    await expect(redact(conversationId, '123456789012345')).rejects.toThrow(ConversationGoneError);
  });

  it('takes back exactly one note, and a second time does no harm', async () => {
    const first = await chat.destination.post(note({ text: 'one' }));
    const second = await chat.destination.post(note({ text: 'two' }));
    expect(await chat.destination.redact(chat.conversationId, first!)).toBe(true);
    expect(await chat.destination.redact(chat.conversationId, first!)).toBe(true);
    expect(chat.notes()).toEqual([second]);
  });

  it.each<Effect>([{ kind: 'reset-after' }, { kind: 'page' }])(
    'repeats a redaction after $kind',
    async (effect) => {
      const id = await chat.destination.post(note());
      chat.faults.add({ match: match(redacting), effect });
      expect(await chat.destination.redact(chat.conversationId, id!)).toBe(true);
      expect(chat.notes()).toEqual([]);
    },
  );
});
