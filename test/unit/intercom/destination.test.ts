import { ConversationGoneError } from '../../../core/delivery/destination';
import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import { createIntercomDestination, findOwnNote } from '../../../core/intercom/destination';
import { htmlWords, textToHtml } from '../../../core/text/html';
import { createIntercomPair } from '../../support/intercom';

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
const post = (fields = {}) => ({
  conversationId: pair.conversationId,
  text,
  mayHaveLanded: false,
  since: Date.now(),
  otherNoteIds: [],
  ...fields,
});
const notes = () =>
  pair.simulator
    .conversation(pair.conversationId)
    .parts.filter(({ part_type }) => part_type === 'note');

describe('posting a note', () => {
  it('shows a button’s markup as text and gives the id of the very note', async () => {
    pair.simulator.visitorReplies(pair.conversationId, 'Anybody there?');
    const id = await pair.destination.postNote(post());
    const [note] = notes();
    expect(id).toBe(note?.id);
    expect(note?.body).toContain('[1] User clicked &lt;b&gt;Sign &amp; go&lt;/b&gt;');
    expect(pair.simulator.journal.violations).toEqual([]);
  });

  it('never takes somebody else’s note for its own, whatever order the parts come in', async () => {
    const ids = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => pair.destination.postNote(post({ text: `${text} ${n}` }))),
    );
    const bodies = ids.map((id) => notes().find((note) => note.id === id)?.body ?? '');
    expect(bodies.map((body) => htmlWords(body).slice(-1))).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('tells two notes with the same words apart by the ids it knows', async () => {
    const first = await pair.destination.postNote(post());
    const second = await pair.destination.postNote(post({ otherNoteIds: [first] }));
    expect(new Set([first, second, ...notes().map(({ id }) => id)]).size).toBe(2);
  });

  it('finds a note that landed although its answer was lost', async () => {
    pair.simulator.faults.add({ match: REPLY, effect: { kind: 'reset-after' } });
    await expect(pair.destination.postNote(post())).rejects.toThrow(OutcomeUnknownError);
    const id = await pair.destination.postNote(post({ mayHaveLanded: true }));
    expect(notes().map((note) => note.id)).toEqual([id]);
  });

  it('does not take a page of somebody in between for a conversation without the note', async () => {
    const id = await pair.destination.postNote(post());
    const asked = { match: { method: 'GET' }, times: Infinity, effect: { kind: 'page' as const } };
    const mend = pair.simulator.faults.add(asked);
    const again = () => pair.destination.postNote(post({ mayHaveLanded: true }));
    await expect(again()).rejects.toThrow(OutcomeUnknownError);
    mend();
    expect(await again()).toBe(id);
    expect(notes()).toHaveLength(1);
  });

  it('finds a note although the clocks are far apart', async () => {
    pair.simulator.faults.add({ match: REPLY, effect: { kind: 'cut-after' } });
    const since = Date.now() + 30 * 60_000;
    await expect(pair.destination.postNote(post({ since }))).rejects.toThrow(OutcomeUnknownError);
    await pair.destination.postNote(post({ since, mayHaveLanded: true }));
    expect(notes()).toHaveLength(1);
  });

  it('says when it is not certain which note is the one', async () => {
    const doubts: unknown[] = [];
    const author = async () => pair.adminId;
    const destination = createIntercomDestination(pair.api, author, (...doubt) => {
      doubts.push(doubt);
    });
    await destination.postNote(post());
    expect(doubts).toEqual([]);
    const second = await destination.postNote(post());
    expect(second).toBe(notes()[1]?.id);
    expect(doubts).toEqual([['alike', pair.conversationId]]);
  });

  it('asks for its author when a note is posted, not before', async () => {
    const unknown = () => Promise.reject(new OutcomeUnknownError('Intercom', 'no answer'));
    const destination = createIntercomDestination(pair.api, unknown);
    await expect(destination.postNote(post())).rejects.toThrow('no answer');
    expect(pair.simulator.journal.requests).toEqual([]);
  });

  it('posts nothing when it is told not to at the last moment', async () => {
    const beforePosting = () => Promise.reject(new Error('not any more'));
    await expect(pair.destination.postNote(post({ beforePosting }))).rejects.toThrow(
      'not any more',
    );
    expect(pair.simulator.journal.requests).toEqual([]);
  });

  it.each([
    { kind: 'page' as const },
    { kind: 'cut-after' as const },
    { kind: 'reset-before' as const },
    { kind: '500-after' as const },
    { kind: 'hang' as const },
    { kind: 'status' as const, status: 503 },
  ])('leaves it to the caller what to do after $kind', async (effect) => {
    pair.simulator.faults.add({ match: REPLY, effect });
    await expect(pair.destination.postNote(post())).rejects.toThrow(OutcomeUnknownError);
    expect(
      pair.simulator.journal.requests.filter(({ path }) => path.endsWith('reply')),
    ).toHaveLength(1);
  });

  it('waits as told by a 429 and then posts once', async () => {
    const effect = { kind: 'status' as const, status: 429, retryAfter: 7 };
    pair.simulator.faults.add({ match: REPLY, effect });
    await pair.destination.postNote(post());
    expect(notes()).toHaveLength(1);
    expect(Math.max(...pair.waits)).toBeGreaterThan(6_000);
  });

  it('says that a conversation is gone', async () => {
    await expect(pair.destination.postNote(post({ conversationId: '404' }))).rejects.toThrow(
      ConversationGoneError,
    );
  });

  // Intercom has used both for an author who left.
  it.each(['admin_not_found', 'not_found'])(
    'does not take an author who is gone for a conversation that is: %s',
    async (code) => {
      const effect = { kind: 'status' as const, status: 404, code, message: 'Admin not found' };
      pair.simulator.faults.add({ match: REPLY, effect });
      await expect(pair.destination.postNote(post())).rejects.toThrow(
        new ServiceError('Intercom', 404, code, 'Admin not found'),
      );
    },
  );

  it('leaves open whether a conversation is gone while Intercom does not say', async () => {
    const missing = { kind: 'status' as const, status: 404, code: 'not_found' };
    pair.simulator.faults.add({ match: REPLY, effect: missing });
    const effect = { kind: 'status' as const, status: 503 };
    pair.simulator.faults.add({ match: { method: 'GET' }, times: Infinity, effect });
    await expect(pair.destination.postNote(post())).rejects.toThrow(ServiceError);
  });

  it('passes on why Intercom refused', async () => {
    const effect = { kind: 'status' as const, status: 401, code: 'unauthorized', message: 'No' };
    pair.simulator.faults.add({ match: REPLY, effect });
    await expect(pair.destination.postNote(post())).rejects.toMatchObject({
      constructor: ServiceError,
      status: 401,
      code: 'unauthorized',
    });
  });
});

describe('redacting a note', () => {
  it('blanks it, and counts one that is blank already as done', async () => {
    const id = (await pair.destination.postNote(post())) ?? '';
    expect(await pair.destination.redactNote(pair.conversationId, id)).toBe(true);
    expect(notes()[0]?.redacted).toBe(true);
    expect(await pair.destination.redactNote(pair.conversationId, id)).toBe(true);
  });

  it('says that a note is not there', async () => {
    expect(await pair.destination.redactNote(pair.conversationId, '12345')).toBe(false);
  });

  it('says that a note is blank where Intercom does not find it again', async () => {
    const id = (await pair.destination.postNote(post())) ?? '';
    await pair.destination.redactNote(pair.conversationId, id);
    pair.simulator.faults.add({ match: REDACT, effect: PART_NOT_FOUND });
    expect(await pair.destination.redactNote(pair.conversationId, id)).toBe(true);
  });

  it.each([
    [404, 'conversation_part_or_message_not_found'],
    [400, 'conversation_part_not_redactable'],
  ])('does not believe a %d %s of a note that the conversation shows', async (status, code) => {
    const id = (await pair.destination.postNote(post())) ?? '';
    pair.simulator.faults.add({ match: REDACT, effect: { kind: 'status', status, code } });
    await expect(pair.destination.redactNote(pair.conversationId, id)).rejects.toThrow(
      ServiceError,
    );
  });

  it('counts one that is blank, and older than all that Intercom shows, as done', async () => {
    const code = 'conversation_part_not_redactable';
    pair.simulator.faults.add({ match: REDACT, effect: { kind: 'status', status: 400, code } });
    expect(await pair.destination.redactNote(pair.conversationId, '12345')).toBe(true);
  });

  it('says that the conversation is gone', async () => {
    await expect(pair.destination.redactNote('404', '12345')).rejects.toThrow(
      ConversationGoneError,
    );
  });

  it('repeats a redaction whose answer was lost', async () => {
    const id = (await pair.destination.postNote(post())) ?? '';
    const match = { path: /redact$/ };
    pair.simulator.faults.add({ match, effect: { kind: 'reset-after' } });
    await pair.destination.redactNote(pair.conversationId, id);
    expect(notes()[0]?.redacted).toBe(true);
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
  ])('passes over one that is %s', (_, fields) => {
    expect(find(part('5', fields))).toBeNull();
  });

  it('takes the newest of several that fit, then the highest id', () => {
    const older = part('50', { created_at: 1_699_999_999 });
    expect(find(part('7'), older, part('12'), part('8'))).toBe('12');
  });

  it('knows its words again where an address became a link', () => {
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
  ])('knows its words again where they became entities: %s', (text, html) => {
    const body = `<p>${html}</p>`;
    const found = findOwnNote(
      { id: 'c', conversation_parts: { conversation_parts: [part('5', { body })] } },
      '1',
      { html: textToHtml(text), since: 1_700_000_000_000, otherNoteIds: [] },
    );
    expect(found).toBe('5');
  });

  it('knows its words again in other markup', () => {
    const body =
      '<p class="x">session_id: s<br/>timestamp: 2024-01-15 12:34:50 UTC</p>\n<p>[1] User clicked &lt;b&gt;Sign &#38; go&lt;/b&gt;</p>';
    expect(find(part('5', { body }))).toBe('5');
  });
});
