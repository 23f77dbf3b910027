import { deliverActivity } from '../../core/delivery/deliver';
import type { DeliveryParts } from '../../core/delivery/post';
import { replaceWithSummary } from '../../core/delivery/replace';
import { createGate } from '../../core/delivery/gate';
import type { Health } from '../../core/http/health';
import type { Pace } from '../../core/memory/pace';
import type { SessionInfo, SessionMemory, SessionRef } from '../../core/memory/types';
import { DEFAULT_SUMMARY_PROMPT } from '../../core/summary/prompt';
import { summarizeSession, type Model } from '../../core/summary/summarize';
import type { Destination } from '../../core/delivery/destination';
import type { Random } from '../../simulators/random';
import { KEPT } from './model';
import type { Process } from './time';

export const MEMORY = 'm';
/** Long enough that a note includes everything from before the link, since the model expects every action. */
const LINK_WINDOW_MS = 60 * 24 * 3_600_000;
const THRESHOLD = 5;

export interface WorkerOptions {
  process: Process;
  memory: () => SessionMemory;
  /** The destination of each workflow. */
  destinations: readonly { destination: Destination; health: Health }[];
  model: Model;
  random: Random;
  /** The pace at which notes follow their conversation; as it happens without it. */
  pace?: Pace | undefined;
}

/** One process that runs executions of its workflows, with the steps of the shipped workflow. */
export function createWorker(options: WorkerOptions) {
  const { process, memory, model, random, pace } = options;
  const { clock } = process;
  const workflows = options.destinations.map(({ destination, health }) => ({
    destination,
    gate: createGate({ clock, places: 2, health }),
  }));

  /** The steps after Remember. @returns whether all succeeded and left nothing for later */
  async function workOn(workflow: number, session: SessionRef, resumed: boolean): Promise<boolean> {
    const parts: DeliveryParts & { model: Model } = {
      ...{ memory: memory(), ...workflows[workflow]!, clock, random, model },
    };
    const includePaused = resumed;
    try {
      const delivered = await deliverActivity(parts, session, {
        linkWindowMs: LINK_WINDOW_MS,
        pace,
      });
      if (delivered.status === 'not_linked') return true;
      await summarizeSession(parts, session, {
        threshold: THRESHOLD,
        linkedOnly: true,
        template: DEFAULT_SUMMARY_PROMPT,
        timeoutMs: 30_000,
        includePaused,
      });
      await replaceWithSummary(parts, session, {
        includePaused,
        ...(pace && { keepLatest: KEPT }),
      });
      return !delivered.leftForLater;
    } catch {
      return false;
    } finally {
      await process.awake();
    }
  }

  return {
    process,
    /** An execution of a workflow for these sessions, and for those with unfinished work in the memory. */
    async execute(
      workflow: number,
      sessions: readonly SessionRef[],
      wakeUp = false,
    ): Promise<boolean> {
      const work = { chats: [workflows[workflow]!.destination.chat], summaries: true };
      const left = await memory().unfinished(MEMORY, {
        limit: wakeUp ? 10_000 : 100,
        includePaused: wakeUp,
        work,
      });
      const resumed = left.filter((one) => !sessions.some((session) => isSame(one, session)));
      const results = await Promise.all([
        ...sessions.map((session) => workOn(workflow, session, false)),
        ...resumed.map((session) => workOn(workflow, session, true)),
      ]);
      return results.every(Boolean);
    },
  };
}

export type Worker = ReturnType<typeof createWorker>;

const isSame = (a: SessionInfo, b: SessionRef) => a.session_id === b.session_id;
