import { createFlow, type Flow } from '../../support/flow';
import { linesOf } from '../../support/conversation';
import { MANY_NOTES, MOST_NOTES, pauseOf, type Conversation } from '../../../core/memory/pace';
import { action } from '../../support/memory';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const pace = { liveMs: 2 * MINUTE, calmMs: MINUTE, endMs: 30 * MINUTE };

describe('when a conversation gets its next note', () => {
  const now = 1_700_000_000_000;
  const open: Conversation = { spokeAt: now, closedAt: null, notedAt: null, notes: 0 };
  const ago = (ms: number) => now - ms;

  it.each<[string, Partial<Conversation>, ReturnType<typeof pauseOf>]>([
    ['at once while people talk', { notedAt: ago(1) }, undefined],
    ['at once two minutes after', { spokeAt: ago(2 * MINUTE), notedAt: ago(1) }, undefined],
    [
      'a minute after the last note, later',
      { spokeAt: ago(3 * MINUTE), notedAt: ago(20 * SECOND) },
      { reason: 'calm', until: now + 40 * SECOND },
    ],
    [
      'at once when that was longer ago',
      { spokeAt: ago(3 * MINUTE), notedAt: ago(MINUTE) },
      undefined,
    ],
    ['at once without any note so far', { spokeAt: ago(3 * MINUTE) }, undefined],
    [
      'not before the next message, half an hour later',
      { spokeAt: ago(30 * MINUTE + 1) },
      { reason: 'quiet', until: null },
    ],
    [
      'not before the next message when the next note would come too late',
      { spokeAt: ago(30 * MINUTE - SECOND), notedAt: ago(SECOND) },
      { reason: 'quiet', until: null },
    ],
    ['not while it is closed', { closedAt: ago(1) }, { reason: 'closed', until: null }],
    [
      'calmly with many notes, also while people talk',
      { notes: MANY_NOTES, notedAt: ago(20 * SECOND) },
      { reason: 'many', until: now + 40 * SECOND },
    ],
    [
      'hardly ever with many notes, later',
      { notes: MANY_NOTES, spokeAt: ago(3 * MINUTE), notedAt: ago(MINUTE) },
      { reason: 'many', until: now + 9 * MINUTE },
    ],
    ['never again when it is full', { notes: MOST_NOTES }, { reason: 'full', until: null }],
    [
      'as if nothing had passed when the clock was set back',
      { spokeAt: now + 60 * MINUTE, notedAt: now + 60 * MINUTE },
      undefined,
    ],
  ])('%s', (_, conversation, pause) => {
    expect(pauseOf({ ...open, ...conversation }, pace, now)).toEqual(pause);
  });
});

describe('notes that follow the conversation', () => {
  let flow: Flow;
  beforeEach(async () => void (flow = await createFlow({ pace, keepLatest: 5 })));
  afterEach(() => flow.close());

  let actions = 0;
  beforeEach(() => void (actions = 0));
  /** So many new actions, named by their numbers. */
  const act = async (count = 1) =>
    await flow.remember(
      's',
      Array.from({ length: count }, () => action(String(++actions))),
      { user_id: '70' },
    );
  const write = async () => await flow.link({ user_id: '70' });
  const deliver = async () => await flow.deliver('s');
  const standing = () =>
    flow.chat.standing('c1').map((text) => linesOf(text).join() || text.split('\n').at(-1));
  const allTold = async () => {
    await act();
    await write();
    await deliver();
  };

  it('come at once while people talk, then once a minute, and nothing is lost', async () => {
    await allTold();
    await act();
    await deliver();
    expect(standing()).toEqual(['1', '2']);
    await flow.clock.advance(2 * MINUTE + SECOND);
    await act();
    await deliver();
    await act(2);
    expect(await deliver()).toMatchObject({ notes: [], pause: { reason: 'calm' } });
    expect(standing()).toEqual(['1', '2', '3']);
    await flow.clock.advance(MINUTE);
    await deliver();
    expect(standing()).toEqual(['1', '2', '3', '4,5']);
  });

  it('are looked for again when their minute is over, and not before', async () => {
    await allTold();
    await flow.clock.advance(3 * MINUTE);
    await act();
    await deliver();
    await act();
    await deliver();
    const due = async () => (await flow.memory().unfinished('m', { limit: 9 })).length;
    await flow.clock.advance(55 * SECOND);
    expect(await due()).toBe(0);
    await flow.clock.advance(5 * SECOND);
    expect(await due()).toBe(1);
    await deliver();
    expect(standing()).toEqual(['1', '2', '3']);
    await flow.clock.advance(5 * MINUTE);
    expect(await due()).toBe(0);
  });

  it.each<[string, () => Promise<unknown>]>([
    [
      'the conversation has been silent for half an hour',
      async () => await flow.clock.advance(31 * MINUTE),
    ],
    ['the conversation was closed', async () => await flow.closeConversation()],
  ])('end when %s, and go on with one note after the next message', async (_, ends) => {
    await allTold();
    await ends();
    for (let i = 0; i < 3; i++) {
      await act();
      expect(await deliver()).toMatchObject({ notes: [], pause: { until: null } });
      await flow.clock.advance(5 * MINUTE);
    }
    // No wake-up returns the session, not even the one after a restart.
    const all = { limit: 9, includePaused: true };
    expect(await flow.memory().unfinished('m', all)).toEqual([]);
    await write();
    await flow.clock.advance(MINUTE);
    expect(await flow.memory().unfinished('m', { limit: 9 })).toHaveLength(1);
    await deliver();
    expect(standing()).toEqual(['1', '2,3,4']);
  });

  it('go on in the words of a summary where much has happened, and with the latest actions', async () => {
    await allTold();
    await flow.closeConversation();
    await act(30);
    await deliver();
    await flow.summarize('s', 20);
    expect(await flow.replace('s')).toMatchObject({ summaryNote: null, redacted: 0 });
    expect(standing()).toEqual(['1']);
    await act(1);
    await write();
    expect(await deliver()).toMatchObject({ summaryNote: { note_id: '2' } });
    expect(standing()).toEqual(['1', 'Summary 1.', '28,29,30,31,32']);
    expect(await flow.replace('s')).toMatchObject({ redacted: 1 });
    expect(standing()).toEqual(['Summary 1.', '28,29,30,31,32']);
  });

  it('begin with the summary of a long visit, and the latest actions stay below it', async () => {
    await act(40);
    await write();
    await flow.summarize('s', 20);
    await deliver();
    await flow.replace('s');
    expect(standing()).toEqual(['Summary 1.', '36,37,38,39,40']);
    await act(2);
    await deliver();
    await flow.replace('s');
    expect(standing()).toEqual(['Summary 1.', '36,37,38,39,40', '41,42']);
    await act(3);
    await deliver();
    await flow.summarize('s', 5);
    await flow.replace('s');
    expect(standing()).toEqual(['41,42', '43,44,45', 'Summary 2.']);
  });

  it('tell everything where no summary can be posted first', async () => {
    await act(20);
    await write();
    await flow.summarize('s', 20);
    flow.chat.fates.push('refused');
    await deliver().catch(() => undefined);
    await flow.clock.advance(MINUTE);
    await deliver();
    expect(standing().at(-1)).toContain('20');
    expect(flow.chat.standing('c1').flatMap(linesOf).slice(-5)).toEqual([
      '16',
      '17',
      '18',
      '19',
      '20',
    ]);
  });

  it('count for all sessions of a conversation together', async () => {
    await allTold();
    await flow.remember('t', [action('other')], { user_id: '70' });
    await flow.link({ session_id: 't' });
    await flow.deliver('t');
    await flow.clock.advance(3 * MINUTE);
    await act();
    await deliver();
    await flow.remember('t', [action('again')], { user_id: '70' });
    expect(await flow.deliver('t')).toMatchObject({ notes: [], pause: { reason: 'calm' } });
  });
});
