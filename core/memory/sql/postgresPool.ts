import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { asError } from '../../values';
import { createTurns } from './turns';

/**
 * PostgreSQL's codes, whole or their classes, after which a connection is closed, as after an error of the network's:
 * what is wrong is not the statement but the server, or the way to it. One that only allows reading (25006) may have
 * been demoted.
 */
const BROKEN = /^(08|25|28|3D|40003|533|534|57P|58|XX)/;
/** No connection is left on the server; the ones that are open work all the same. */
const TOO_MANY = '53300';

/**
 * Also ends the transaction on the server when this process stops in the middle of one without a word, for
 * nobody else could change its sessions until the server notices. Set for the transaction alone, since a pooler
 * may give the connection to others after it.
 */
const BEGIN = "begin; set local idle_in_transaction_session_timeout = '60s'";

/** Other errors of the server's that pass by themselves: others were in the way, or a time limit of the server's was over. */
const PASSING = new Set(['40001', '40P01', '55P03', '57014']);

/** How long the answer to a statement is waited for, in milliseconds; undefined for as long as usual. */
export type Patience = (sql: string) => number | undefined;

const passing = new WeakSet<object>();

/**
 * Whether an error passes and certainly left nothing behind, so that the call can be made again: others were in
 * its way, or the connection broke before anything was committed.
 */
export function canBeginAnew(error: unknown): boolean {
  return typeof error === 'object' && error !== null && passing.has(error);
}

/**
 * A pool that gives no connection out again that has failed, or that was opened before another one failed: after
 * a failover, all of them lead to a server that does not answer. A connection on which an answer was waited for
 * in vain has a statement under way, and what is asked for next would become part of that one's transaction.
 */
export function carefulPool(pool: Pool, connections: number, patience: Patience): PostgresPool {
  const turns = createTurns(connections);
  /** When each connection was opened, as the number of failures before. */
  const openedAt = new WeakMap<PoolClient, number>();
  let failures = 0;
  // An event that nobody listens to would end the process. Who uses the connection learns of it by its query.
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
    // Waiting for one's turn is no trouble of the server's: only opening a connection has a time limit.
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
          // They would wait as long, one after the other, to find out the same.
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
  /** Whether a transaction was begun and its commit not asked for yet. */
  let open = false;

  async function query<R>(
    sql: string,
    parameters: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> {
    if (failure !== undefined) {
      // The server rolls back what a connection that is closed had begun.
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
  // Node's own codes look alike, EPIPE for one; only the server's errors have a severity.
  return (error as { severity?: unknown }).severity !== undefined && !BROKEN.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}
