import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SessionMemory } from '../../../core/memory/types';
import { releasedFolder } from '../../../tools/release/released';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, summarize, testMemory } from '../../support/memory';
import { testRules } from '../../support/noteRules';
import { offerRequest } from '../../support/offers';

let folder: string;
let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'autoplay-files-'));
  clock = createFakeClock();
  const rules = { ...testRules, composeActivity: () => PLANTED.note };
  memory = await testMemory(clock, join(folder, 'memory.sqlite'), rules);
});
afterEach(async () => {
  await memory.close();
  rmSync(folder, { recursive: true });
});

/** Everything of Ada that the memory ever had, each piece recognisable. */
const PLANTED = {
  title: 'pLaNtEd-title',
  description: 'pLaNtEd-description',
  path: '/pLaNtEd-path',
  session: 'pLaNtEd-session',
  userBefore: 'pLaNtEd-user-before',
  user: 'pLaNtEd-user',
  emailBefore: 'planted-before@example.com',
  email: 'planted-now@example.com',
  summary: 'pLaNtEd-summary',
  note: 'pLaNtEd-note',
  conversation: 'pLaNtEd-conversation',
  waiting: 'planted-waiting@example.com',
  offer: 'pLaNtEd-offer',
  choice: 'pLaNtEd-choice',
};

/** Which of them stand in any of the files: the database, its log, its shared memory. */
function found(): string[] {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  return Object.entries(PLANTED).flatMap(([name, text]) =>
    files.some((bytes) => bytes.includes(text)) ? [name] : [],
  );
}

async function plant(): Promise<void> {
  const { session: session_id, conversation } = PLANTED;
  const said = { title: PLANTED.title, description: PLANTED.description };
  // So much that the database's free pages and overflow pages are in play.
  const many = (count: number, fields: object) =>
    Array.from({ length: count }, (_, i) =>
      action('', {
        ...said,
        ...fields,
        canonical_url: `${PLANTED.path}/${i}/${'x'.repeat(1_500)}`,
      }),
    );
  const before = { user_id: PLANTED.userBefore, email: PLANTED.emailBefore };
  const now = { user_id: PLANTED.user, email: PLANTED.email };
  await memory.remember('m', [batch(session_id, many(300, {}), before)], DAY_MS);
  await memory.remember('m', [batch(session_id, many(300, {}), now)], DAY_MS);
  const ref = { memory: 'm', product_id: 'shop', session_id };
  await summarize(memory, ref, PLANTED.summary);
  await memory.link('m', { chat: 'intercom', conversation_id: conversation, session_id }, DAY_MS);
  const condition = {
    windowMs: DAY_MS,
    maxActions: 9,
    leaseMs: 1_000,
  };
  // A note that is being posted is kept as text meanwhile.
  await memory.claimNote(ref, 'intercom', condition);
  // As is an offer, which a conversation that is open would hold back.
  await memory.closeConversation('m', { chat: 'intercom', conversation_id: conversation });
  const offer = offerRequest(clock.now(), {
    ...{ session: ref, text: PLANTED.offer, moment: { page: '' } },
    choices: [{ value: 'yes', label: PLANTED.choice, kind: 'help' }],
  });
  granted(await memory.claimOffer(offer));
  const waits = { chat: 'crisp', conversation_id: 'session_1', email: PLANTED.waiting };
  await memory.link('m', waits, DAY_MS);
}

it('is in the files as long as it is remembered', async () => {
  await plant();
  expect(found()).toEqual(Object.keys(PLANTED));
});

it('is in no file once its retention has passed', async () => {
  await plant();
  await clock.advance(DAY_MS + 1);
  await Promise.all([memory.expire(), clock.advance(1_000)]);
  expect(found()).toEqual([]);
});

it('is in no file once it was forgotten', async () => {
  await plant();
  await memory.forget({ email: PLANTED.emailBefore });
  expect(found()).toEqual(['waiting']);
  await memory.forget({ email: PLANTED.waiting });
  expect(found()).toEqual([]);
});

it('the name of a visitor who was only waited for is in no file after a day', async () => {
  const waits = { chat: 'crisp', conversation_id: 'session_1', email: PLANTED.waiting };
  await memory.link('m', waits, DAY_MS);
  await clock.advance(DAY_MS + 1);
  await memory.expire();
  expect(found()).toEqual([]);
});

it('a memory from before names were stored gets those that are known', async () => {
  const file = join(folder, 'older.sqlite');
  const database = new DatabaseSync(file);
  database.exec(readFileSync(join(releasedFolder, '0.1.0', 'memory.sql'), 'utf8'));
  database.exec('drop table autoplay_identity');
  database.exec('drop index autoplay_note_by_link_kind_id');
  database.exec('drop index autoplay_note_by_note_id_link');
  database.exec('alter table autoplay_session rename summarized_seq to summarised_seq');
  database.exec("delete from autoplay_migration where name >= '005_identities'");
  database.exec(
    "update autoplay_session set email = 'bob@example.com' where session_id = 'unlinked'",
  );
  database.close();
  const older = await testMemory(clock, file);
  expect(await older.forget({ user_id: '70' })).toMatchObject({ sessions: 1 });
  expect(await older.forget({ email: 'bob@example.com' })).toMatchObject({ sessions: 1 });
  await older.close();
});

it('Forget reports what was erased even if the log cannot be emptied; the next expiry empties it', async () => {
  await plant();
  const prepare = DatabaseSync.prototype.prepare;
  const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
  const spy = jest.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql: string,
  ) {
    if (sql.includes('wal_checkpoint')) throw full;
    return prepare.call(this, sql);
  });
  const forgotten = await memory.forget({ email: PLANTED.email }).finally(() => spy.mockRestore());
  expect(forgotten).toMatchObject({ sessions: 1, notes_without_id: [{ chat: 'intercom' }] });
  expect(found()).not.toEqual([]);
  await memory.forget({ email: PLANTED.waiting });
  expect(found()).toEqual([]);
});

describe('the file', () => {
  const file = () => join(folder, 'memory.sqlite');
  const size = () => statSync(file()).size;
  async function fill(): Promise<void> {
    const title = 'x'.repeat(2_000);
    for (let part = 0; part < 10; part++) {
      const actions = Array.from({ length: 600 }, () => action('', { title }));
      await memory.remember('m', [batch(`s${part}`, actions)], DAY_MS);
    }
    await memory.expire();
  }
  async function expire(): Promise<void> {
    await clock.advance(2 * DAY_MS);
    await Promise.all([memory.expire(), clock.advance(1_000)]);
  }

  it('shrinks when most of its content was erased, and keeps the rest', async () => {
    await fill();
    expect(size()).toBeGreaterThan(10_000_000);
    await memory.remember('m', [batch('kept', [action('kept')])], 9 * DAY_MS);
    await expire();
    expect(size()).toBeLessThan(1_000_000);
    const query = { session_id: 'kept', windowMs: 9 * DAY_MS, maxActions: 9 };
    expect((await memory.recall('m', query))?.actions).toHaveLength(1);
  });

  it('shrinks even if version 0.1.0 made it', async () => {
    await memory.close();
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    const database = new DatabaseSync(file());
    database.exec('pragma journal_mode = wal');
    database.exec(readFileSync(join(releasedFolder, '0.1.0', 'memory.sql'), 'utf8'));
    database.close();
    memory = await testMemory(clock, file());
    for (const round of [1, 2]) {
      await fill();
      expect([round, size() > 10_000_000]).toEqual([round, true]);
      await expire();
      expect([round, size() < 1_000_000]).toEqual([round, true]);
    }
    expect(await memory.remember('m', [batch('new', [action('one')])], DAY_MS)).toHaveLength(1);
  });
});
