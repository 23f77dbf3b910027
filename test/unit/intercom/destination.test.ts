import { OtherWorkspaceError } from '../../../core/delivery/destination';
import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import { createIntercomDestination, findOwnNote } from '../../../core/intercom/destination';
import { htmlWords, textToHtml } from '../../../core/text/html';
import { createIntercomPair } from '../../support/intercom';

// What only Intercom's destination does; test/unit/delivery/destination.test.ts has the promises of every destination.

type Pair = Awaited<ReturnType<typeof createIntercomPair>>;
let pair: Pair;
beforeEach(async () => void (pair = await createIntercomPair()));
afterEach(() => pair.simulator.close());

const REPLY = { method: 'POST', path: /reply$/ };
const REDACT = { method: 'POST', path: /redact$/ };
const PART_NOT_FOUND = {
  kind: 'status' as const,
  status: 404,
  code: 'conversation_part_or_message_not_found',
};
const text =
  'session_id: s\ntimestamp: 2024-01-15 12:34:50 UTC\n\n[1] User clicked <b>Sign & go</b>';
const note = (fields = {}) => ({
  conversationId: pair.conversationId,
  text,
  since: Date.now(),
  otherNoteIds: [],
  ...fields,
});
const notes = () =>
  pair.simulator
    .conversation(pair.conversationId)
    .parts.filter(({ part_type }) => part_type === 'note');

describe('posting a note', () => {
  it('shows a button’s markup as text', async () => {
    pair.simulator.visitorReplies(pair.conversationId, 'Anybody there?');
    await pair.destination.post(note());
    expect(notes()[0]?.body).toContain('[1] User clicked &lt;b&gt;Sign &amp; go&lt;/b&gt;');
    expect(pair.simulator.journal.violations).toEqual([]);
  });

  it('gives each of several notes at once its own id, in whatever order Intercom lists them', async () => {
    const ids = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => pair.destination.post(note({ text: `${text} ${n}` }))),
    );
    const bodies = ids.map((id) => notes().find((one) => one.id === id)?.body ?? '');
    expect(bodies.map((body) => htmlWords(body).slice(-1))).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('tells two notes with the same words apart by the ids it knows', async () => {
    const first = await pair.destination.post(note());
    const second = await pair.destination.post(note({ otherNoteIds: [first] }));
    expect(new Set([first, second, ...notes().map(({ id }) => id)]).size).toBe(2);
  });

  it('finds a note although the clocks are half an hour apart', async () => {
    pair.simulator.faults.add({ match: REPLY, effect: { kind: 'cut-after' } });
    const sought = note({ since: Date.now() + 30 * 60_000 });
    await expect(pair.destination.post(sought)).rejects.toThrow(OutcomeUnknownError);
    expect([await pair.destination.find(sought)]).toEqual(notes().map(({ id }) => id));
  });

  it('reports when it is not certain which of several notes was posted', async () => {
    const doubts: unknown[] = [];
    const destination = createIntercomDestination(pair.api, {
      author: async () => pair.adminId,
      onDoubt: (...doubt) => void doubts.push(doubt),
    });
    await destination.post(note());
    expect(doubts).toEqual([]);
    const second = await destination.post(note());
    expect(second).toBe(notes()[1]?.id);
    expect(doubts).toEqual([['alike', pair.conversationId]]);
  });

  it('asks for its author when a note is posted, not before', async () => {
    const author = () => Promise.reject(new OutcomeUnknownError('Intercom', 'no answer'));
    const destination = createIntercomDestination(pair.api, { author });
    await expect(destination.post(note())).rejects.toThrow('no answer');
    expect(pair.simulator.journal.requests).toEqual([]);
  });

  // Intercom has used both for an author who left.
  it.each(['admin_not_found', 'not_found'])(
    'does not take a missing author for a missing conversation: %s',
    async (code) => {
      const effect = { kind: 'status' as const, status: 404, code, message: 'Admin not found' };
      pair.simulator.faults.add({ match: REPLY, effect });
      await expect(pair.destination.post(note())).rejects.toThrow(
        new ServiceError('Intercom', 404, code, 'Admin not found'),
      );
    },
  );

  it('leaves open whether a conversation is gone while Intercom does not answer that', async () => {
    const missing = { kind: 'status' as const, status: 404, code: 'not_found' };
    pair.simulator.faults.add({ match: REPLY, effect: missing });
    const effect = { kind: 'status' as const, status: 503 };
    pair.simulator.faults.add({ match: { method: 'GET' }, times: Infinity, effect });
    await expect(pair.destination.post(note())).rejects.toThrow(ServiceError);
  });
});

describe('a memory that several workspaces share', () => {
  const owner = (workspace: string | null) => {
    const me = { id: '1', name: 'Ada', email: '', workspace };
    return { known: () => undefined, ask: async () => me };
  };
  const destinationOf = (workspace: string | null) =>
    createIntercomDestination(pair.api, {
      author: async () => pair.adminId,
      owner: owner(workspace),
    });

  it.each(['find', 'post'] as const)(
    'asks Intercom nothing to %s a note of another workspace',
    async (method) => {
      const foreign = note({ chat: 'intercom:other' });
      await expect(destinationOf('own')[method](foreign)).rejects.toThrow(OtherWorkspaceError);
      expect(pair.simulator.journal.requests).toEqual([]);
    },
  );

  it.each([
    ['its own workspace', 'own', 'intercom:own'],
    ['no workspace', 'own', 'intercom'],
    ['any workspace, where Intercom does not name the token’s', null, 'intercom:other'],
  ])('posts a note whose link names %s', async (_, workspace, chat) => {
    await destinationOf(workspace).post(note({ chat }));
    expect(notes()).toHaveLength(1);
  });
});

describe('redacting a note', () => {
  it('reports that a note is not there', async () => {
    expect(await pair.destination.redact(pair.conversationId, '12345')).toBe(false);
  });

  it('counts a note as redacted that the conversation shows as blank, though Intercom does not find it', async () => {
    const id = (await pair.destination.post(note())) ?? '';
    await pair.destination.redact(pair.conversationId, id);
    pair.simulator.faults.add({ match: REDACT, effect: PART_NOT_FOUND });
    expect(await pair.destination.redact(pair.conversationId, id)).toBe(true);
  });

  it.each([
    [404, 'conversation_part_or_message_not_found'],
    [400, 'conversation_part_not_redactable'],
  ])('does not believe a %d %s of a note that the conversation shows', async (status, code) => {
    const id = (await pair.destination.post(note())) ?? '';
    pair.simulator.faults.add({ match: REDACT, effect: { kind: 'status', status, code } });
    await expect(pair.destination.redact(pair.conversationId, id)).rejects.toThrow(ServiceError);
  });

  it('counts a note as redacted that is older than all that Intercom shows', async () => {
    const code = 'conversation_part_not_redactable';
    pair.simulator.faults.add({ match: REDACT, effect: { kind: 'status', status: 400, code } });
    expect(await pair.destination.redact(pair.conversationId, '12345')).toBe(true);
  });
});

describe('finding our note among others', () => {
  const part = (id: string, fields = {}) => ({
    id,
    part_type: 'note',
    body: textToHtml(text),
    created_at: 1_700_000_000,
    author: { type: 'admin', id: '1' },
    ...fields,
  });
  const find = (...parts: Array<ReturnType<typeof part>>) =>
    findOwnNote({ id: 'c', conversation_parts: { conversation_parts: parts } }, '1', {
      html: textToHtml(text),
      since: 1_700_000_000_000,
      otherNoteIds: ['9'],
    });

  it.each([
    ['another author', { author: { type: 'admin', id: '2' } }],
    ['a message', { part_type: 'comment' }],
    ['other words', { body: '<p>hello</p>' }],
    ['redacted', { redacted: true }],
    ['much older', { created_at: 1_699_990_000 }],
    ['known to be another', { id: '9' }],
  ])('passes over a note: %s', (_, fields) => {
    expect(find(part('5', fields))).toBeNull();
  });

  it('takes the newest of several notes that fit, then the highest id', () => {
    const older = part('50', { created_at: 1_699_999_999 });
    expect(find(part('7'), older, part('12'), part('8'))).toBe('12');
  });

  it('recognises its words where an address became a link', () => {
    const html = textToHtml('see https://x.example, then');
    const body = '<p>see <a href="https://x.example">https://x.example</a>, then</p>';
    const found = findOwnNote(
      { id: 'c', conversation_parts: { conversation_parts: [part('5', { body })] } },
      '1',
      { html, since: 1_700_000_000_000, otherNoteIds: [] },
    );
    expect(found).toBe('5');
  });

  it.each([
    ['Wait … “done” — 5 €', 'Wait &hellip; &ldquo;done&rdquo; &mdash; 5&nbsp;&euro;'],
    ["It's <b> & more", 'It&apos;s &LT;b&GT; &amp more'],
    ['naïve ½ ≥ 3', 'na&iuml;ve &frac12; &ge; 3'],
    ['x &hellip; y', 'x &amp;hellip; y'],
  ])('recognises its words where characters became entities: %s', (text, html) => {
    const body = `<p>${html}</p>`;
    const found = findOwnNote(
      { id: 'c', conversation_parts: { conversation_parts: [part('5', { body })] } },
      '1',
      { html: textToHtml(text), since: 1_700_000_000_000, otherNoteIds: [] },
    );
    expect(found).toBe('5');
  });

  it('recognises its words in other markup', () => {
    const body =
      '<p class="x">session_id: s<br/>timestamp: 2024-01-15 12:34:50 UTC</p>\n<p>[1] User clicked &lt;b&gt;Sign &#38; go&lt;/b&gt;</p>';
    expect(find(part('5', { body }))).toBe('5');
  });
});
