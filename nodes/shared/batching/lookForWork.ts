import { NodeOperationError, type ITriggerFunctions } from 'n8n-workflow';
import type { Clock } from '../../../core/clock';
import type { Work } from '../../../core/memory/types';
import { nameOfMemory } from '../memory/open';
import { openStorage, storageFault } from '../memory/storage';
import { memorySettings } from '../memory/settings';
import { workAfter } from '../steps';

/** How often, in milliseconds. What it finds was put off by some seconds itself. */
const LOOK_EVERY_MS = 15_000;

type Context = Pick<
  ITriggerFunctions,
  'getNode' | 'getCredentials' | 'getChildNodes' | 'getWorkflow' | 'logger'
>;

/**
 * In queue mode, looks at the memory from time to time, and calls `onDue` when work is due in it. An
 * execution that a webhook started fails in another process, and no step can tell the trigger; nor
 * does anything that died with its worker. Elsewhere there is nothing to look for.
 *
 * @returns how to end it
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

  let cancel = () => {};
  let stopped = false;
  let troubled = false;
  const look = async () => {
    try {
      // Not opened before: an outage of the server must not keep the stream closed.
      const memory = openStorage(context, settings);
      if ((await memory.isWorkDue(name, work)) && !stopped) onDue();
      troubled = false;
    } catch (error) {
      // The steps say the same, louder; here it is only noted when it begins.
      if (!troubled) context.logger.warn(`${context.getNode().name}: ${(error as Error).message}`);
      troubled = true;
    }
    if (!stopped) cancel = clock.after(LOOK_EVERY_MS, () => void look());
  };
  cancel = clock.after(LOOK_EVERY_MS, () => void look());
  return () => {
    stopped = true;
    cancel();
  };
}

/** The memory that the workflow's Remember step has, none without such a step, and what is done with it there. */
function memoryOf(context: Context): { name?: string; work?: Work | undefined } {
  const steps = context.getChildNodes(context.getNode().name, { includeNodeParameters: true });
  const remember = steps.find(
    ({ type, disabled, parameters }) =>
      !disabled &&
      type.endsWith('.autoplaySessionMemory') &&
      (parameters?.operation ?? 'remember') === 'remember',
  );
  if (!remember) return {};
  const { memoryScope, memoryName: given } = remember.parameters ?? {};
  return {
    name: nameOfMemory(memoryScope, String(given ?? '').trim(), context.getWorkflow().id),
    work:
      memoryScope === 'named'
        ? workAfter(context, remember.name, context.getWorkflow().id)
        : undefined,
  };
}
