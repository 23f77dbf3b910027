import type { SessionMemory, SessionsQuery } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, ref, summarize, testMemory } from '../../support/memory';

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

async function acts(session_id: string, said: string[], fields = {}, name = 'm'): Promise<void> {
  await clock.advance(1_000);
  const actions = said.map((one) => action(one));
  await memory.remember(name, [batch(session_id, actions, fields)], DAY_MS);
}
const linkTo = async (conversation_id: string, session_id: string) =>
  await memory.link('m', { chat: 'crisp', conversation_id, session_id }, DAY_MS);

const list = async (query: Partial<SessionsQuery> = {}) =>
  await memory.listSessions('m', { which: 'recent', limit: 10, ...query });
const ids = async (query?: Partial<SessionsQuery>) =>
  (await list(query)).map(({ session_id }) => session_id);

/** Delivers what a linked session's conversation does not have yet. */
async function deliver(session_id: string): Promise<void> {
  const condition = { windowMs: DAY_MS, maxActions: 500, leaseMs: 60_000 };
  const { claim, note } = granted(await memory.claimNote(ref(session_id), 'crisp', condition));
  await memory.commitNote(claim, note, `note of ${session_id}`);
}

describe('a list of sessions', () => {
  it('begins with who acted last, and says what they did', async () => {
    await acts('s1', ['opened', 'clicked'], { user_id: 'u1', email: 'One@example.com' });
    await acts('s2', ['came']);
    await acts('elsewhere', ['came'], {}, 'other');
    await linkTo('c1', 's1');
    await summarize(memory, ref('s1'), 'A summary', 1);
    const [second, first] = await list();
    expect(second).toMatchObject({
      session_id: 's2',
      links: {},
      actions: 1,
      actions_since_summary: 1,
      actions_to_deliver: null,
      last_action: { description: 'came' },
    });
    expect(first).toMatchObject({
      session_id: 's1',
      user_id: 'u1',
      email: 'one@example.com',
      links: { crisp: 'c1' },
      actions: 2,
      actions_since_summary: 1,
      actions_to_deliver: 2,
      last_seen_at: clock.now() - 2_000,
      last_action: { description: 'clicked' },
    });
    expect(await ids({ limit: 1 })).toEqual(['s2']);
  });

  it('can be of linked sessions, the latest link first', async () => {
    for (const id of ['s1', 's2', 's3']) await acts(id, ['came']);
    await linkTo('c3', 's3');
    await linkTo('c1', 's1');
    expect(await ids({ which: 'linked' })).toEqual(['s1', 's3']);
    expect(await ids({ which: 'linked', text: 'S3' })).toEqual(['s3']);
  });

  it('can be of sessions that wait for a note or, after a failure, for a summary', async () => {
    for (const id of ['s1', 's2', 's3']) await acts(id, ['came']);
    for (const id of ['s1', 's2']) await linkTo(`c ${id}`, id);
    expect(await ids({ which: 'waiting' })).toEqual(['s1', 's2']);
    for (const id of ['s1', 's2']) await deliver(id);
    expect(await ids({ which: 'waiting' })).toEqual([]);
    const condition = { threshold: 1, linkedOnly: true, maxActions: 9, leaseMs: 60_000 };
    const summary = await memory.claimSummary(ref('s2'), { ...condition, includePaused: false });
    await memory.releaseSummary(granted(summary).work, 60_000);
    expect(await ids({ which: 'waiting' })).toEqual(['s2']);
    expect((await list({ which: 'waiting' }))[0]).toMatchObject({ actions_to_deliver: 0 });
  });

  it('can be of those whose user id, address or session id contains a text', async () => {
    await acts('s1', ['came'], { user_id: 'User-1', email: 'ada@example.com' });
    await acts('s2', ['came'], { user_id: 'user-2', email: 'bob@example.com' });
    await acts('abc', ['came']);
    expect(await ids({ text: 'USER-1' })).toEqual(['s1']);
    expect(await ids({ text: 'bob@' })).toEqual(['s2']);
    expect(await ids({ text: ' bc ' })).toEqual(['abc']);
    expect(await ids({ text: '%' })).toEqual([]);
  });

  it('finds a whole id or address behind very many sessions', async () => {
    await acts('first', ['came'], { user_id: 'u1', email: 'ada@example.com' });
    await clock.advance(1_000);
    const crowd = Array.from({ length: 4_000 }, (_, i) => batch(`s${i}`, [action('came')]));
    await memory.remember('m', crowd, DAY_MS);
    for (const text of ['first', 'u1', 'ADA@example.com']) {
      expect(await ids({ text, limit: 5_000 })).toContain('first');
    }
    expect(await ids({ text: 'irs' })).toEqual([]);
  });

  it('leaves out what has expired', async () => {
    await acts('old', ['came']);
    await clock.advance(DAY_MS);
    await acts('new', ['came']);
    expect(await ids()).toEqual(['new']);
  });
});

describe('the status of a memory', () => {
  it('counts what it contains, and says when something happened last', async () => {
    await acts('s1', ['opened', 'clicked']);
    await acts('s2', ['came']);
    await acts('elsewhere', ['came'], {}, 'other');
    await linkTo('c1', 's1');
    await linkTo('waits', 'unknown');
    const seen = clock.now() - 1_000;
    await clock.advance(120_000);
    const status = await memory.status('m');
    expect(status).toMatchObject({
      sessions: 2,
      actions: 3,
      links: 1,
      waiting_links: 1,
      due: 1,
      failing: 0,
      last_seen_at: seen,
      counted_up_to: 4_000,
    });
    expect(status.storage_bytes).toBeGreaterThan(10_000);
  });

  it('counts what fails also while it pauses before the next attempt', async () => {
    await acts('s1', ['opened']);
    await linkTo('c1', 's1');
    const condition = { windowMs: DAY_MS, maxActions: 9, leaseMs: 1_000 };
    const { claim, note } = granted(await memory.claimNote(ref('s1'), 'crisp', condition));
    await memory.releaseNote(claim, note, { mayHaveLanded: false, retryAfterMs: 600_000 });
    expect(await memory.status('m')).toMatchObject({ due: 0, failing: 1 });
  });

  it('is that of an empty one where nothing is remembered', async () => {
    expect(await memory.status('m')).toMatchObject({ sessions: 0, actions: 0, last_seen_at: null });
  });
});

it('the memories that hold sessions are known by name', async () => {
  expect(await memory.memories()).toEqual([]);
  await acts('s1', ['came'], {}, 'workflow:1');
  await acts('s1', ['came'], {}, 'name:support');
  await acts('s2', ['came'], {}, 'name:support');
  expect(await memory.memories()).toEqual([
    { name: 'name:support', last_seen_at: clock.now() },
    { name: 'workflow:1', last_seen_at: clock.now() - 2_000 },
  ]);
});
