import type { Clock } from '../clock';
import type { Health } from '../http/health';
import { TooBusyError } from '../http/pace';

/** What a turn is for. */
export interface Turn {
  /** Which session, as a key that tells it from all others. */
  session: string;
  /**
   * - `activity`: what a visitor does now; of several sessions the one that was served longest ago goes first.
   * - `summary`, `redaction`: can wait; they let activity go first, but for every fifth turn.
   */
  kind: 'activity' | 'summary' | 'redaction';
  /** How long it waits for its turn, in milliseconds, before it gives up with a {@link TooBusyError}. */
  patienceMs?: number;
}

/**
 * Decides who may use a chat product next, and lets in only as many as it can serve at once. Notes are written
 * inside: one that is written before the wait would not tell what happens during it.
 */
export interface Gate {
  /**
   * Runs `work` when it is its turn. Notes of one session, activity or summary, are written one after the
   * other.
   *
   * @param work gets a function that gives its place to others, to be called when the work has to wait for
   *   something else; the session's other notes still come after it
   * @returns what the work gave; undefined, at once and without having run it, when somebody is already
   *   waiting to write the same note: theirs will tell everything there is by then
   * @throws TooBusyError when its patience has run out, or the product is away; whatever the work throws
   */
  run<T>(turn: Turn, work: Work<T>): Promise<T | undefined>;
  /** Whether the product does not answer just now: nobody waits for it, see {@link Health}. */
  isAway(): boolean;
}

type Work<T> = (stepAside: () => void) => Promise<T>;

/** One turn in so many belongs to what can wait, so that some of it is done under any load. */
const PATIENT_SHARE = 5;
/** For how many sessions it is kept when they were served; any other goes first. */
const MAX_KNOWN = 20_000;

interface Entry {
  turn: Turn;
  /** When its session was served last, counted in turns; 0 if never. */
  servedAt: number;
  start(): void;
  /** Ends the wait with a {@link TooBusyError}. */
  giveUp(): void;
}

interface GateOptions {
  clock: Clock;
  /** How many may be inside at once. */
  places: number;
  /** Of the chat product. */
  health: Health;
}

export function createGate({ clock, places, health }: GateOptions): Gate {
  let inside = 0;
  let turns = 0;
  /** Ordered by `servedAt`, then by arrival. */
  const activity: Entry[] = [];
  const patient = new Set<Entry>();
  /** Notes that somebody waits to write, by kind and session. */
  const waiting = new Set<string>();
  /** Sessions of which a note is being written. */
  const writing = new Set<string>();
  /** By session, the turn it was served in; the one served longest ago comes first. */
  const served = new Map<string, number>();

  const writesNote = ({ kind }: Turn) => kind !== 'redaction';
  const mayStart = ({ turn }: Entry) => !writesNote(turn) || !writing.has(turn.session);

  function startNext(): void {
    for (let entry = takeNext(); entry; entry = takeNext()) {
      if (health.mayTry()) entry.start();
      else sendAllAway(entry);
    }
  }

  /** What waits is remembered, and is told when the product is back. */
  function sendAllAway(first: Entry): void {
    const all = [first, ...activity.splice(0), ...patient];
    patient.clear();
    for (const entry of all) entry.giveUp();
  }

  function takeNext(): Entry | undefined {
    if (inside >= places) return undefined;
    const urgent = activity.findIndex(mayStart);
    const other = firstOf(patient, mayStart);
    if (other && (urgent < 0 || (turns + 1) % PATIENT_SHARE === 0)) {
      patient.delete(other);
      return other;
    }
    return urgent < 0 ? undefined : activity.splice(urgent, 1)[0];
  }

  function enqueue(entry: Entry): void {
    if (entry.turn.kind !== 'activity') {
      patient.add(entry);
      return;
    }
    // Most arrive in order: those that were never served, and those served last.
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
          // Not in this very call: a work that throws at once must not do so to whoever made room.
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
      if (turn.patienceMs !== undefined) {
        giveUpNoMore = clock.after(turn.patienceMs, () => {
          if (patient.delete(entry)) entry.giveUp();
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
