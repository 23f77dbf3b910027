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
import { delegating } from '../../core/memory/delegating';
import type { PostgresServer } from '../../core/memory/sql/postgres';
import { openPostgresMemory } from '../../core/memory/sql/postgresMemory';
import { createSqliteMemory } from '../../core/memory/sql/sqliteMemory';
import type { SessionMemory } from '../../core/memory/types';
import { serverOf } from './postgres';
import { tidyNow, tidyWhileIdle } from './tidying';
import { noteReplaced, tellOfReplaced } from './replacedMemory';

type Context = Pick<
  IExecuteFunctions | IWebhookFunctions,
  'getNode' | 'getWorkflow' | 'getNodeParameter' | 'getCredentials' | 'logger'
> &
  Partial<Pick<IExecuteFunctions, 'addExecutionHints'>>;

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
  displayName: 'Memory Storage (Optional)',
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
const open = new Map<string, SessionMemory>();
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
  const memory = openStorage(context, settings);
  tidy(memory, context);
  tidyWhileIdle(memory, context.logger);
  tellOfReplaced(context);
  return { memory, name, retentionMs: settings.retentionHours * HOUR_MS };
}

/**
 * The storage alone, for what is kept beside the sessions. It is opened when it is used; its methods
 * throw StorageError when it cannot be.
 * @throws NodeOperationError as {@link openMemory}
 */
export function openStorage(
  context: Pick<Context, 'getNode'>,
  { storage, server }: Pick<MemorySettings, 'storage' | 'server'>,
): SessionMemory {
  const fault = storageFault(storage);
  if (fault) throw new NodeOperationError(context.getNode(), fault.message, fault);
  if (server) return once(JSON.stringify(server), () => serverMemory(server));
  const file = embeddedFile();
  return once(file, () => createSqliteMemory({ file, ...PARTS, onReplaced: noteReplaced }));
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

const PARTS = { clock: systemClock, newId: randomUUID };

/** Opened when it is used: a server that cannot be reached then may be mended later. */
function serverMemory(server: PostgresServer): SessionMemory {
  let opening: Promise<SessionMemory> | undefined;
  const begin = () => {
    opening = openPostgresMemory(server, PARTS);
    opening.catch(() => (opening = undefined));
    return opening;
  };
  return delegating(async (work) => await work(await (opening ?? begin())));
}

function once(key: string, make: () => SessionMemory): SessionMemory {
  const known = open.get(key);
  if (known) return known;
  const made = make();
  open.set(key, made);
  return made;
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
