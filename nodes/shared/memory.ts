import {
  NodeOperationError,
  type IExecuteFunctions,
  type INodeProperties,
  type IWebhookFunctions,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import type { SessionMemory } from '../../core/memory/types';
import { embeddedFile, embeddedMemory } from './embeddedMemory';
import { memoryParts } from './memoryParts';
import { MEMORY_CREDENTIAL, memorySettings, type MemorySettings } from './memorySettings';
import { serverMemory } from './postgres';
import { tellOfReplaced } from './replacedMemory';
import { tidyNowAndThen, tidyWhileIdle } from './tidying';

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
    description:
      'Workflows that give the same name share one memory. By an expression, each item has the memory that it names; all steps have to name the same one for it.',
  },
];

/** How nodes declare the optional credential. */
export const memoryCredential = {
  name: MEMORY_CREDENTIAL,
  displayName: 'Memory Storage (Optional)',
  required: false,
} as const;

/** An open memory, the name of the part of it that an item belongs to, and for how long. */
export interface OpenMemory {
  memory: SessionMemory;
  /**
   * By an expression, items may name different memories.
   * @throws NodeOperationError for an item that names none
   */
  nameOf(item: number): string;
  retentionMs: number;
}

const HOUR_MS = 3_600_000;

/** One per database and process: opening one per execution would cost more than the work. */
const open = new Map<string, SessionMemory>();

/**
 * Opens the memory that the node's parameters and credential name.
 * @throws NodeOperationError when it cannot be used, with what to do
 */
export async function openMemory(context: Context): Promise<OpenMemory> {
  const settings = await memorySettings(context);
  const scope = context.getNodeParameter('memoryScope', 0, 'workflow');
  const nameOf = (item: number) => {
    const given = scope === 'named' ? givenName(context, item) : '';
    return nameOfMemory(scope, given, context.getWorkflow().id);
  };
  const memory = openStorage(context, settings);
  tidyNowAndThen(memory, context.logger);
  const retentionMs = Math.round(settings.retentionHours * HOUR_MS);
  tidyWhileIdle(memory, context.logger, systemClock, retentionMs);
  tellOfReplaced(context);
  return { memory, nameOf, retentionMs };
}

/** How the memory of a node is called, by the values of {@link memoryFields} and the node's workflow. */
export function nameOfMemory(
  scope: unknown,
  given: string,
  workflowId: string | undefined,
): string {
  return scope === 'named' ? `name:${given}` : `workflow:${workflowId ?? 'unsaved'}`;
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
  if (server) return once(JSON.stringify(server), () => serverMemory(server, memoryParts));
  const file = embeddedFile();
  return once(file, () => embeddedMemory(file));
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

function once(key: string, make: () => SessionMemory): SessionMemory {
  const known = open.get(key);
  if (known) return known;
  const made = make();
  open.set(key, made);
  return made;
}

function givenName(context: Context, itemIndex: number): string {
  const name = String(context.getNodeParameter('memoryName', itemIndex, '') ?? '').trim();
  if (name !== '') return name;
  throw new NodeOperationError(context.getNode(), 'The memory has no name', {
    itemIndex,
    description: 'Give the shared memory a name under Memory Name, or choose "Of This Workflow".',
  });
}
