import { LoggerProxy, type INode } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { patient } from '../../core/memory/patience';
import { StorageError } from '../../core/memory/errors';
import type { SessionMemory } from '../../core/memory/types';
import { asNodeError } from './nodeErrors';
import { tellTrigger } from './signals';

/** After this long it is no hiccup any more, and people are told; in milliseconds. */
const TELL_AFTER_MS = 10_000;
const LOG_EVERY_MS = 60_000;

/** Workflows that were told of the present trouble. */
const told = new Set<string>();
let loggedAt = 0;

/**
 * The memory for steps of a workflow which bring what nobody brings again: see {@link patient}. That
 * they wait is logged, and told as a failed execution, once, if it lasts.
 */
export function patientMemory(memory: SessionMemory, workflowId = ''): SessionMemory {
  return patient(memory, {
    clock: systemClock,
    onTrouble({ message, advice }, since) {
      const now = systemClock.now();
      if (now - loggedAt >= LOG_EVERY_MS) {
        loggedAt = now;
        LoggerProxy.warn(`${message}. ${advice} What visitors do waits for it.`);
      }
      if (now - since < TELL_AFTER_MS || told.has(workflowId)) return;
      told.add(workflowId);
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
      told.clear();
    },
  });
}

/** A storage's error as one of n8n's, which says what to do; any other as it is. */
export function asStorageFault(node: INode, error: unknown): unknown {
  if (!(error instanceof StorageError)) return error;
  return asNodeError(node, error);
}
