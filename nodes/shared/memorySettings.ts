import type { IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { PostgresServer } from '../../core/memory/sql/postgres';
import { serverOf } from './postgres';

/** Where and for how long sessions are kept. */
export interface MemorySettings {
  storage: string;
  /** Where sessions are kept with the storage `postgres`. */
  server?: PostgresServer;
  retentionHours: number;
}

/** The type of the optional credential. */
export const MEMORY_CREDENTIAL = 'autoplayMemoryApi';

/** A hundred years. */
const MOST_HOURS = 876_000;

const DEFAULTS: MemorySettings = { storage: 'sqlite', retentionHours: 24 };

/** What the optional credential says, or the defaults without it. */
export async function memorySettings(
  context: Pick<IExecuteFunctions | IWebhookFunctions, 'getNode' | 'getCredentials'>,
): Promise<MemorySettings> {
  if (!context.getNode().credentials?.[MEMORY_CREDENTIAL]) return DEFAULTS;
  const credential = await context.getCredentials(MEMORY_CREDENTIAL);
  const hours = Number(credential.retentionHours);
  const storage = typeof credential.storage === 'string' ? credential.storage : DEFAULTS.storage;
  return {
    storage,
    ...(storage === 'postgres' && { server: serverOf(credential) }),
    retentionHours: hours > 0 ? Math.min(hours, MOST_HOURS) : DEFAULTS.retentionHours,
  };
}
