import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  NodeOperationError,
  type IExecuteFunctions,
  type INodeProperties,
  type IWebhookFunctions,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { nodeSqliteDialect } from '../../core/memory/sql/nodeSqlite';
import { openSqlMemory } from '../../core/memory/sql/memory';
import type { PostgresServer } from '../../core/memory/sql/postgres';
import { openPostgresMemory } from '../../core/memory/sql/postgresMemory';
import { StorageError, type SessionMemory } from '../../core/memory/types';
import { serverOf } from './postgres';
import { tidyNow, tidyWhileIdle } from './tidying';

type Context = Pick<
  IExecuteFunctions | IWebhookFunctions,
  'getNode' | 'getWorkflow' | 'getNodeParameter' | 'getCredentials' | 'logger'
>;

/** Which memory a node works with: two parameters that every node using memory has. */
export const memoryFields: INodeProperties[] = [
  {
    displayName: 'Memory',
    name: 'memoryScope',
    type: 'options',
    noDataExpression: true,
    options: [
      {
        name: 'Of This Workflow',
        value: 'workflow',
        description: 'Sessions are remembered for this workflow alone',
      },
      {
        name: 'Shared by Name',
        value: 'named',
        description: 'Workflows that give the same name share one memory',
      },
    ],
    default: 'workflow',
    description: 'Where sessions are remembered. All steps of one flow need the same choice.',
  },
  {
    displayName: 'Memory Name',
    name: 'memoryName',
    type: 'string',
    required: true,
    displayOptions: { show: { memoryScope: ['named'] } },
    default: '',
    placeholder: 'e.g. support',
    description: 'Workflows that give the same name share one memory',
  },
];

/** How nodes declare the optional credential. */
export const memoryCredential = {
  name: 'autoplayMemoryApi',
  displayName: 'Memory (Optional)',
  required: false,
} as const;

/** An open memory, the name of the part of it that belongs to the node's flow, and for how long. */
export interface OpenMemory {
  memory: SessionMemory;
  name: string;
  retentionMs: number;
}

export interface MemorySettings {
  storage: string;
  /** Where sessions are kept with the storage `postgres`. */
  server?: PostgresServer;
  retentionHours: number;
}

const DEFAULTS: MemorySettings = { storage: 'sqlite', retentionHours: 24 };
const HOUR_MS = 3_600_000;
const TIDY_EVERY_MS = 60_000;

/** One per database and process: opening one per execution would cost more than the work. */
const open = new Map<string, Promise<SessionMemory>>();
const tidiedAt = new WeakMap<SessionMemory, number>();

/**
 * Opens the memory that the node's parameters and credential name.
 * @throws NodeOperationError when it cannot be used, with what to do
 */
export async function openMemory(context: Context): Promise<OpenMemory> {
  const settings = await memorySettings(context);
  const scope = context.getNodeParameter('memoryScope', 0, 'workflow') as string;
  const name =
    scope === 'named'
      ? `name:${namedMemory(context)}`
      : `workflow:${context.getWorkflow().id ?? 'unsaved'}`;
  const memory = await openStorage(context, settings);
  tidy(memory, context);
  tidyWhileIdle(memory, context.logger);
  return { memory, name, retentionMs: settings.retentionHours * HOUR_MS };
}

/**
 * Opens the storage alone, for what is kept beside the sessions.
 * @throws NodeOperationError as {@link openMemory}
 */
export async function openStorage(
  context: Pick<Context, 'getNode'>,
  { storage, server }: Pick<MemorySettings, 'storage' | 'server'>,
): Promise<SessionMemory> {
  const fault = storageFault(storage);
  if (fault) throw new NodeOperationError(context.getNode(), fault.message, fault);
  if (server) return await openServer(context, server);
  const file = embeddedFile();
  try {
    return await openEmbedded(file);
  } catch (error) {
    throw new NodeOperationError(context.getNode(), error as Error, {
      message: 'The session memory could not be opened',
      description: `n8n must be able to read and write ${file}. If the file is damaged, move it away: a new one is made.`,
    });
  }
}

/** What the optional credential says, or the defaults without it. */
export async function memorySettings(
  context: Pick<Context, 'getNode' | 'getCredentials'>,
): Promise<MemorySettings> {
  if (!context.getNode().credentials?.[memoryCredential.name]) return DEFAULTS;
  const credential = await context.getCredentials(memoryCredential.name);
  const hours = Number(credential.retentionHours);
  const storage = typeof credential.storage === 'string' ? credential.storage : DEFAULTS.storage;
  return {
    storage,
    ...(storage === 'postgres' && { server: serverOf(credential) }),
    retentionHours: hours > 0 ? hours : DEFAULTS.retentionHours,
  };
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
        'In queue mode several processes run the workflow, and each would have a memory of its own. Create an Autoplay Memory credential with the storage PostgreSQL and choose it in every node of the workflow that has a field for it.',
    };
  }
  return undefined;
}

/** In n8n's own folder, beside its database: what backs that up backs this up. */
export function embeddedFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.N8N_USER_FOLDER ?? homedir(), '.n8n', 'autoplay', 'memory.sqlite');
}

function openEmbedded(file: string): Promise<SessionMemory> {
  return openOnce(file, () =>
    openSqlMemory({
      engine: 'sqlite',
      dialect: nodeSqliteDialect(file),
      clock: systemClock,
      newId: randomUUID,
    }),
  );
}

/** @throws NodeOperationError when the server cannot be used, with what to do */
async function openServer(
  context: Pick<Context, 'getNode'>,
  server: PostgresServer,
): Promise<SessionMemory> {
  const opening = openOnce(JSON.stringify(server), () =>
    openPostgresMemory(server, { clock: systemClock, newId: randomUUID }),
  );
  return await opening.catch((error: Error) => {
    const { message } = error;
    const description = error instanceof StorageError ? error.advice : undefined;
    throw new NodeOperationError(context.getNode(), error, { message, description });
  });
}

function openOnce(key: string, start: () => Promise<SessionMemory>): Promise<SessionMemory> {
  const known = open.get(key);
  if (known) return known;
  const opening = start();
  open.set(key, opening);
  // The next execution tries again: a full disk, a locked file or a server may be mended by then.
  opening.catch(() => open.delete(key));
  return opening;
}

function namedMemory(context: Context): string {
  const name = String(context.getNodeParameter('memoryName', 0, '')).trim();
  if (name !== '') return name;
  throw new NodeOperationError(context.getNode(), 'The memory has no name', {
    description: 'Give the shared memory a name under Memory Name, or choose "Of This Workflow".',
  });
}

/** Erases what has outlived its retention, now and then and beside the work. */
function tidy(memory: SessionMemory, { logger }: Context): void {
  const now = systemClock.now();
  if (now - (tidiedAt.get(memory) ?? 0) < TIDY_EVERY_MS) return;
  tidiedAt.set(memory, now);
  void tidyNow(memory, logger);
}
