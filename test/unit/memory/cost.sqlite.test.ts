import { DatabaseSync, StatementSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { nodeSqliteDialect } from '../../../core/memory/sql/nodeSqlite';
import type { RecallQuery, SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, HOUR_MS, testMemory } from '../../support/memory';

/** Runs `work` and gives SQLite's plan for every statement that it prepared. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  const prepare = DatabaseSync.prototype.prepare;
  const seen = new Map<string, DatabaseSync>();
  const spy = jest.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql: string,
  ) {
    seen.set(sql, this);
    return prepare.call(this, sql);
  });
  await work().finally(() => spy.mockRestore());
  return [...seen].flatMap(([sql, db]) => {
    if (!/^(select|update|insert|delete) /.test(sql)) return [];
    return db
      .prepare(`explain query plan ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
  });
}

const here = { chat: 'crisp', conversation_id: 'session_1' };
/** The list leaves out the first action and the summary reaches into it: that is looked for last. */
const limits = { windowMs: 120_000, maxActions: 2 };

type Changes = ReturnType<StatementSync['run']>;

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
  const summaries = [{ summary: 'Some.', replaces: 2, forwarded_at: 1, position: 2 }];
  const fields = { user_id: '70', email: 'ada@example.com', summaries };
  await memory.remember('m', [batch('s', [action('a'), action('b'), action('c')], fields)], DAY_MS);
});
afterEach(() => memory.close());

it.each<[string, Partial<RecallQuery>]>([
  ['a conversation', here],
  ['a conversation’s session', { ...here, session_id: 's' }],
  ['a session', { session_id: 's' }],
  ['a user', { user_id: '70' }],
  ['an email', { email: 'ada@example.com' }],
])('recalling %s looks up everything by an index', async (_, whom) => {
  await memory.link('m', { ...here, session_id: 's' }, DAY_MS);
  const query = { ...whom, ...limits, chat: 'crisp', onlyNew: true };
  const plans = await plansOf(async () => {
    expect(await memory.recall('m', query)).not.toBeNull();
  });
  expect(plans.length).toBeGreaterThan(4);
  expect(plans.filter((plan) => plan.startsWith('SCAN'))).toEqual([]);
  // One action after the other and one summary, without reading all of them to sort them.
  const summaries = plans.filter((plan) => plan.includes('autoplay_summary'));
  expect(summaries.length).toBeGreaterThan(0);
  for (const plan of summaries) expect(plan).toContain('autoplay_summary_by_session_upto_seq');
});

it('linking finds everything by an index, even at the last resort', async () => {
  const plans = await plansOf(async () => {
    const request = { ...here, session_id: 'x', user_id: 'x', email: 'x' };
    expect((await memory.link('m', request, DAY_MS)).status).toBe('waiting');
    await memory.remember('m', [batch('t', [action('c')], here)], DAY_MS);
    const second = { ...here, conversation_id: 'session_2' };
    expect((await memory.link('m', second, DAY_MS)).status).toBe('waiting');
    expect((await memory.link('m', here, DAY_MS)).status).toBe('already_linked');
  });
  const text = plans.join('\n');
  expect(text).not.toMatch(/^SCAN/m);
  expect(text).toContain('autoplay_session_by_stream_conversation_id');
  expect(text).toContain('autoplay_waiting_link_by_memory_conversation_id');
});

it.each([
  ['with each activity', false, undefined],
  ['on a wake-up', true, undefined],
  ['by a workflow that shares the memory', true, { chats: ['crisp'], summaries: true }],
] as const)('what is due is found by an index of its own: %s', async (_, all, work) => {
  const named = { conversation_id: 'c9' };
  await memory.remember('m', [batch('named', [action('x')], named)], DAY_MS);
  await memory.link('m', { ...here, session_id: 's' }, DAY_MS);
  const plans = await plansOf(async () => {
    expect(await memory.unfinished('m', { limit: 100, includePaused: all, work })).toHaveLength(
      all ? 2 : 0,
    );
    await memory.isWorkDue('m', { work });
  });
  const text = plans.join('\n');
  expect(text).not.toMatch(/^SCAN/m);
  expect(text).toContain('autoplay_link USING INDEX autoplay_link_due (memory=? AND due_at<?)');
  // Only sessions that links name are looked up, and those that have none yet.
  const sessions = plans.filter((plan) => plan.startsWith('SEARCH autoplay_session '));
  for (const plan of sessions) expect(plan).toMatch(/INTEGER PRIMARY KEY|autoplay_session_named/);
  expect(text.includes('autoplay_session_named')).toBe(all);
});

describe('what a long history does not cost', () => {
  const ref = { memory: 'm', product_id: 'shop', session_id: 's' };
  const condition = { windowMs: DAY_MS, maxActions: 9, leaseMs: 45_000 };
  const claim = async () => {
    const claimed = granted(await memory.claimNote(ref, 'crisp', condition));
    return claimed;
  };
  beforeEach(() => memory.link('m', { ...here, session_id: 's' }, DAY_MS));

  it('giving a note back reads its own link only', async () => {
    const { claim: held, note } = await claim();
    const plans = await plansOf(() =>
      memory.releaseNote(held, note, { mayHaveLanded: false, retryAfterMs: 1_000 }),
    );
    expect(plans.filter((plan) => plan.startsWith('SCAN'))).toEqual([]);
    await clock.advance(1_000);
    expect((await claim()).note.mayHaveLanded).toBe(false);
  });

  it('expiry finds what it erases by indexes, and erases a limited amount at a time', async () => {
    for (let i = 0; i < 1_200; i++) {
      await memory.firstSight('hooks', `${i}`);
      await memory.link('m', { ...here, conversation_id: `w${i}`, user_id: 'nobody' }, DAY_MS);
    }
    clock.jump(2 * DAY_MS);
    const run = jest.spyOn(StatementSync.prototype, 'run');
    const plans = await plansOf(async () => {
      const expiring = memory.expire().then((erased) => expect(erased).toBe(1));
      await Promise.all([expiring, clock.advance(1_000)]);
    });
    const erased = run.mock.results.map(({ value }) => Number((value as Changes).changes));
    run.mockRestore();
    expect(plans.filter((plan) => /^SCAN autoplay/.test(plan))).toEqual([]);
    expect(erased.reduce((sum, changes) => sum + changes, 0)).toBeGreaterThan(2_400);
    expect(Math.max(...erased)).toBeLessThanOrEqual(1_000);
  });

  it('a claimed note lists only the ids it can be mistaken for, not all of the conversation', async () => {
    const post = async (said: string) => {
      await memory.remember('m', [batch('s', [action(said)])], DAY_MS);
      const { claim: held, note } = await claim();
      await memory.commitNote(held, note, said);
      return note.otherNoteIds;
    };
    expect(await post('long ago')).toEqual([]);
    await clock.advance(3 * HOUR_MS);
    expect(await post('an hour ago')).toEqual([]);
    await clock.advance(HOUR_MS);
    expect(await post('now')).toEqual(['an hour ago']);
  });
});

it('SQLite keeps more of the file in memory than by default', async () => {
  const cacheSize = 'pragma cache_size';
  const plain = new DatabaseSync(':memory:');
  const byDefault = Number(plain.prepare(cacheSize).get()?.cache_size);
  plain.close();
  const db = new Kysely({ dialect: nodeSqliteDialect(':memory:') });
  const { rows } = await sql<{ cache_size: number }>`${sql.raw(cacheSize)}`.execute(db);
  await db.destroy();
  // Below zero, it is in KiB.
  expect(byDefault).toBeLessThan(0);
  expect(rows[0]?.cache_size).toBeLessThan(2 * byDefault);
});
