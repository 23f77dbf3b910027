import { homedir } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';
import { checkServer, type PostgresServer } from '../../../core/memory/sql/postgres';
import { explained } from '../../../core/memory/sql/postgresErrors';
import { createPostgresMemory } from '../../../core/memory/sql/postgresMemory';
import { createThreadedMemory } from '../../../core/memory/thread/threadedMemory';
import type { SessionMemory } from '../../../core/memory/types';
import { memoryParts } from './parts';
import type { MemorySettings } from './settings';
import type { MemoryThreadData } from './thread';
import { noteReplaced } from './trouble';

/** One per database and process: opening one per execution would cost more than the work. */
const open = new Map<string, SessionMemory>();

/**
 * The storage that the credential names. It is opened when it is first used; its methods throw StorageError when it
 * cannot be used.
 * @throws NodeOperationError for a storage that this n8n cannot have
 */
export function openStorage(
  context: Pick<IExecuteFunctions, 'getNode'>,
  { storage, server }: Pick<MemorySettings, 'storage' | 'server'>,
): SessionMemory {
  const fault = storageFault(storage);
  if (fault) throw new NodeOperationError(context.getNode(), fault.message, fault);
  const file = embeddedFile();
  const key = server ? JSON.stringify(server) : file;
  let memory = open.get(key);
  if (!memory) {
    memory = server
      ? createPostgresMemory(server, { ...memoryParts, serverTime: true })
      : embeddedMemory(file);
    open.set(key, memory);
  }
  return memory;
}

/** Why a storage cannot be used here, and what to do; undefined if it can. */
export function storageFault(
  storage: string,
  env: NodeJS.ProcessEnv = process.env,
): { message: string; description: string } | undefined {
  if (storage === 'postgres') return undefined;
  if (storage !== 'sqlite') {
    return {
      message: `This version cannot keep sessions in "${storage}"`,
      description: 'Choose SQLite or PostgreSQL as the storage in the Autoplay Memory credential.',
    };
  }
  if (env.EXECUTIONS_MODE === 'queue') {
    return {
      message: 'The embedded session memory cannot be used in queue mode',
      description:
        'In queue mode several processes run the workflow, and each would have a memory of its own. Create an Autoplay Memory credential with the storage PostgreSQL and choose it in every node of the workflow that has the field Memory Storage.',
    };
  }
  return undefined;
}

/**
 * Connects to a server and checks whether sessions could be kept there; changes nothing.
 * @throws StorageError with what to do
 */
export async function tryServer(server: PostgresServer): Promise<void> {
  await checkServer(server).catch((error: unknown) => {
    throw explained(error, server);
  });
}

/** In n8n's own folder, beside its database, so that a backup of that includes it. */
function embeddedFile(): string {
  return join(process.env.N8N_USER_FOLDER ?? homedir(), '.n8n', 'autoplay', 'memory.sqlite');
}

/** The memory in a SQLite file, whose work is done beside n8n's event loop. */
function embeddedMemory(file: string): SessionMemory {
  // Started by its path and never imported: it serves as soon as it is loaded.
  const entry = join(__dirname, `thread${extname(__filename)}`);
  const workerData: MemoryThreadData = { file };
  return createThreadedMemory({
    start: () => new Worker(entry, { name: 'autoplay-memory', workerData }),
    onReplaced: noteReplaced,
  });
}
