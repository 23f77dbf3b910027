import type { Clock } from '../clock';
import type { Health } from '../http/health';
import { TooBusyError } from '../http/pace';

/*
 * One gate for each token in a process: it decides which session may write a note next.
 *
 * A turn is in one of these states:
 *   waiting   in `activity` (a visitor acts now) or `deferred` (summaries and redactions). Ends by a place inside, by
 *             `giveUpAfterMs`, or at once when the product is away.
 *   inside    runs its work and takes one of `places`.
 *   aside     its work waits for something else and has freed its place. The session's other notes still come after it.
 *
 * What always holds:
 * - A note is written inside. One that was written before the wait would not contain what happens during the wait.
 * - Of each session and kind of note, one turn waits at most: the note of the waiting one includes everything by then.
 * - Of each session, one note is written at a time, so notes keep their order. Redactions take no part in this.
 * - Of several sessions, the one that was served longest ago goes first, so none waits while another is served twice.
 * - Activity goes before what is deferred, except for every fifth turn.
 * - While the product is away (see Health), one turn at a time is let in to find out; all others end with a
 *   TooBusyError. What they would have delivered is in the memory.
 */

/** What a turn is for. */
export interface Turn {
  /** The session's key, different from that of any other session. */
  session: string;
  /**
   * - `activity`: what a visitor does now; of several sessions the one that was served longest ago goes first.
   * - `summary`, `redaction`: deferrable; activity goes first, except for every fifth turn.
   */
  kind: 'activity' | 'summary' | 'redaction';
  /** How long a deferrable turn waits, in milliseconds, before it ends with a {@link TooBusyError}; by default, for ever. */
  giveUpAfterMs?: number;
}

/** Decides who may use a chat product next, and lets in only as many as the product can serve at once. */
export interface Gate {
  /**
   * Runs `work` when it is its turn. Notes of one session, of either kind, are written one after the other.
   *
   * @param work gets a function that frees its place for others, to be called when the work has to wait for something
   *   else; the session's other notes still come after it
   * @returns the result of the work; undefined, at once and without having run it, if another turn already waits to
   *   write the same note, which will include everything that there is by then
   * @throws TooBusyError when `giveUpAfterMs` has passed, or the product is away; any error of the work
   */
  run<T>(turn: Turn, work: Work<T>): Promise<T | undefined>;
  /** Whether the product does not answer at the moment, so that nothing waits for it; see {@link Health}. */
  isAway(): boolean;
}

type Work<T> = (stepAside: () => void) => Promise<T>;

/** One turn in this many belongs to what is deferred, so that some of it is done under any load. */
const DEFERRED_SHARE = 5;
/** The number of sessions for which the gate remembers when they were served. Any other session goes first. */
const MAX_KNOWN = 20_000;

interface Entry {
  turn: Turn;
  /** The turn in which its session was served last; 0 if it was not. */
  servedAt: number;
  start(): void;
  /** Ends the wait with a {@link TooBusyError}. */
  giveUp(): void;
}

interface GateOptions {
  clock: Clock;
  /** The maximum number of turns inside at once. */
  places: number;
  /** The chat product's. */
  health: Health;
}

export function createGate({ clock, places, health }: GateOptions): Gate {
  let inside = 0;
  let turns = 0;
  /** Ordered by `servedAt`, then by arrival. */
  const activity: Entry[] = [];
  const deferred = new Set<Entry>();
  /** Kind and session of each note for which a turn waits. */
  const waiting = new Set<string>();
  /** Sessions whose turn is inside or aside. */
  const writing = new Set<string>();
  /** The turn in which each session was served; the one served longest ago comes first. */
  const served = new Map<string, number>();

  const writesNote = ({ kind }: Turn) => kind !== 'redaction';
  const mayStart = ({ turn }: Entry) => !writesNote(turn) || !writing.has(turn.session);

  function startNext(): void {
    for (let entry = takeNext(); entry; entry = takeNext()) {
      if (health.mayTry()) entry.start();
      else sendAllAway(entry);
    }
  }

  /** What they would have delivered is in the memory, and is delivered when the product answers again. */
  function sendAllAway(first: Entry): void {
    const all = [first, ...activity.splice(0), ...deferred];
    deferred.clear();
    for (const entry of all) entry.giveUp();
  }

  function takeNext(): Entry | undefined {
    if (inside >= places) return undefined;
    const urgent = activity.findIndex(mayStart);
    const other = firstOf(deferred, mayStart);
    if (other && (urgent < 0 || (turns + 1) % DEFERRED_SHARE === 0)) {
      deferred.delete(other);
      return other;
    }
    return urgent < 0 ? undefined : activity.splice(urgent, 1)[0];
  }

  function enqueue(entry: Entry): void {
    if (entry.turn.kind !== 'activity') {
      deferred.add(entry);
      return;
    }
    // Most arrive in order: sessions that were never served, and those served last.
    const before = activity.findLastIndex(({ servedAt }) => servedAt <= entry.servedAt);
    activity.splice(before + 1, 0, entry);
  }

  function enter({ turn: { session, kind } }: Entry): void {
    inside += 1;
    turns += 1;
    if (kind === 'activity') {
      served.delete(session);
      served.set(session, turns);
      const [longestAgo] = served.keys();
      if (longestAgo !== undefined && served.size > MAX_KNOWN) served.delete(longestAgo);
    }
    if (kind !== 'redaction') writing.add(session);
  }

  function giveUpPlace(): void {
    inside -= 1;
    startNext();
  }

  function wait<T>(turn: Turn, work: Work<T>, onLeave: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let giveUpNoMore = () => {};
      let hasPlace = true;
      const stepAside = () => {
        if (!hasPlace) return;
        hasPlace = false;
        giveUpPlace();
      };
      const entry: Entry = {
        turn,
        servedAt: served.get(turn.session) ?? 0,
        start() {
          giveUpNoMore();
          onLeave();
          enter(entry);
          // Asynchronously: a work that throws at once must not throw in the turn that freed the place.
          Promise.resolve()
            .then(() => work(stepAside))
            .then(resolve, reject)
            .finally(() => {
              if (writesNote(turn)) writing.delete(turn.session);
              health.left();
              if (hasPlace) stepAside();
              else startNext();
            });
        },
        giveUp() {
          giveUpNoMore();
          onLeave();
          reject(new TooBusyError());
        },
      };
      if (turn.giveUpAfterMs !== undefined) {
        giveUpNoMore = clock.after(turn.giveUpAfterMs, () => {
          if (deferred.delete(entry)) entry.giveUp();
        });
      }
      enqueue(entry);
      startNext();
    });
  }

  return {
    isAway: () => health.isAway(),
    async run<T>(turn: Turn, work: Work<T>) {
      if (!writesNote(turn)) return await wait(turn, work, () => {});
      const key = `${turn.kind} ${turn.session}`;
      if (waiting.has(key)) return undefined;
      waiting.add(key);
      return await wait(turn, work, () => void waiting.delete(key));
    },
  };
}

function firstOf<T>(all: Iterable<T>, fits: (one: T) => boolean): T | undefined {
  for (const one of all) if (fits(one)) return one;
  return undefined;
}
