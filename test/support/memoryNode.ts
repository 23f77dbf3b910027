import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type {
  IDataObject,
  IExecuteFunctions,
  INodeProperties,
  NodeTypeAndVersion,
} from 'n8n-workflow';
import { AutoplaySessionMemory } from '../../nodes/AutoplaySessionMemory/AutoplaySessionMemory.node';
import { openMemory } from '../../nodes/shared/memory/open';
import type { DatabaseAddress } from '../../tools/servers/postgres';
import { newDatabase, usesPostgres } from './postgres';

const node = new AutoplaySessionMemory();
let workflows = 0;

/**
 * A flow of Session Memory nodes with a memory of its own, in a folder of this process. Parameters
 * that are not given have the defaults of the panel, which look at the item's fields.
 */
export function createMemoryFlow() {
  process.env.N8N_USER_FOLDER = folder();
  const workflow = { id: `flow ${++workflows}` };
  const hints: string[] = [];

  function contextOf(
    operation: string,
    items: IDataObject[],
    parameters: IDataObject,
    { asTool = false, steps = [] as NodeTypeAndVersion[] } = {},
  ): IExecuteFunctions {
    const type = `n8n-nodes-autoplay.autoplaySessionMemory${asTool ? 'Tool' : ''}`;
    const context = {
      getInputData: () => items.map((json) => ({ json })),
      getNode: () => ({ name: 'Session Memory', type, parameters: {}, credentials }),
      getCredentials,
      getWorkflow: () => workflow,
      getChildNodes: () => steps,
      getMode: () => 'manual',
      getExecutionId: () => undefined,
      continueOnFail: () => false,
      logger: console,
      addExecutionHints: ({ message }: { message: string }) => void hints.push(message),
      getNodeParameter: (path: string, item: number, fallback?: unknown) => {
        const [name = '', ...rest] = path.split('.');
        const given = { operation, ...parameters }[name] ?? panelDefault(operation, name);
        const value = rest.reduce<unknown>((at, key) => (at as IDataObject)?.[key], given);
        return valueOf(value, items[item]) ?? fallback;
      },
    };
    return context as unknown as IExecuteFunctions;
  }

  /** What comes out, by output. */
  async function outputsOf(
    operation: string,
    items: IDataObject[],
    parameters: IDataObject = {},
    how: Parameters<typeof contextOf>[3] = {},
  ): Promise<IDataObject[][]> {
    const outputs = await node.execute.call(contextOf(operation, items, parameters, how));
    return outputs.map((out) => out.map(({ json }) => json));
  }

  const first = async (...args: Parameters<typeof outputsOf>) => (await outputsOf(...args))[0]!;
  return Object.assign(first, {
    outputsOf,
    hints,
    /** The memory itself, for what other nodes do with it. */
    async memory() {
      const { storage, memoryOf } = await openMemory(contextOf('status', [{}], {}));
      return { storage, name: memoryOf(0).name };
    },
    workflowId: workflow.id,
    /** What a node of the flow has of the credential of the storage. */
    credentials: { credentials },
    getCredentials,
  });
}

/** The names of the fields that an operation shows, from top to bottom. */
export function panel(operation: string): INodeProperties[] {
  return node.description.properties.filter(
    ({ displayOptions }) => displayOptions?.show?.operation?.includes(operation) ?? false,
  );
}

function panelDefault(operation: string, name: string): unknown {
  const shared = node.description.properties.find((property) => property.name === name);
  return (panel(operation).find((property) => property.name === name) ?? shared)?.default;
}

function valueOf(value: unknown, item: IDataObject | undefined): unknown {
  const expression =
    typeof value === 'string' ? /^=\{\{ (\$json\.[^}]+) \}\}$/.exec(value)?.[1] : undefined;
  return expression === undefined ? value : runInNewContext(expression, { $json: item ?? {} });
}

// Without the credential, the embedded storage is used.
const credentials = usesPostgres ? { autoplayMemoryApi: { id: '1', name: 'Memory' } } : undefined;
let made: Promise<DatabaseAddress> | undefined;
const getCredentials = async () => ({ storage: 'postgres', ...(await database()) });
const database = () => (made ??= newDatabase());

let home: string | undefined;
const folder = () => (home ??= mkdtempSync(join(tmpdir(), 'autoplay-memory-node-')));
