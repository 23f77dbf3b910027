import type { History, Moment, PlacedAction } from '../moments/types';
import type { SessionInfo, SessionRef } from './types';

// What the memory keeps of moments. A *detector* is one Detect Moments step: two steps do not use up each other's moments.

/** Names a session of a memory. */
export type SessionKey = Omit<SessionRef, 'memory'>;

/** Which part of sessions to read for a detector. */
export interface TimelineQuery {
  detector: string;
  /** How far back, in milliseconds, by the time actions happened. */
  windowMs: number;
  /** The latest actions, at most this many for each session. */
  maxActions: number;
  /** Whether to return what is known of each person. */
  withHistory: boolean;
}

/** What a detector reads of one session. */
export interface Timeline {
  session: SessionInfo;
  /** Whether its visitor has signed in or is known by an address. */
  is_signed_in: boolean;
  /** Those of the person who acts now, in the order in which they were remembered. */
  actions: PlacedAction[];
  /** Whether the list begins with the first action of that person in the session. */
  is_complete: boolean;
  /** Null if nothing is known of the person, or it was not asked for. */
  history: History | null;
  /** Since when the memory has kept histories, in milliseconds since the epoch; null before. */
  learning_since: number | null;
  /** What the detector's moments of this session and person were kept for, see `firedKey`. */
  fired: string[];
  /** When the session is due, in milliseconds since the epoch; null for never. */
  due_at: number | null;
}

/** What a detector found in one session. */
export interface Detected {
  session: SessionKey;
  moments: readonly Moment[];
  /** When to look at the session again although nobody acts, in milliseconds since the epoch; null for never. */
  dueAt: number | null;
  /** What is known of the person now; undefined to leave it as it is. */
  history?: History | undefined;
}

/** A moment that had not fired before. */
export interface KeptMoment {
  /** Identifies it everywhere. */
  moment_id: string;
  moment: Moment;
}

/** The part of the session memory that detectors use. */
export interface MomentMemory {
  /** One for each session, in their order; null for a session that is not known. */
  timelines(
    memory: string,
    sessions: readonly SessionKey[],
    query: TimelineQuery,
  ): Promise<Array<Timeline | null>>;
  /**
   * Keeps what a detector found. Each moment is kept once in its window, however often and by however many workers it is
   * found.
   * @returns the moments that are new, for each entry
   */
  keepMoments(
    memory: string,
    detector: string,
    found: readonly Detected[],
  ): Promise<KeptMoment[][]>;
  /** When the next session is due for one of these detectors, or for any, in milliseconds since the epoch; null for never. */
  nextMomentAt(memory: string, detectors?: readonly string[]): Promise<number | null>;
}
