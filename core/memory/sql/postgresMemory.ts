import type { SessionMemory } from '../types';
import { openSqlMemory, type SqlMemoryOptions } from './memory';
import { postgresDialect, type PostgresServer } from './postgres';
import { explained } from './postgresErrors';

/**
 * Opens a session memory in PostgreSQL, whose errors say what is wrong with the server. Connections are
 * opened when they are needed, so it goes on by itself when the server comes back after an outage.
 * @throws StorageError, or what the database says
 */
export async function openPostgresMemory(
  server: PostgresServer,
  options: Pick<SqlMemoryOptions, 'clock' | 'newId' | 'rules'>,
): Promise<SessionMemory> {
  const dialect = postgresDialect(server);
  const memory = await openSqlMemory({ engine: 'postgres', dialect, ...options }).catch((error) => {
    throw explained(error, server);
  });
  const methods = Object.entries(memory).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (method as (...args: unknown[]) => Promise<unknown>)(...args);
      } catch (error) {
        throw explained(error, server);
      }
    },
  ]);
  return Object.fromEntries(methods) as SessionMemory;
}
