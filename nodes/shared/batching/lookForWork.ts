import { NodeOperationError, type ITriggerFunctions } from 'n8n-workflow';
import type { Clock } from '../../../core/clock';
import { pollForWork } from '../../../core/memory/pollForWork';
import type { Work } from '../../../core/memory/types';
import { nameOfMemory } from '../memory/open';
import { openStorage, storageFault } from '../memory/storage';
import { memorySettings } from '../memory/settings';
import { workAfter } from '../steps';

type Context = Pick<
  ITriggerFunctions,
  'getNode' | 'getCredentials' | 'getChildNodes' | 'getWorkflow' | 'logger'
>;

/**
 * In queue mode, calls `onDue` when work is due in the memory. A webhook's execution fails in another process, from
 * which no step reaches the trigger, and a worker that dies reports nothing. Outside of queue mode it does nothing.
 *
 * @returns how to stop
 * @throws NodeOperationError when the memory is one that queue mode cannot have
 */
export async function lookForWork(
  context: Context,
  clock: Clock,
  onDue: () => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<() => void> {
  const { name, work } = memoryOf(context);
  if (env.EXECUTIONS_MODE !== 'queue' || name === undefined) return () => {};
  const settings = await memorySettings(context);
  const fault = storageFault(settings.storage, env);
  if (fault) throw new NodeOperationError(context.getNode(), fault.message, fault);
  return pollForWork({
    clock,
    isDue: () => openStorage(context, settings).isWorkDue(name, work),
    onDue,
    // The steps report the outage as errors; here, a line in the log is enough.
    onTrouble: ({ message }) => context.logger.warn(`${context.getNode().name}: ${message}`),
  });
}

/** The memory of the workflow's Remember step, and the work that later steps can do; nothing without such a step. */
function memoryOf(context: Context): { name?: string; work?: Work | undefined } {
  const steps = context.getChildNodes(context.getNode().name, { includeNodeParameters: true });
  const remember = steps.find(
    ({ type, disabled, parameters }) =>
      !disabled &&
      type.endsWith('.autoplaySessionMemory') &&
      (parameters?.operation ?? 'remember') === 'remember',
  );
  if (!remember) return {};
  const { memoryScope, memoryName, memoryChosen } = remember.parameters ?? {};
  const given = memoryScope === 'chosen' ? memoryChosen : memoryName;
  return {
    name: nameOfMemory(memoryScope, String(given ?? '').trim(), context.getWorkflow().id),
    work:
      memoryScope === 'named' || memoryScope === 'chosen'
        ? workAfter(context, remember.name, context.getWorkflow().id)
        : undefined,
  };
}
