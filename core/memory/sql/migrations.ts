import { sql, type CreateTableBuilder, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { asError } from '../../values';
import { StorageError } from '../errors';
import type { Database } from './tables';

export type Engine = 'sqlite' | 'postgres';

/**
 * Brings the schema up to date, all of it or nothing; safe to call at every start.
 * @throws StorageError for a memory of a newer version; else what the database says
 */
export async function migrate(db: Database, engine: Engine): Promise<void> {
  if (engine === 'sqlite') await removeHalfMade(db);
  const migrations = migrationsOf(engine);
  // In PostgreSQL, other programs may use this database, so only our schema is looked in.
  const schema = engine === 'postgres' ? await currentSchema(db) : undefined;
  // Without it, each start would wait for the lock of migrations, and through an outage for as long as a migration takes.
  if (schema !== undefined && (await isCurrent(db, schema, Object.keys(migrations)))) return;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    ...(schema !== undefined && { migrationTableSchema: schema }),
    migrationTableName: MIGRATIONS,
    migrationLockTableName: `${MIGRATIONS}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (isOfLater(error)) throw new StorageError(...OF_LATER, { cause: error });
  if (error) throw asError(error);
}

const MIGRATIONS = 'autoplay_migration';

function migrationsOf(engine: Engine): Record<string, Migration> {
  return {
    '001_sessions': sessions(engine),
    '002_recall': recall,
    '003_redactions': redactions,
    '004_redaction_pauses': redactionPauses,
    '005_identities': identities(engine),
    '006_note_numbers': noteNumbers(engine),
    '007_note_indexes': noteIndexes,
    '008_one_spelling': oneSpelling,
    '009_due_by_memory': dueByMemory,
    '010_lease_lengths': leaseLengths,
    '011_persons': persons,
    '012_expiry': expiry,
    '013_pace': pace,
    '014_latest_first': latestFirst,
    '015_incoming': incoming,
    '016_moments': moments(engine),
    '017_offers': offers(engine),
  };
}

/** Whether exactly these migrations have been carried out in a database on a server. */
async function isCurrent(db: Database, schema: string, names: string[]): Promise<boolean> {
  const table = sql.id(schema, MIGRATIONS);
  const { rows: found } = await sql<{ there: boolean }>`
    select to_regclass(quote_ident(${schema}) || '.' || ${MIGRATIONS}) is not null as there`.execute(
    db,
  );
  if (!found[0]?.there) return false;
  const { rows } = await sql<{ name: string }>`select name from ${table}`.execute(db);
  const done = rows.map(({ name }) => name).sort();
  return done.join() === names.toSorted().join();
}

/** The last migration of the version that made SQLite's tables one by one. */
const LAST_MADE_ONE_BY_ONE = '008_one_spelling';

/**
 * Removes tables of a first start that version 0.1.0 did not come to the end of: nothing can be in them, and
 * the migration that would make them finds them there.
 */
async function removeHalfMade(db: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ name: string }>`select name from sqlite_schema
      where type = 'table' and name like 'autoplay!_%' escape '!'`.execute(tx);
    const tables = new Set(rows.map(({ name }) => name));
    if (!tables.has('autoplay_session') || !tables.has('autoplay_migration')) return;
    const carriedOut = await sql`select 1 from autoplay_migration
      where name = ${LAST_MADE_ONE_BY_ONE} union all select 1 from autoplay_session limit 1`.execute(
      tx,
    );
    if (carriedOut.rows.length > 0) return;
    await sql`delete from autoplay_migration`.execute(tx);
    for (const table of tables) {
      if (!table.startsWith('autoplay_migration')) await tx.schema.dropTable(table).execute();
    }
  });
}

/** As Kysely says it of a migration that was carried out and that we do not know. */
function isOfLater(error: unknown): boolean {
  return (
    error instanceof Error && /previously executed migration .* is missing/.test(error.message)
  );
}

const OF_LATER = [
  'The session memory was written by a newer version of this package',
  'Install that version again. To stay with this one, stop n8n and put the copy of the memory back that was made before the upgrade, or move the memory away: see docs/upgrading.md.',
] as const;

async function currentSchema(db: Database): Promise<string> {
  const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(
    db,
  );
  return rows[0]?.schema ?? 'public';
}

/** How each engine numbers the rows of a table. */
function rowIds(engine: Engine) {
  return {
    id: <T extends string>(table: CreateTableBuilder<T>) =>
      engine === 'sqlite'
        ? table.addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        : table.addColumn('id', 'bigserial', (c) => c.primaryKey()),
    /** The type of columns that hold an `id` of another table. */
    row: engine === 'sqlite' ? ('integer' as const) : ('bigint' as const),
  };
}

function sessions(engine: Engine): Migration {
  const { id, row } = rowIds(engine);

  return {
    async up(db: Kysely<unknown>) {
      await id(db.schema.createTable('autoplay_session'))
        .addColumn('memory', 'text', (c) => c.notNull())
        .addColumn('product_id', 'text', (c) => c.notNull())
        .addColumn('session_id', 'text', (c) => c.notNull())
        .addColumn('user_id', 'text')
        .addColumn('email', 'text')
        .addColumn('stream_conversation_id', 'text')
        .addColumn('last_seq', 'integer', (c) => c.notNull().defaultTo(0))
        .addColumn('summarised_seq', 'integer', (c) => c.notNull().defaultTo(0))
        .addColumn('summary_lease', 'text')
        .addColumn('summary_lease_until', 'bigint')
        .addColumn('summary_failures', 'integer', (c) => c.notNull().defaultTo(0))
        .addColumn('summary_retry_at', 'bigint')
        .addColumn('last_seen_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addUniqueConstraint('autoplay_session_key', ['memory', 'product_id', 'session_id'])
        .execute();
      await index(db, 'autoplay_session', ['memory', 'session_id']);
      await index(db, 'autoplay_session', ['user_id']);
      await index(db, 'autoplay_session', ['email']);
      await index(db, 'autoplay_session', ['expires_at']);

      await db.schema
        .createTable('autoplay_action')
        .addColumn('session', row, (c) => c.notNull())
        .addColumn('seq', 'integer', (c) => c.notNull())
        .addColumn('action_id', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('autoplay_action_place', ['session', 'seq'])
        .addUniqueConstraint('autoplay_action_identity', ['session', 'action_id'])
        .execute();

      await id(db.schema.createTable('autoplay_link'))
        .addColumn('session', row, (c) => c.notNull())
        .addColumn('chat', 'text', (c) => c.notNull())
        .addColumn('conversation_id', 'text', (c) => c.notNull())
        .addColumn('linked_at', 'bigint', (c) => c.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('delivered_seq', 'integer')
        .addColumn('recalled_seq', 'integer', (c) => c.notNull().defaultTo(0))
        .addColumn('lease', 'text')
        .addColumn('lease_until', 'bigint')
        .addColumn('failures', 'integer', (c) => c.notNull().defaultTo(0))
        .addColumn('due_at', 'bigint')
        .addColumn('looks', 'integer', (c) => c.notNull().defaultTo(0))
        .addUniqueConstraint('autoplay_link_once', ['session', 'chat', 'conversation_id'])
        .execute();
      // Sticky: at most one link per session and chat product is alive.
      await sql`create unique index autoplay_link_alive on autoplay_link (session, chat) where ended_at is null`.execute(
        db,
      );
      await sql`create index autoplay_link_due on autoplay_link (due_at) where due_at is not null`.execute(
        db,
      );
      await index(db, 'autoplay_link', ['conversation_id']);

      await id(db.schema.createTable('autoplay_waiting_link'))
        .addColumn('memory', 'text', (c) => c.notNull())
        .addColumn('chat', 'text', (c) => c.notNull())
        .addColumn('conversation_id', 'text', (c) => c.notNull())
        .addColumn('product_id', 'text')
        .addColumn('session_id', 'text')
        .addColumn('user_id', 'text')
        .addColumn('email', 'text')
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addUniqueConstraint('autoplay_waiting_link_once', ['memory', 'chat', 'conversation_id'])
        .execute();
      await index(db, 'autoplay_waiting_link', ['memory', 'session_id']);
      await index(db, 'autoplay_waiting_link', ['memory', 'user_id']);
      await index(db, 'autoplay_waiting_link', ['memory', 'email']);

      await id(db.schema.createTable('autoplay_summary'))
        .addColumn('session', row, (c) => c.notNull())
        .addColumn('upto_seq', 'integer', (c) => c.notNull())
        .addColumn('text', 'text', (c) => c.notNull())
        .addColumn('source', 'text', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addUniqueConstraint('autoplay_summary_once', ['session', 'source'])
        .execute();

      await id(db.schema.createTable('autoplay_note'))
        .addColumn('link', row, (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('summary', row)
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('note_id', 'text')
        .addColumn('text', 'text', (c) => c.notNull())
        .addColumn('from_seq', 'integer', (c) => c.notNull())
        .addColumn('to_seq', 'integer', (c) => c.notNull())
        .addColumn('actions', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .execute();
      await index(db, 'autoplay_note', ['link', 'state']);

      await db.schema
        .createTable('autoplay_seen')
        .addColumn('scope', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('seen_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('autoplay_seen_once', ['scope', 'key'])
        .execute();
      await index(db, 'autoplay_seen', ['seen_at']);
    },
  };
}

const recall: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('autoplay_link').addColumn('told_from_seq', 'integer').execute();
    // What earlier recalls returned was not recorded. To be safe, assume that they returned everything.
    await sql`update autoplay_link set told_from_seq = 0 where recalled_seq > 0`.execute(db);
    await index(db, 'autoplay_summary', ['session', 'upto_seq']);
    await index(db, 'autoplay_waiting_link', ['memory', 'conversation_id']);
    await index(db, 'autoplay_session', ['stream_conversation_id']);
  },
};

const redactions: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [name, type] of [
      ['redact_lease', 'text'],
      ['redact_lease_until', 'bigint'],
    ] as const) {
      await db.schema.alterTable('autoplay_link').addColumn(name, type).execute();
    }
  },
};

const redactionPauses: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('autoplay_link')
      .addColumn('redact_failures', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('autoplay_link').addColumn('redact_retry_at', 'bigint').execute();
  },
};

const identities = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('autoplay_identity')
      .addColumn('session', engine === 'sqlite' ? 'integer' : 'bigint', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('autoplay_identity_once', ['session', 'kind', 'value'])
      .execute();
    await index(db, 'autoplay_identity', ['value', 'kind']);
    // What sessions went by before is not known any more.
    for (const kind of ['user_id', 'email']) {
      const column = sql.ref(kind);
      await sql`insert into autoplay_identity (session, kind, value)
        select id, ${sql.lit(kind)}, ${column} from autoplay_session where ${column} is not null`.execute(
        db,
      );
    }
  },
});

/** A session that goes on for long has thousands of notes, and each new one asks for these. */
const noteIndexes: Migration = {
  async up(db: Kysely<unknown>) {
    await index(db, 'autoplay_note', ['link', 'kind', 'id']);
    await index(db, 'autoplay_note', ['note_id', 'link']);
  },
};

/** Two people may act in one session, one after the other. */
const persons: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('autoplay_session')
      .addColumn('person_from_seq', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  },
};

/** As the word is spelt everywhere else. */
const oneSpelling: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('autoplay_session')
      .renameColumn('summarised_seq', 'summarized_seq')
      .execute();
  },
};

/** What is due in a memory is looked for with each action, beside however many sessions and memories. */
const dueByMemory: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('autoplay_link')
      .addColumn('memory', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
    await sql`update autoplay_link set memory = coalesce(
      (select memory from autoplay_session where autoplay_session.id = autoplay_link.session), '')`.execute(
      db,
    );
    await db.schema.dropIndex('autoplay_link_due').execute();
    await sql`create index autoplay_link_due on autoplay_link (memory, due_at) where due_at is not null`.execute(
      db,
    );
    await db.schema.alterTable('autoplay_session').addColumn('stream_named_at', 'bigint').execute();
    await sql`update autoplay_session set stream_named_at = last_seen_at
      where stream_conversation_id is not null and not exists (
        select 1 from autoplay_link where autoplay_link.session = autoplay_session.id)`.execute(db);
    await sql`create index autoplay_session_named on autoplay_session (memory, stream_named_at)
      where stream_named_at is not null`.execute(db);
  },
};

const expiry: Migration = {
  up: async (db: Kysely<unknown>) => await index(db, 'autoplay_waiting_link', ['expires_at']),
};

const leaseLengths: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [table, column] of [
      ['autoplay_link', 'lease_ms'],
      ['autoplay_link', 'redact_lease_ms'],
      ['autoplay_session', 'summary_lease_ms'],
    ] as const) {
      await db.schema.alterTable(table).addColumn(column, 'bigint').execute();
    }
  },
};

const pace: Migration = {
  async up(db: Kysely<unknown>) {
    for (const column of ['spoke_at', 'closed_at', 'noted_at', 'paused_until']) {
      await db.schema.alterTable('autoplay_link').addColumn(column, 'bigint').execute();
    }
    for (const column of ['notes', 'keep_latest']) {
      await db.schema
        .alterTable('autoplay_link')
        .addColumn(column, 'integer', (c) => c.notNull().defaultTo(0))
        .execute();
    }
    await sql`update autoplay_link set notes = (
      select count(*) from autoplay_note where autoplay_note.link = autoplay_link.id)`.execute(db);
  },
};

/**
 * For lists of what a memory holds. The index is of expressions, which only lists use: both engines would use one of the
 * columns for the newest session of one visitor as well, and read all others.
 */
const latestFirst: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index autoplay_session_latest on autoplay_session ((memory || ''), (-last_seen_at))`.execute(
      db,
    );
    await index(db, 'autoplay_link', ['memory', 'id']);
  },
};

const incoming: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('autoplay_session').addColumn('project_url', 'text').execute();
    await db.schema
      .createTable('autoplay_incoming')
      .addColumn('inbox', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('arrived_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('autoplay_incoming_key', ['inbox', 'key'])
      .execute();
    await index(db, 'autoplay_incoming', ['inbox', 'arrived_at']);
    await index(db, 'autoplay_incoming', ['arrived_at']);
  },
};

const moments = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    const row = engine === 'sqlite' ? 'integer' : 'bigint';
    const table = (name: string, columns: Record<string, 'text' | 'bigint' | 'integer'>) =>
      Object.entries(columns).reduce(
        (made, [column, type]) => made.addColumn(column, type, (c) => c.notNull()),
        db.schema.createTable(name) as CreateTableBuilder<string, string>,
      );
    await table('autoplay_moment', {
      ...{ moment_id: 'text', memory: 'text', product_id: 'text', person: 'text' },
      ...{ detector: 'text', fired: 'text', at: 'bigint' },
    })
      .addPrimaryKeyConstraint('autoplay_moment_key', ['moment_id'])
      .addUniqueConstraint('autoplay_moment_once', [
        ...(['person', 'memory', 'product_id', 'detector', 'fired'] as const),
      ])
      .execute();
    await index(db, 'autoplay_moment', ['at']);
    await table('autoplay_watch', { session: row, detector: 'text', memory: 'text', fired: 'text' })
      .addColumn('due_at', 'bigint')
      .addPrimaryKeyConstraint('autoplay_watch_key', ['session', 'detector'])
      .execute();
    await sql`create index autoplay_watch_due on autoplay_watch (memory, due_at) where due_at is not null`.execute(
      db,
    );
    await table('autoplay_history', {
      ...{ memory: 'text', product_id: 'text', person: 'text', body: 'text' },
      ...{ kept_since: 'bigint', seen_at: 'bigint' },
    })
      .addPrimaryKeyConstraint('autoplay_history_key', ['person', 'memory', 'product_id'])
      .execute();
    await index(db, 'autoplay_history', ['memory', 'kept_since']);
    await index(db, 'autoplay_history', ['seen_at']);
    await table('autoplay_secret', { name: 'text', value: 'text' })
      .addPrimaryKeyConstraint('autoplay_secret_key', ['name'])
      .execute();
  },
});

function offers(engine: Engine): Migration {
  const { id, row } = rowIds(engine);
  return {
    async up(db: Kysely<unknown>) {
      await id(db.schema.createTable('autoplay_offer'))
        .addColumn('offer_id', 'text', (c) => c.notNull().unique())
        .addColumn('memory', 'text', (c) => c.notNull())
        .addColumn('product_id', 'text', (c) => c.notNull())
        .addColumn('session', row, (c) => c.notNull())
        .addColumn('person_seq', 'integer', (c) => c.notNull())
        .addColumn('session_id', 'text')
        .addColumn('person', 'text', (c) => c.notNull())
        .addColumn('moment_id', 'text', (c) => c.notNull())
        .addColumn('moment_at', 'bigint', (c) => c.notNull())
        .addColumn('rule', 'text', (c) => c.notNull())
        .addColumn('rule_version', 'text', (c) => c.notNull())
        .addColumn('page', 'text', (c) => c.notNull())
        .addColumn('chat', 'text', (c) => c.notNull())
        .addColumn('decided_at', 'bigint', (c) => c.notNull())
        .addColumn('decided_seq', 'integer', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('reason', 'text')
        .addColumn('arm', 'text')
        .addColumn('made_at', 'bigint')
        .addColumn('text', 'text', (c) => c.notNull())
        .addColumn('choices', 'text')
        .addColumn('conversation_id', 'text')
        .addColumn('message_ref', 'text')
        .addColumn('lease', 'text')
        .addColumn('lease_until', 'bigint')
        .addColumn('lease_ms', 'bigint')
        .addColumn('failures', 'integer', (c) => c.notNull())
        .addColumn('may_have_landed', 'integer', (c) => c.notNull())
        .addColumn('sent_at', 'bigint')
        .addColumn('seen_at', 'bigint')
        .addColumn('withdrawn_at', 'bigint')
        .addColumn('outcome', 'text')
        .addColumn('outcome_at', 'bigint')
        .addColumn('choice', 'text')
        .addColumn('answer_id', 'text')
        .addColumn('ignored_after_ms', 'bigint', (c) => c.notNull())
        .addColumn('dismissed_ms', 'bigint', (c) => c.notNull())
        .addColumn('twice_ms', 'bigint', (c) => c.notNull())
        .addColumn('goal', 'text')
        .addColumn('goal_until', 'bigint')
        .addColumn('has_goal', 'integer', (c) => c.notNull())
        .addColumn('converted_at', 'bigint')
        .addColumn('settle_at', 'bigint', (c) => c.notNull())
        .addUniqueConstraint('autoplay_offer_once', ['memory', 'moment_id', 'chat'])
        .execute();
      await index(db, 'autoplay_offer', ['session']);
      await index(db, 'autoplay_offer', ['settle_at']);
      await index(db, 'autoplay_offer', ['memory', 'decided_at']);
      await sql`create index autoplay_offer_standing on autoplay_offer (memory, conversation_id)
        where conversation_id is not null`.execute(db);
      await sql`create index autoplay_offer_made on autoplay_offer (memory, product_id, made_at)
        where made_at is not null`.execute(db);
      await sql`create index autoplay_offer_sending on autoplay_offer (memory, lease_until)
        where state = 'sending'`.execute(db);
      await sql`create index autoplay_offer_shown
        on autoplay_offer (memory, product_id, rule, rule_version, sent_at)
        where sent_at is not null`.execute(db);

      await db.schema
        .createTable('autoplay_offer_person')
        .addColumn('offer', row, (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('made', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('autoplay_offer_person_once', ['offer', 'key'])
        .execute();
      await index(db, 'autoplay_offer_person', ['key', 'made', 'offer']);

      await db.schema
        .createTable('autoplay_objection')
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('memory', 'text', (c) => c.notNull())
        .addColumn('product_id', 'text', (c) => c.notNull())
        .addColumn('until', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('autoplay_objection_once', ['key', 'memory', 'product_id'])
        .execute();
      await index(db, 'autoplay_objection', ['until']);
    },
  };
}

/**
 * Notes are numbered from the time on at which the database was made, in milliseconds. One that takes
 * the place of a damaged one may be told the outcome of a note that is not in it: its number must not be
 * another's.
 */
function noteNumbers(engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>) {
      if (engine !== 'sqlite') return;
      const now = sql`cast(1000 * unixepoch('subsec') as integer)`;
      await sql`insert into sqlite_sequence (name, seq) select 'autoplay_note', 0
        where not exists (select 1 from sqlite_sequence where name = 'autoplay_note')`.execute(db);
      await sql`update sqlite_sequence set seq = ${now} where name = 'autoplay_note'`.execute(db);
    },
  };
}

async function index(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_by_${columns.join('_')}`;
  await db.schema.createIndex(name).on(table).columns(columns).execute();
}
