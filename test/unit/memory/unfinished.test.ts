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
