import { NodeOperationError, type IExecuteFunctions, type IWebhookFunctions } from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import { namedMemory, type NamedMemory } from '../../../core/memory/named';
import type { SessionMemory } from '../../../core/memory/types';
import { memorySettings } from './settings';
import { openStorage } from './storage';
import { tidyNowAndThen, tidyWhileIdle } from './tidying';
import { isNameOfMemory, knowWorkflow } from './names';
import { reportReplaced } from './trouble';

type Context = Pick<
  IExecuteFunctions | IWebhookFunctions,
  'getNode' | 'getWorkflow' | 'getNodeParameter' | 'getCredentials' | 'logger'
> &
  Partial<Pick<IExecuteFunctions, 'addExecutionHints'>>;

/** What a step works with. */
export interface OpenMemory {
  /** All memories of the storage: what delivery and summaries claim from, by a session that names its memory. */
  storage: SessionMemory;
  /**
   * The memory of an item. By an expression, items may name different ones.
   * @throws NodeOperationError for an item that names none
   */
  memoryOf(item: number): NamedMemory;
}

/**
 * Opens the memory that the node's parameters and credential name.
 * @throws NodeOperationError when it cannot be used, with what to do
 */
export async function openMemory(context: Context): Promise<OpenMemory> {
  const settings = await memorySettings(context);
  const storage = openStorage(context, settings);
  const { retentionMs } = settings;
  tidyNowAndThen(storage, context.logger);
  tidyWhileIdle(storage, context.logger, systemClock, retentionMs);
  reportReplaced(context);
  const scope = context.getNodeParameter('memoryScope', 0, 'workflow');
  const memoryOf = (item: number) => {
    const given = scope === 'workflow' ? '' : givenName(context, scope, item);
    const name = nameOfMemory(scope, given, context.getWorkflow().id);
    return namedMemory(storage, name, retentionMs);
  };
  knowWorkflow(context.getWorkflow());
  return { storage, memoryOf };
}

/** A webhook or trigger as a step with one item: their parameters have no index. */
export function withoutItems(
  context: Pick<
    IWebhookFunctions,
    'getNode' | 'getWorkflow' | 'getNodeParameter' | 'getCredentials' | 'logger'
  >,
): Context {
  return {
    getNode: () => context.getNode(),
    getWorkflow: () => context.getWorkflow(),
    getCredentials: (type: string) => context.getCredentials(type),
    getNodeParameter: (name: string, _item: number, fallback?: unknown) =>
      context.getNodeParameter(name, fallback),
    logger: context.logger,
  } as Context;
}

/** The name of a node's memory, by the values of `memoryFields` and the node's workflow. `chosen` is a whole name. */
export function nameOfMemory(
  scope: unknown,
  given: string,
  workflowId: string | undefined,
): string {
  if (scope === 'chosen') return given;
  return scope === 'named' ? `name:${given}` : `workflow:${workflowId ?? 'unsaved'}`;
}

function givenName(context: Context, scope: unknown, itemIndex: number): string {
  const field = scope === 'chosen' ? 'memoryChosen' : 'memoryName';
  const name = String(context.getNodeParameter(field, itemIndex, '') ?? '').trim();
  if (scope === 'chosen' && !isNameOfMemory(name)) {
    throw new NodeOperationError(context.getNode(), 'No memory is chosen', {
      itemIndex,
      description: 'Choose one from the list under Memory Name or ID, or "This Workflow Only".',
    });
  }
  if (name !== '') return name;
  throw new NodeOperationError(context.getNode(), 'The memory has no name', {
    itemIndex,
    description: 'Give the shared memory a name under Memory Name, or choose "This Workflow Only".',
  });
}
