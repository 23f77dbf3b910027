import { deliverActivity } from '../../core/delivery/deliver';
import type { DeliveryParts } from '../../core/delivery/post';
import { replaceWithSummary } from '../../core/delivery/replace';
import { createGate } from '../../core/delivery/gate';
import type { Health } from '../../core/http/health';
import type { SessionInfo, SessionMemory, SessionRef } from '../../core/memory/types';
import { DEFAULT_SUMMARY_PROMPT } from '../../core/summary/prompt';
import { summarizeSession, type Model } from '../../core/summary/summarize';
import type { Destination } from '../../core/delivery/destination';
import type { Random } from '../../simulators/random';
import type { Process } from './time';

export const MEMORY = 'm';
/** Everything that happened before the link is told as well, so that nothing is left out of the count. */
const LINK_WINDOW_MS = 24 * 3_600_000;
const THRESHOLD = 5;

export interface WorkerOptions {
  process: Process;
  memory: () => SessionMemory;
  destination: Destination;
  health: Health;
  model: Model;
  random: Random;
}

/** One process that works on executions, with the steps of the shipped workflow. */
export function createWorker(options: WorkerOptions) {
  const { process, memory, destination, health, model, random } = options;
  const { clock } = process;
  const gate = createGate({ clock, places: 2, health });

  /** The steps after Remember. @returns whether all went well, and nothing was left for later */
  async function workOn(session: SessionRef, resumed: boolean): Promise<boolean> {
    const parts: DeliveryParts & { model: Model } = {
      ...{ memory: memory(), destination, gate, clock: clock, random, model },
    };
    const evenBackingOff = resumed;
    try {
      const delivered = await deliverActivity(parts, session, { linkWindowMs: LINK_WINDOW_MS });
      if (delivered.status === 'not_linked') return true;
      await summarizeSession(parts, session, {
        threshold: THRESHOLD,
        linkedOnly: true,
        template: DEFAULT_SUMMARY_PROMPT,
        timeoutMs: 30_000,
        evenBackingOff,
      });
      await replaceWithSummary(parts, session, { evenBackingOff });
      return !delivered.leftForLater;
    } catch {
      return false;
    } finally {
      await process.awake();
    }
  }

  return {
    process,
    /** An execution with these sessions, and with those that were left unfinished. */
    async execute(sessions: readonly SessionRef[], wakeUp = false): Promise<boolean> {
      const left = await memory().unfinished(MEMORY, wakeUp ? 10_000 : 100, wakeUp);
      const resumed = left.filter((one) => !sessions.some((session) => isSame(one, session)));
      const results = await Promise.all([
        ...sessions.map((session) => workOn(session, false)),
        ...resumed.map((session) => workOn(session, true)),
      ]);
      return results.every(Boolean);
    },
  };
}

export type Worker = ReturnType<typeof createWorker>;

const isSame = (a: SessionInfo, b: SessionRef) => a.session_id === b.session_id;
