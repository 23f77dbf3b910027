import type { DatabaseConnection, Driver } from 'kysely';
import { wait, type Clock } from '../../clock';
import { troubleOf } from './sqliteErrors';

/** How long another process's lock is waited for, in milliseconds, by everybody together. */
const PATIENCE_MS = 10_000;
const TRY_EVERY_MS = 20;

/**
 * A SQLite driver that waits while another process has the database locked. SQLite's own waiting would
 * stop its thread. Whoever comes after others have waited in vain is refused at once: they wait
 * one behind the other, for there is one connection.
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
      // SQLite has rolled back by itself where the disk is full: what matters is the error before.
      await driver.rollbackTransaction(connection).catch(() => undefined);
    },
    releaseConnection: async () => {},
    destroy: (options) => driver.destroy(options),
  };
}
