import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { checkServer, type PostgresServer } from '../../core/memory/sql/postgres';
import { explained } from '../../core/memory/sql/postgresErrors';

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
