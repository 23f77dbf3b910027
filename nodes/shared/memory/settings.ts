import {
  NodeOperationError,
  type ICredentialDataDecryptedObject,
  type IExecuteFunctions,
  type IWebhookFunctions,
} from 'n8n-workflow';
import type { PostgresServer } from '../../../core/memory/sql/postgres';

/** Where and for how long sessions are kept. */
export interface MemorySettings {
  storage: string;
  /** The server, where the storage is `postgres`. */
  server?: PostgresServer;
  retentionMs: number;
}

/** The type of the optional credential. */
export const MEMORY_CREDENTIAL = 'autoplayMemoryApi';

const HOUR_MS = 3_600_000;
/** A hundred years. */
const MOST_HOURS = 876_000;

const DEFAULTS: MemorySettings = { storage: 'sqlite', retentionMs: 24 * HOUR_MS };

/**
 * The settings of the optional credential, or the defaults without it.
 * @throws NodeOperationError where it is wanted and none is chosen
 */
export async function memorySettings(
  context: Pick<IExecuteFunctions | IWebhookFunctions, 'getNode' | 'getCredentials'>,
): Promise<MemorySettings> {
  const { credentials, parameters, typeVersion } = context.getNode();
  // A credential that was chosen before stays in the node, and n8n refuses to read it.
  if (parameters?.memoryStorage === 'embedded') return DEFAULTS;
  if (!credentials?.[MEMORY_CREDENTIAL]) {
    if (!(typeVersion > 1) || parameters?.memoryStorage !== 'credential') return DEFAULTS;
    throw new NodeOperationError(context.getNode(), 'No credential is chosen for the memory', {
      description: "Choose it under Memory Storage, or set that to n8n's Own Folder.",
    });
  }
  const credential = await context.getCredentials(MEMORY_CREDENTIAL);
  const hours = Math.min(Number(credential.retentionHours), MOST_HOURS);
  const storage = typeof credential.storage === 'string' ? credential.storage : DEFAULTS.storage;
  return {
    storage,
    ...(storage === 'postgres' && { server: serverOf(credential) }),
    retentionMs: hours > 0 ? Math.round(hours * HOUR_MS) : DEFAULTS.retentionMs,
  };
}

/** The server that the credential Autoplay Memory API names. */
export function serverOf(credential: ICredentialDataDecryptedObject): PostgresServer {
  const text = (field: string, otherwise: string) =>
    String(credential[field] ?? '').trim() || otherwise;
  return {
    host: text('host', 'localhost'),
    port: Number(credential.port) || 5432,
    database: text('database', 'n8n'),
    user: text('user', 'postgres'),
    // Not trimmed: spaces at either end belong to a password.
    password: String(credential.password ?? ''),
    ssl: credential.ssl === true,
  };
}
