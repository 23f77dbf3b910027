import { LoggerProxy, type IExecuteFunctions, type IWebhookFunctions } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { tellTrigger } from './signals';

/** For so long executions carry the hint. */
const HINT_MS = 3_600_000;

let last: { at: number; message: string; toldTo: Set<string> } | undefined;

/** Notes that a damaged memory gave way to a new one. */
export function noteReplaced(movedTo: string): void {
  const at = systemClock.now();
  const message = `The session memory was damaged, and a new one was begun at ${new Date(at).toISOString()}. Sessions and links from before are not known any more; visitors who write again are linked anew. The damaged file was kept as ${movedTo} and is erased after 7 days`;
  last = { at, message, toldTo: new Set() };
  LoggerProxy.error(message);
}

type Context = Pick<IExecuteFunctions | IWebhookFunctions, 'getWorkflow'> &
  Partial<Pick<IExecuteFunctions, 'addExecutionHints'>>;

/** Tells whoever looks at this execution, and, once, the workflow's trigger, of a recent replacement. */
export function tellOfReplaced(context: Context): void {
  if (!last || systemClock.now() - last.at > HINT_MS) return;
  context.addExecutionHints?.({ message: `${last.message}.`, type: 'warning' });
  const { id = '' } = context.getWorkflow();
  if (last.toldTo.has(id)) return;
  last.toldTo.add(id);
  const advice = 'Nothing has to be done. If it happens again, check the disk.';
  tellTrigger(id).problem({ code: 'memory', message: `${last.message}.`, advice });
}
