import { NodeOperationError, type ITriggerFunctions } from 'n8n-workflow';
import type { Clock } from '../../../core/clock';
import { pollForWork } from '../../../core/memory/pollForWork';
import type { Work } from '../../../core/memory/types';
import { nameOfMemory } from '../memory/open';
import { openStorage, storageFault } from '../memory/storage';
import { memorySettings } from '../memory/settings';
import { detectorsAfter, workAfter } from '../steps';

type Context = Pick<
  ITriggerFunctions,
  'getNode' | 'getCredentials' | 'getChildNodes' | 'getWorkflow' | 'logger'
>;

/** What looking for work finds. */
interface Finds {
  /** Work is due. */
  onDue(): void;
  /** A session will be due for a detector at this time, in milliseconds since the epoch. */
  onMomentAt(time: number): void;
}

/** What looks for work in the memory. */
interface Looking {
  /** An execution has ended, and may have changed when a session is due for a detector. */
  ended(): void;
  stop(): void;
}

/**
 * In queue mode, looks for work that is due in the memory. A webhook's execution fails in another process, from which no
 * step reaches the trigger; a worker that dies reports nothing; and no step says when its moments are due. Outside of
 * queue mode it does nothing.
 *
 * @throws NodeOperationError when the memory is one that queue mode cannot have
 */
export async function lookForWork(
  context: Context,
  clock: Clock,
  { onDue, onMomentAt }: Finds,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Looking> {
  const { name, work, detectors } = memoryOf(context);
  if (env.EXECUTIONS_MODE !== 'queue' || name === undefined) return { ended() {}, stop() {} };
  const settings = await memorySettings(context);
  const fault = storageFault(settings.storage, env);
  if (fault) throw new NodeOperationError(context.getNode(), fault.message, fault);
  const storage = () => openStorage(context, settings);
  const stop = pollForWork({
    clock,
    isDue: () => storage().isWorkDue(name, { work, detectors }),
    onDue,
    // The steps report the outage as errors; here, a line in the log is enough.
    onTrouble: ({ message }) => context.logger.warn(`${context.getNode().name}: ${message}`),
  });
  const moments = nowAndThen(clock, async () => {
    const next = await storage().nextMomentAt(name, detectors);
    if (next !== null) onMomentAt(next);
  });
  // What an earlier run of n8n left is due, too.
  if (detectors?.length !== 0) moments.ask();
  return {
    ended: () => (detectors?.length === 0 ? undefined : moments.ask()),
    stop() {
      stop();
      moments.stop();
    },
  };
}

/** How often the memory is asked at most, in milliseconds. */
const ASK_EVERY_MS = 500;

/** Asks after each call, but not more often than every half second. A failure is no matter: the poll reports it. */
function nowAndThen(clock: Clock, ask: () => Promise<void>): { ask(): void; stop(): void } {
  let isAsked = false;
  let cancel: (() => void) | undefined;
  const askNow = () => {
    isAsked = false;
    cancel = clock.after(ASK_EVERY_MS, () => {
      cancel = undefined;
      if (isAsked) askNow();
    });
    void ask().catch(() => undefined);
  };
  return {
    ask: () => (cancel ? void (isAsked = true) : askNow()),
    stop: () => cancel?.(),
  };
}

interface OwnMemory {
  name?: string;
  work?: Work | undefined;
  detectors?: readonly string[] | undefined;
}

/** The memory of the workflow's Remember step, and the work that later steps can do; nothing without such a step. */
function memoryOf(context: Context): OwnMemory {
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
    detectors: detectorsAfter(context, remember.name, context.getWorkflow().id),
  };
}
