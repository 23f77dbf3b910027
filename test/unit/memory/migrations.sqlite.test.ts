import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DatabaseConnection, Dialect } from 'kysely';
import { nodeSqliteDialect } from '../../../core/memory/sql/nodeSqlite';
import type { SessionMemory } from '../../../core/memory/types';
import { releasedFolder } from '../../../tools/release/released';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, openMemory } from '../../support/memory';
import { testRules } from '../../support/noteRules';
import { offerRequest } from '../../support/offers';

// What an upgrade, or the first start, leaves behind when it ends in the middle.

const clock = createFakeClock();
let folder: string;
let file: string;
beforeEach(() => {
  // What a process leaves that is killed does not depend on the disk, and this one is quicker.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  folder = mkdtempSync(join(place, 'autoplay-migrations-'));
  file = join(folder, 'memory.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Interference {
  /** Called before each statement with its number, from 0; what it throws is the statement's outcome. */
  before?: (statement: number) => void;
  /** Statements take effect one by one. */
  withoutTransactions?: boolean;
  /** The disk has room for so many pages of the database. */
  pages?: number;
}

/** The dialect, with something that goes wrong. */
function disturbed({ before, withoutTransactions, pages }: Interference): Dialect {
  const dialect = nodeSqliteDialect(file, clock);
  let statements = 0;
  const createDriver = () => {
    const driver = dialect.createDriver();
    const once = new WeakMap<DatabaseConnection, DatabaseConnection>();
    const wrap = (connection: DatabaseConnection): DatabaseConnection => ({
      executeQuery: async (query) => {
        before?.(statements++);
        return await connection.executeQuery(query);
      },
      streamQuery: connection.streamQuery.bind(connection),
    });
    return {
      init: driver.init.bind(driver),
      async acquireConnection(options?: Parameters<typeof driver.acquireConnection>[0]) {
        const connection = await driver.acquireConnection(options);
        const known = once.get(connection);
        if (known) return known;
        if (pages) await connection.executeQuery(query(`pragma max_page_count = ${pages}`));
        const made = wrap(connection);
        once.set(connection, made);
        return made;
      },
      beginTransaction: async (...args: Parameters<typeof driver.beginTransaction>) => {
        if (!withoutTransactions) await driver.beginTransaction(...args);
      },
      commitTransaction: async (connection: DatabaseConnection) => {
        if (!withoutTransactions) await driver.commitTransaction(connection);
      },
      rollbackTransaction: async (connection: DatabaseConnection) => {
        if (!withoutTransactions) await driver.rollbackTransaction(connection);
      },
      releaseConnection: driver.releaseConnection.bind(driver),
      destroy: driver.destroy.bind(driver),
    };
  };
  return { ...dialect, createDriver };
}

const query = (sql: string) =>
  ({ sql, parameters: [], query: { kind: 'RawNode' } }) as unknown as Parameters<
    DatabaseConnection['executeQuery']
  >[0];

async function open(interference: Interference = {}): Promise<SessionMemory> {
  const newId = () => 'lease';
  const dialect = disturbed(interference);
  return await openMemory(dialect, { clock, newId, rules: testRules });
}

/** How many statements opening takes, from the file as it is. */
async function countStatements(): Promise<number> {
  let count = 0;
  const memory = await open({ before: (statement) => void (count = statement + 1) });
  await memory.close();
  return count;
}

function schema(): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare('select name, sql from sqlite_schema order by name').all();
  db.close();
  return rows;
}

/** What a killed process leaves: the files, without the locks that it had. */
function copyOfFiles(target: string): void {
  for (const part of ['', '-wal']) {
    if (existsSync(file + part)) copyFileSync(file + part, target + part);
  }
}

function empty(): void {
  for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
}

async function expectItWorks(expected: unknown): Promise<void> {
  const memory = await open();
  try {
    const [remembered] = await memory.remember('m', [batch('s', [action('one')])], DAY_MS);
    expect(remembered).toMatchObject({ added: 1 });
  } finally {
    await memory.close();
  }
  expect(schema()).toEqual(expected);
}

const RELEASED = readFileSync(join(releasedFolder, '0.1.0', 'memory.sql'), 'utf8');

/** A memory as version 0.1.0 left it, in the middle of its work. */
function released(): void {
  const db = new DatabaseSync(file);
  db.exec('pragma journal_mode = wal');
  db.exec(RELEASED);
  db.close();
}

describe.each([
  ['a first start', empty, 20],
  ['an upgrade', released, 0],
])('%s', (_, begin, fewestRefusals) => {
  let statements: number;
  let whole: unknown;
  beforeEach(async () => {
    begin();
    statements = await countStatements();
    whole = schema();
    empty();
    begin();
  });

  it('an upgrade can be killed before any statement', async () => {
    const left = (statement: number) => join(folder, `killed before ${statement}`);
    const memory = await open({ before: (statement) => copyOfFiles(left(statement)) });
    await memory.close();
    for (let statement = 0; statement < statements; statement++) {
      file = left(statement);
      await expectItWorks(whole);
    }
  });

  it('an upgrade can find the disk full at any page', async () => {
    let refusals = 0;
    for (let pages = 1, refused = true; refused; pages++) {
      refused = await open({ pages }).then(
        (memory) => memory.close().then(() => false),
        () => true,
      );
      if (refused) await expectItWorks(whole);
      if (refused) refusals += 1;
      empty();
      begin();
    }
    expect(refusals).toBeGreaterThanOrEqual(fewestRefusals);
  });
});

it('an upgrade can fail at any statement', async () => {
  released();
  const statements = await countStatements();
  const whole = schema();
  for (let statement = 0; statement < statements; statement++) {
    empty();
    released();
    const fail = (now: number) => {
      if (now === statement) throw new Error('It fails here');
    };
    await expect(open({ before: fail })).rejects.toThrow('It fails here');
    await expectItWorks(whole);
  }
});

it('a first start that version 0.1.0 did not finish is begun anew', async () => {
  const statements = await countStatements();
  const whole = schema();
  let triedAnew = 0;
  for (let statement = 0; statement < statements; statement++) {
    empty();
    const fail = (now: number) => {
      if (now >= statement) throw new Error('It ends here');
    };
    await open({ before: fail, withoutTransactions: true }).catch(() => undefined);
    if (isOfFirstVersion()) break;
    await expectItWorks(whole);
    triedAnew += 1;
  }
  expect(triedAnew).toBeGreaterThan(40);
});

it('a memory of version 0.1.0 keeps what it had', async () => {
  released();
  clock.jump(60_000);
  const memory = await open();
  try {
    const query = { session_id: 'told', windowMs: DAY_MS, maxActions: 9 };
    const told = await memory.recall('m', query);
    expect(told?.actions.map(({ description }) => description)).toEqual(['one', 'two', 'three']);
    expect(told?.session.links).toEqual({ intercom: '1', crisp: 'session_1' });
    const ref = { memory: 'm', product_id: 'shop', session_id: 'told' };
    const condition = { windowMs: DAY_MS, maxActions: 9, leaseMs: 1_000 };
    const claim = await memory.claimNote(ref, 'intercom', condition);
    expect(claim).toMatchObject({ note: { mayHaveLanded: true, otherNoteIds: ['note 1'] } });
    const email = 'eve@example.com';
    const [eve] = await memory.remember('m', [batch('e', [action('six')], { email })], DAY_MS);
    expect(eve?.links).toEqual({ intercom: '3' });
    expect(await memory.firstSight('hooks', 'delivery 1')).toBe(false);
    const offer = offerRequest(clock.now(), { session: ref, moment: { page: '' } });
    const { hold } = granted(await memory.claimOffer(offer));
    await memory.commitOffer(hold, { conversation_id: 'session_1', message_ref: null });
    const reply = { chat: 'crisp', conversation_id: 'session_1', value: 'no' };
    expect(await memory.recordReply('m', reply)).toMatchObject({ status: 'dismissed' });
  } finally {
    await memory.close();
  }
});

/** Whether everything is there that the first version made: its memory may hold something. */
function isOfFirstVersion(): boolean {
  const db = new DatabaseSync(file);
  try {
    const rows = db.prepare("select 1 from autoplay_migration where name like '008%'").all();
    return rows.length > 0;
  } catch {
    return false;
  } finally {
    db.close();
  }
}
