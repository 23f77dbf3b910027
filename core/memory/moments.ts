import type { Moment, Rule } from '../moments/types';
import type { Action } from '../payload/types';
import type { SessionInfo, SessionRef } from './types';

// What the memory does about moments. A *detector* is one Detect Moments step: two steps do not use up each other's moments.

/** Names a session of a memory. */
export type SessionKey = Omit<SessionRef, 'memory'>;

/** A session to look at. */
export interface SessionToLookAt extends SessionKey {
  /** It was passed on as unfinished: the moments of its offers that failed are wanted once more. */
  resumed?: boolean;
}

/** A detector, which is kept nowhere: its step sends its rules each time. */
export interface DetectorSettings {
  /** Its name in the memory. */
  name: string;
  rules: readonly Rule[];
}

/** A moment that had not fired before, what shows it, and whose it is. */
export interface DetectedMoment {
  /** Identifies it everywhere. */
  moment_id: string;
  moment: Moment;
  /** The actions at {@link Moment.evidence}, with their times in milliseconds since the epoch. */
  evidence: Array<{ at: number; action: Action }>;
  session: SessionInfo;
}

/** The part of the session memory that detectors use. */
export interface MomentMemory {
  /**
   * Looks at sessions by a detector's rules, keeps what fired, and when to look again. Each moment is kept once in its window,
   * however often and by however many workers it is found. Here, and not in the step, because what is looked at is many
   * times as much as what fires.
   * @returns the moments that are new, in the order of the sessions and rules; and those of offers that failed
   */
  detectMoments(
    memory: string,
    detector: DetectorSettings,
    sessions: readonly SessionToLookAt[],
  ): Promise<DetectedMoment[]>;
  /** When the next session is due for one of these detectors, or for any, in milliseconds since the epoch; null for never. */
  nextMomentAt(memory: string, detectors?: readonly string[]): Promise<number | null>;
}
