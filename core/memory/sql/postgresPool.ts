import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { asError } from '../../values';
import { createTurns } from './turns';

/**
 * PostgreSQL's codes, or the classes they begin with, after which a connection is closed, as after a network error: not
 * the statement is at fault but the server, or the way to it. A server that only allows reading (25006) may have been
 * demoted.
 */
const BROKEN = /^(08|25|28|3D|40003|533|534|57P|58|XX)/;
/** The server accepts no more connections. Those that are open still work. */
const TOO_MANY = '53300';

/**
 * Has the server end the transaction if this process vanishes in the middle of it: until then, no other process could
 * change its sessions. Set for the transaction alone, because a pooler may give the connection to another client next.
 */
const BEGIN = "begin; set local idle_in_transaction_session_timeout = '60s'";

/** Other server errors that pass by themselves: another transaction was in the way, or a time limit was exceeded. */
const PASSING = new Set(['40001', '40P01', '55P03', '57014']);

/** How long to wait for the answer to a statement, in milliseconds; undefined for as long as usual. */
export type Patience = (sql: string) => number | undefined;

const passing = new WeakSet<object>();

/**
 * Whether an error passes and certainly left nothing behind, so that the call can be made again: another transaction
 * was in its way, or the connection broke before anything was committed.
 */
export function canBeginAnew(error: unknown): boolean {
  return typeof error === 'object' && error !== null && passing.has(error);
}

/**
 * A pool that discards each connection that has failed, and all that were opened before one failed: after a failover,
 * all of them lead to a server that does not answer. A connection on which an answer timed out is discarded as well.
 * Its statement is still running, so the next one would become part of the same transaction.
 */
export function carefulPool(pool: Pool, connections: number, patience: Patience): PostgresPool {
  const turns = createTurns(connections);
  /** How many failures there had been when each connection was opened. */
  const openedAt = new WeakMap<PoolClient, number>();
  let failures = 0;
  // An `error` event without a listener would end the process. The query that uses the connection fails anyway.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    openedAt.set(client, failures);
    client.on('error', () => {});
  });

  async function connect(): Promise<PoolClient> {
    for (;;) {
      const client = await pool.connect();
      if (openedAt.get(client) === failures) return client;
      client.release(true);
    }
  }

  return {
    options: pool.options,
    // Waiting for a turn says nothing about the server, so only opening a connection has a time limit.
    async connect() {
      await turns.take();
      let client: PoolClient;
      try {
        client = await connect();
      } catch (error) {
        if (codeOf(error) === TOO_MANY) {
          turns.give();
          passing.add(error as object);
        } else {
          // Each waiting call would find out the same, one after the other, after the same time.
          turns.giveUp(error);
        }
        throw error;
      }
      return careful(client, patience, () => (failures += 1), turns.give);
    },
    end: () => pool.end(),
  };
}

/** A connection for one transaction or statement. */
function careful(
  client: PoolClient,
  patience: Patience,
  onFailure: () => void,
  onRelease: () => void,
) {
  let failure: Error | undefined;
  /** Whether a transaction has begun and its commit has not been sent yet. */
  let open = false;

  async function query<R>(
    sql: string,
    parameters: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> {
    if (failure !== undefined) {
      // The server rolls back the transaction of a connection that is closed.
      if (sql === 'rollback') return { command: 'ROLLBACK', rowCount: 0, rows: [] };
      throw failure;
    }
    if (sql === 'begin') open = true;
    if (sql === 'commit') open = false;
    try {
      const text = sql === 'begin' ? BEGIN : sql;
      const values = parameters as unknown[];
      const config = { text, values, query_timeout: patience(sql) };
      return (await client.query(config)) as unknown as PostgresQueryResult<R>;
    } catch (error) {
      const ordinary = isOrdinary(error);
      if (!ordinary) {
        failure = asError(error);
        onFailure();
      }
      if (ordinary ? PASSING.has(codeOf(error)) : open) passing.add(error as object);
      if (sql === 'rollback') return { command: 'ROLLBACK', rowCount: 0, rows: [] };
      throw error;
    }
  }

  return {
    query,
    release() {
      onRelease();
      client.release(failure !== undefined);
    },
  } as PostgresPoolClient;
}

function isOrdinary(error: unknown): boolean {
  // Node's own codes, such as EPIPE, look alike. Only errors of the server have a severity.
  return (error as { severity?: unknown }).severity !== undefined && !BROKEN.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}
