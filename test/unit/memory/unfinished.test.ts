import type { NoteRules, SessionMemory, Work } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, ref, testMemory } from '../../support/memory';
import { testRules } from '../../support/noteRules';

// How work that was left in the middle comes up again.

const CHAT = 'intercom';
const rules: NoteRules = {
  ...testRules,
  ownsConversation: (chat, id) => chat === CHAT && testRules.ownsConversation(chat, id),
};

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock, ':memory:', rules);
});
afterEach(() => memory.close());

const note = { windowMs: DAY_MS, maxActions: 9, leaseMs: 45_000 };
const summary = { linkedOnly: true, maxActions: 9, leaseMs: 300_000, includePaused: false };

async function act(session: string, ...said: string[]): Promise<void> {
  const actions = said.map((one) => action(one));
  await memory.remember('m', [batch(session, actions)], DAY_MS);
}

async function claimNote(session = 's') {
  const claimed = granted(await memory.claimNote(ref(session), CHAT, note));
  return claimed;
}

async function deliver(session = 's'): Promise<string> {
  const { claim, note } = await claimNote(session);
  await memory.commitNote(claim, note, `note ${note.rowId}`);
  return note.text;
}

async function claimSummary(session = 's') {
  const claimed = granted(await memory.claimSummary(ref(session), { threshold: 1, ...summary }));
  return claimed.work;
}

const given = async (limit = 100, all = false) =>
  (await memory.unfinished('m', { limit, includePaused: all })).map(({ session_id }) => session_id);

describe('a session whose model never answered', () => {
  beforeEach(async () => {
    await act('s', 'one');
    await memory.link('m', { chat: CHAT, conversation_id: '1', session_id: 's' }, DAY_MS);
  });

  it('is due once its claim has lapsed', async () => {
    await deliver();
    await claimSummary();
    await clock.advance(summary.leaseMs - 1);
    expect(await memory.isWorkDue('m')).toBe(false);
    await clock.advance(1);
    expect(await memory.isWorkDue('m')).toBe(true);
    expect(await given()).toEqual(['s']);
    expect((await claimSummary()).actions).toHaveLength(1);
  });

  it('is due even if a note was posted meanwhile', async () => {
    const { claim, note } = await claimNote();
    await claimSummary();
    await memory.commitNote(claim, note, 'note 1');
    expect(await memory.isWorkDue('m')).toBe(false);
    await clock.advance(summary.leaseMs);
    expect(await memory.isWorkDue('m')).toBe(true);
  });

  it('does not hold back other work of the session', async () => {
    await claimSummary();
    await clock.advance(60_000);
    expect(await given()).toEqual(['s']);
  });
});

describe('a session that has outlived its retention and is not erased yet', () => {
  beforeEach(async () => {
    await act('s', 'one');
    await memory.link('m', { chat: CHAT, conversation_id: '1', session_id: 's' }, DAY_MS);
    await deliver();
    await memory.commitSummary(await claimSummary(), 'Did one.');
    await act('s', 'two');
    await clock.advance(DAY_MS);
  });

  it('is neither delivered, recalled nor summarized', async () => {
    expect(await memory.isWorkDue('m')).toBe(false);
    expect([await given(), await given(100, true)]).toEqual([[], []]);
    expect(await memory.claimNote(ref(), CHAT, note)).toEqual({ status: 'not_linked' });
    expect(await memory.claimSummary(ref(), { threshold: 1, ...summary })).toEqual({
      status: 'not_due',
      waiting: 0,
      summary: null,
    });
    expect(await memory.claimSummaryNote(ref(), CHAT, { leaseMs: 1_000 })).toEqual({
      status: 'not_linked',
    });
    expect(await memory.claimRedactions(ref(), CHAT, { ...summary })).toEqual({
      status: 'not_linked',
    });
    expect(await memory.replacementLeft(ref(), CHAT)).toEqual({ status: 'not_linked' });
    expect(await memory.conversationOf(ref(), CHAT)).toBeNull();
  });

  it('begins anew with the visitor’s next action', async () => {
    await clock.advance(7 * DAY_MS);
    const batches = [batch('s', [action('three')]), batch('other', [action('four')])];
    const [remembered] = await memory.remember('m', batches, DAY_MS);
    expect(remembered).toMatchObject({ added: 1, links: {} });
    const query = { session_id: 's', windowMs: 30 * DAY_MS, maxActions: 1 };
    const recalled = await memory.recall('m', { ...query, maxActions: 9 });
    expect(recalled?.actions.map(({ description }) => description)).toEqual(['three']);
    expect((await memory.recall('m', { ...query, maxActions: 0 }))?.summary).toBeNull();
    await memory.link('m', { chat: CHAT, conversation_id: '1', session_id: 's' }, DAY_MS);
    expect(await deliver()).not.toMatch(/one|two/);
    expect(await memory.expire()).toBe(0);
    expect(await memory.forget({ session_id: 's' })).toMatchObject({ sessions: 1, actions: 1 });
  });

  it('keeps no name of its visitor', async () => {
    const ada = { user_id: '70', email: 'ada@example.com' };
    await memory.remember('m', [batch('shared', [action('hers')], ada)], DAY_MS);
    await clock.advance(DAY_MS);
    const eve = { user_id: '71' };
    const [later] = await memory.remember('m', [batch('shared', [action('x')], eve)], DAY_MS);
    expect(later).toMatchObject({ user_id: '71', email: null });
    expect(await memory.forget({ email: 'ada@example.com' })).toMatchObject({ sessions: 0 });
  });
});

describe('conversations that the stream named before any delivery', () => {
  const named = async (session: string, said: string) => {
    const fields = { conversation_id: `c${session.slice(1) || '0'}` };
    await memory.remember('m', [batch(session, [action(said)], fields)], DAY_MS);
  };

  it('get activity from when they were named, not from the time of delivery', async () => {
    await act('s', 'long before');
    await clock.advance(600_000);
    await act('s', 'right before');
    await clock.advance(60_000);
    await named('s', 'in the conversation');
    await clock.advance(600_000);
    await act('s', 'much later');
    const claimed = granted(await memory.claimNote(ref(), CHAT, { ...note, windowMs: 120_000 }));
    const told = ['right before', 'in the conversation', 'much later'];
    for (const one of told) expect(claimed.note.text).toContain(one);
    expect(claimed.note.text).not.toContain('long before');
  });

  it('get activity from the time of the action that named them, if it was remembered later', async () => {
    const at = (secondsAgo: number) => ({ timestamp_start: clock.now() / 1_000 - secondsAgo });
    const late = [
      action('first', at(620)),
      action('named', { ...at(600), conversation_id: 'c0' }),
      action('last', at(1)),
    ];
    await memory.remember('m', [batch('s', late)], DAY_MS);
    const claimed = await memory.claimNote(ref(), CHAT, { ...note, windowMs: 120_000 });
    expect(claimed).toMatchObject({ status: 'claimed', note: { actions: 3 } });
  });

  it('are all returned on a wake-up, the latest first, until they are linked', async () => {
    const sessions = Array.from({ length: 250 }, (_, i) => `s${i}`);
    for (const session of sessions) {
      await named(session, 'x');
      await clock.advance(1);
    }
    const newestFirst = sessions.toReversed();
    expect(await given(10_000, true)).toEqual(newestFirst);
    expect(await given(3, true)).toEqual(newestFirst.slice(0, 3));
    await deliver('s7');
    await memory.link('m', { chat: CHAT, conversation_id: '8', session_id: 's8' }, DAY_MS);
    const left = newestFirst.filter((session) => session !== 's7' && session !== 's8');
    expect((await given(10_000, true)).filter((session) => left.includes(session))).toEqual(left);
    expect(await given(10_000, true)).not.toContain('s7');
  });

  it('are not returned as named if they are linked already', async () => {
    await act('s', 'one');
    await memory.link('m', { chat: CHAT, conversation_id: '1', session_id: 's' }, DAY_MS);
    await named('s', 'two');
    await deliver();
    expect(await given(10_000, true)).toEqual([]);
  });
});

describe('workflows that share a memory', () => {
  beforeEach(async () => {
    for (const [session, chat] of [
      ['a', 'intercom'],
      ['b', 'crisp'],
    ] as const) {
      await act(session, 'one');
      await memory.link('m', { chat, conversation_id: session, session_id: session }, DAY_MS);
    }
    await memory.remember('m', [batch('c', [action('one')], { conversation_id: 'c9' })], DAY_MS);
    await clock.advance(60_000);
  });

  const givenTo = async (work: Work, all = false) =>
    (await memory.unfinished('m', { limit: 100, includePaused: all, work })).map(
      ({ session_id }) => session_id,
    );

  it('get only work that they have a step for', async () => {
    const crisp = { chats: ['crisp'], summaries: false };
    for (let look = 0; look < 12; look++) {
      expect(await memory.isWorkDue('m', { work: crisp })).toBe(true);
      expect(await givenTo(crisp, true)).toEqual(['b']);
      await clock.advance(60_000);
    }
    expect(await givenTo({ chats: ['zendesk'], summaries: false }, true)).toEqual([]);
    expect(await memory.isWorkDue('m', { work: { chats: ['zendesk'], summaries: false } })).toBe(
      false,
    );
    // As many looks as there are were left for whoever has the step.
    expect(await givenTo({ chats: [CHAT], summaries: true })).toEqual(['a']);
    expect(await givenTo({ chats: [CHAT], summaries: true }, true)).toEqual(['a', 'c']);
  });

  it('get sessions whose summary failed only if they summarize', async () => {
    const summarizing = { chats: [], summaries: true };
    expect(await givenTo(summarizing, true)).toEqual([]);
    await memory.releaseSummary(await claimSummary('b'), 1_000);
    expect(await givenTo(summarizing, true)).toEqual(['b']);
    await claimSummary('a');
    expect(await givenTo(summarizing, true)).toEqual(['a', 'b']);
  });
});
