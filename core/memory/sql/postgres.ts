import {
  PostgresDialect,
  PostgresQueryCompiler,
  type Dialect,
  type PostgresPool,
  type QueryCompiler,
} from 'kysely';
import type { PoolConfig } from 'pg';

/** A PostgreSQL server and what opens it. */
export interface PostgresServer {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** Encrypted, with a certificate that Node trusts. */
  ssl: boolean;
}

/** Transactions take milliseconds; more at once would be waiting for each other's locks. */
const CONNECTIONS = 10;
/** How long a connection is waited for, in milliseconds, be it a new one or one that is given back. */
const CONNECT_TIMEOUT_MS = 10_000;
/** How long an answer is waited for, in milliseconds: a server that has gone says nothing. */
const ANSWER_TIMEOUT_MS = 30_000;
/** PostgreSQL's number of the type int8, which pg gives as text. Ours are ids and times: numbers hold them. */
const INT8 = 20;

/** Kysely's PostgreSQL dialect over a pool of `pg`, made with the first query. */
export function postgresDialect(server: PostgresServer): Dialect {
  const dialect = new PostgresDialect({ pool: async () => createPool(poolConfig(server)) });
  return Object.assign(dialect, { createQueryCompiler: (): QueryCompiler => new Compiler() });
}

/** What `pg` needs to know to open one connection, or a pool of them. */
export function poolConfig({ host, port, database, user, password, ssl }: PostgresServer) {
  return {
    ...{ host, port, database, user, password, ssl },
    application_name: 'n8n-nodes-autoplay',
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    // What waits for nothing does not keep a process from ending, which closes its connections.
    allowExitOnIdle: true,
  } satisfies PoolConfig;
}

/** Whether the memory's tables are there or may be made, as PostgreSQL's own error says if not. */
export async function checkServer(server: PostgresServer): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { Client } = require('pg') as typeof import('pg');
  const client = new Client(poolConfig(server));
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ usable: boolean }>(
      `select to_regclass('autoplay_session') is not null
        or coalesce(has_schema_privilege(current_schema(), 'create'), false) as usable`,
    );
    if (!rows[0]?.usable) throw Object.assign(new Error('permission denied'), { code: '42501' });
  } finally {
    await client.end();
  }
}

function createPool(config: PoolConfig): PostgresPool {
  // Required late: a process that never opens this storage does not load the driver.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { Pool, types } = require('pg') as typeof import('pg');
  const pool = new Pool({
    ...config,
    // For these connections alone: n8n uses the same driver, and means something else by it.
    types: {
      getTypeParser: ((oid: number, format: 'text'): unknown =>
        oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  });
  // Whoever uses a connection that breaks hears of it by their query, and the pool opens another. An
  // event that nobody listens to would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Texts hold no null characters in PostgreSQL, and it would refuse what has one. */
class Compiler extends PostgresQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    const isSpoilt = typeof parameter === 'string' && parameter.includes('\0');
    super.appendValue(isSpoilt ? parameter.replaceAll('\0', '') : parameter);
  }
}
