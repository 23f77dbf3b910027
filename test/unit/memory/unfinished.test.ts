import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, testMemory } from '../../support/memory';

// How work that was left in the middle comes up again.

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

const CHAT = 'intercom';
const ref = (session_id = 's') => ({ memory: 'm', product_id: 'shop', session_id });
const note = { windowMs: DAY_MS, maxActions: 9, leaseMs: 45_000 };
const summary = { linkedOnly: true, maxActions: 9, leaseMs: 300_000, evenBackingOff: false };

async function act(session: string, ...said: string[]): Promise<void> {
  const actions = said.map((one) => action(one));
  await memory.remember('m', [batch(session, actions)], DAY_MS);
}

async function claimNote(session = 's') {
  const claimed = await memory.claimNote(ref(session), CHAT, note);
  if (claimed.status !== 'claimed') throw new Error(claimed.status);
  return claimed;
}

async function deliver(session = 's'): Promise<string> {
  const { claim, note } = await claimNote(session);
  await memory.commitNote(claim, note, `note ${note.id}`);
  return note.text;
}

async function claimSummary(session = 's') {
  const claimed = await memory.claimSummary(ref(session), { threshold: 1, ...summary });
  if (claimed.status !== 'claimed') throw new Error(claimed.status);
  return claimed.work;
}

const given = async (limit = 100, all = false) =>
  (await memory.unfinished('m', limit, all)).map(({ session_id }) => session_id);

describe('a session whose model never answered', () => {
  beforeEach(async () => {
    await act('s', 'one');
    await memory.link('m', { chat: CHAT, conversation_id: '1', session_id: 's' }, DAY_MS);
  });

  it('comes up once its claim has lapsed', async () => {
    await deliver();
    await claimSummary();
    await clock.advance(summary.leaseMs - 1);
    expect(await memory.isWorkDue('m')).toBe(false);
    await clock.advance(1);
    expect(await memory.isWorkDue('m')).toBe(true);
    expect(await given()).toEqual(['s']);
    expect((await claimSummary()).actions).toHaveLength(1);
  });

  it('also when a note that was being posted meanwhile stands by then', async () => {
    const { claim, note } = await claimNote();
    await claimSummary();
    await memory.commitNote(claim, note, 'note 1');
    expect(await memory.isWorkDue('m')).toBe(false);
    await clock.advance(summary.leaseMs);
    expect(await memory.isWorkDue('m')).toBe(true);
  });

  it('and does not keep what else it has waiting', async () => {
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

  it('is neither told nor summarized', async () => {
    expect(await memory.isWorkDue('m')).toBe(false);
    expect([await given(), await given(100, true)]).toEqual([[], []]);
    expect(await memory.claimNote(ref(), CHAT, note)).toEqual({ status: 'not_linked' });
    expect(await memory.claimSummary(ref(), { threshold: 1, ...summary })).toEqual({
      status: 'not_due',
      waiting: 0,
      summary: null,
    });
    expect(await memory.claimSummaryNote(ref(), CHAT, 1_000)).toEqual({ status: 'not_linked' });
    expect(await memory.claimRedactions(ref(), CHAT, { ...summary })).toEqual({
      status: 'not_linked',
    });
    expect(await memory.replacementLeft(ref(), CHAT)).toEqual({ status: 'not_linked' });
    expect(await memory.conversationOf(ref(), CHAT)).toBeNull();
  });

  it('begins anew with what the visitor does next', async () => {
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

  it('keeps nothing of whom it belonged to', async () => {
    const ada = { user_id: '70', email: 'ada@example.com' };
    await memory.remember('m', [batch('shared', [action('hers')], ada)], DAY_MS);
    await clock.advance(DAY_MS);
    const eve = { user_id: '71' };
    const [later] = await memory.remember('m', [batch('shared', [action('x')], eve)], DAY_MS);
    expect(later).toMatchObject({ user_id: '71', email: null });
    expect(await memory.forget({ email: 'ada@example.com' })).toMatchObject({ sessions: 0 });
  });
});
