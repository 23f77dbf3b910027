import {
  PostgresDialect,
  PostgresQueryCompiler,
  type Dialect,
  type PostgresPool,
  type QueryCompiler,
} from 'kysely';
import type { PoolConfig } from 'pg';
import { carefulPool, type Patience } from './postgresPool';

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

/** At most. Transactions take milliseconds, so more of them would only wait for each other's locks. */
const CONNECTIONS = 10;
/** How long to wait for a server that does not answer, in milliseconds. */
export interface PostgresTimeouts {
  /** For a new connection. */
  connectMs: number;
  /** For the answer to a statement. */
  answerMs: number;
}

/** Shorter than Link keeps trying (see `patience.ts`), so that it tries more than once. */
const KEEP_ALIVE_MS = 10_000;
const TIMEOUTS: PostgresTimeouts = { connectMs: 10_000, answerMs: 12_000 };
/** PostgreSQL's number of the type int8, which pg returns as text. Ours are ids and times, which numbers can hold. */
const INT8 = 20;

/**
 * Kysely's PostgreSQL dialect over a pool of `pg`, made with the first query.
 *
 * @param patience overrides how long to wait for the answer to a statement
 */
export function postgresDialect(
  server: PostgresServer,
  timeouts: PostgresTimeouts = TIMEOUTS,
  patience: Patience = () => undefined,
): Dialect {
  const pool = async () => createPool(poolConfig(server, timeouts), patience);
  const dialect = new PostgresDialect({ pool });
  return Object.assign(dialect, { createQueryCompiler: (): QueryCompiler => new Compiler() });
}

/** What `pg` needs to know to open one connection, or a pool of them. */
function poolConfig(server: PostgresServer, { connectMs, answerMs }: PostgresTimeouts) {
  const { host, port, database, user, password, ssl } = server;
  return {
    ...{ host, port, database, user, password, ssl },
    application_name: 'n8n-nodes-autoplay',
    max: CONNECTIONS,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
    // By default, the system first asks after two hours of silence whether the server is still there.
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    // Idle connections do not keep the process alive; its end closes them.
    allowExitOnIdle: true,
  } satisfies PoolConfig;
}

/** Checks that the memory's tables are there or may be made. @throws PostgreSQL's own error if not */
export async function checkServer(server: PostgresServer): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { Client } = require('pg') as typeof import('pg');
  const client = new Client(poolConfig(server, TIMEOUTS));
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

function createPool(config: ReturnType<typeof poolConfig>, patience: Patience): PostgresPool {
  // Required late: a process that never opens this storage does not load the driver.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { Pool, types } = require('pg') as typeof import('pg');
  const pool = new Pool({
    ...config,
    // For these connections alone, because n8n uses the same driver and expects text.
    types: {
      getTypeParser: ((oid: number, format: 'text'): unknown =>
        oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  });
  return carefulPool(pool, config.max, patience);
}

/** Removes null characters from texts, because PostgreSQL refuses them. */
class Compiler extends PostgresQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    super.appendValue(Array.isArray(parameter) ? parameter.map(unspoilt) : unspoilt(parameter));
  }
}

function unspoilt(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '') : value;
}
