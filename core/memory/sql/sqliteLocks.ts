import type { DatabaseConnection, Driver } from 'kysely';
import { wait, type Clock } from '../../clock';
import { troubleOf } from './sqliteErrors';

/** How long all calls together wait for another process's lock, in milliseconds. */
const PATIENCE_MS = 10_000;
const TRY_EVERY_MS = 20;

/**
 * A SQLite driver that waits while another process has the database locked. SQLite's own waiting would block the
 * thread. Calls queue for the one connection, so once a call has waited in vain, the next ones are refused at once
 * instead of each waiting as long.
 */
export function waitingForOthers(driver: Driver, clock: Clock): Driver {
  let lockedSince: number | undefined;

  async function whenFree<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await work();
        lockedSince = undefined;
        return result;
      } catch (error) {
        if (troubleOf(error) !== 'locked') throw error;
        lockedSince ??= clock.now();
        if (clock.now() - lockedSince >= PATIENCE_MS) throw error;
        await wait(clock, TRY_EVERY_MS);
      }
    }
  }

  const connections = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const patient = (connection: DatabaseConnection): DatabaseConnection => {
    const known = connections.get(connection);
    if (known) return known;
    const made: DatabaseConnection = {
      executeQuery: (query) => whenFree(() => connection.executeQuery(query)),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
    connections.set(connection, made);
    return made;
  };

  return {
    init: (options) => driver.init(options),
    acquireConnection: async (options) => patient(await driver.acquireConnection(options)),
    beginTransaction: (connection, settings) => driver.beginTransaction(connection, settings),
    commitTransaction: (connection) => driver.commitTransaction(connection),
    async rollbackTransaction(connection) {
      // On a full disk SQLite has rolled back by itself, and this fails. The error before it is the one to report.
      await driver.rollbackTransaction(connection).catch(() => undefined);
    },
    releaseConnection: async () => {},
    destroy: (options) => driver.destroy(options),
  };
}
