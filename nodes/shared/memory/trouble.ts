import {
  LoggerProxy,
  type IExecuteFunctions,
  type INode,
  type IWebhookFunctions,
} from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import { StorageError } from '../../../core/memory/errors';
import type { NamedMemory } from '../../../core/memory/named';
import { patient } from '../../../core/memory/patience';
import { asNodeError } from '../nodeErrors';
import { tellTrigger } from '../signals';

// How people learn what is wrong with the storage: by n8n's log and, through the trigger, by a failed execution.

/** Trouble that lasts longer than this is reported to people; in milliseconds. */
const REPORT_AFTER_MS = 10_000;
const LOG_EVERY_MS = 60_000;

/** Workflows to which the present trouble has been reported. */
const reportedTo = new Set<string>();
let loggedAt = 0;

/**
 * The memory for steps that store what comes only once: see {@link patient}. While they wait for the storage, that is
 * logged; if it lasts, it is reported once, as a failed execution of the workflow.
 */
export function patientMemory(memory: NamedMemory, workflowId = ''): NamedMemory {
  return patient(memory, {
    clock: systemClock,
    onTrouble({ message, advice }, since) {
      const now = systemClock.now();
      if (now - loggedAt >= LOG_EVERY_MS) {
        loggedAt = now;
        LoggerProxy.warn(`${message}. ${advice} What visitors do waits for it.`);
      }
      if (now - since < REPORT_AFTER_MS || reportedTo.has(workflowId)) return;
      reportedTo.add(workflowId);
      tellTrigger(workflowId).problem({
        code: 'memory',
        message: `${message}. What visitors do waits for it.`,
        advice,
      });
    },
    onOver(since) {
      const seconds = Math.round((systemClock.now() - since) / 1_000);
      LoggerProxy.info(`The session memory can be used again, after ${seconds} s`);
      loggedAt = 0;
      reportedTo.clear();
    },
  });
}

/** A storage's error as one of n8n's, which says what to do; any other error as it is. */
export function asStorageFault(node: INode, error: unknown): unknown {
  if (!(error instanceof StorageError)) return error;
  return asNodeError(node, error);
}

/** How long executions carry a hint that the memory was replaced, in milliseconds. */
const HINT_MS = 3_600_000;

let replaced: { at: number; message: string; reportedTo: Set<string> } | undefined;

/** Notes that a damaged memory was replaced by a new one. */
export function noteReplaced(movedTo: string): void {
  const at = systemClock.now();
  const message = `The session memory was damaged, and a new one was begun at ${new Date(at).toISOString()}. Sessions and links from before are not known any more; visitors who write again are linked anew. The damaged file was kept as ${movedTo} and is erased after 7 days`;
  replaced = { at, message, reportedTo: new Set() };
  LoggerProxy.error(message);
}

type Context = Pick<IExecuteFunctions | IWebhookFunctions, 'getWorkflow'> &
  Partial<Pick<IExecuteFunctions, 'addExecutionHints'>>;

/** Reports a recent replacement as a hint of this execution and, once, to the workflow's trigger. */
export function reportReplaced(context: Context): void {
  if (!replaced || systemClock.now() - replaced.at > HINT_MS) return;
  const message = `${replaced.message}.`;
  context.addExecutionHints?.({ message, type: 'warning' });
  const { id = '' } = context.getWorkflow();
  if (replaced.reportedTo.has(id)) return;
  replaced.reportedTo.add(id);
  const advice = 'Nothing has to be done. If it happens again, check the disk.';
  tellTrigger(id).problem({ code: 'memory', message, advice });
}
