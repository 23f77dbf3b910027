import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { delegating } from '../../core/memory/delegating';
import { checkServer, type PostgresServer } from '../../core/memory/sql/postgres';
import { explained } from '../../core/memory/sql/postgresErrors';
import { openPostgresMemory } from '../../core/memory/sql/postgresMemory';
import type { SessionMemory } from '../../core/memory/types';

/** The server that the credential Autoplay Memory API names. */
export function serverOf(credential: ICredentialDataDecryptedObject): PostgresServer {
  const text = (field: string, otherwise: string) =>
    String(credential[field] ?? '').trim() || otherwise;
  return {
    host: text('host', 'localhost'),
    port: Number(credential.port) || 5432,
    database: text('database', 'n8n'),
    user: text('user', 'postgres'),
    // Whatever it begins or ends with belongs to it.
    password: String(credential.password ?? ''),
    ssl: credential.ssl === true,
  };
}

/**
 * Connects to a server, and looks whether sessions could be kept there; changes nothing.
 * @throws StorageError with what to do
 */
export async function tryServer(server: PostgresServer): Promise<void> {
  await checkServer(server).catch((error: unknown) => {
    throw explained(error, server);
  });
}

/** A memory on a server. It is opened when it is used: a server that cannot be reached now may be mended later. */
export function serverMemory(
  server: PostgresServer,
  parts: Parameters<typeof openPostgresMemory>[1],
): SessionMemory {
  let opening: Promise<SessionMemory> | undefined;
  const begin = () => {
    opening = openPostgresMemory(server, { ...parts, serverTime: true });
    opening.catch(() => (opening = undefined));
    return opening;
  };
  return delegating(async (work) => await work(await (opening ?? begin())));
}
