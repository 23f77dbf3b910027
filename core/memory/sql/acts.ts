import { sql } from 'kysely';
import { actOf } from '../../moments/act';
import type { Act } from '../../moments/types';
import type { Action } from '../../payload/types';
import { createRecent, type Recent } from '../../recent';
import { actionOf } from './actions';
import { chunks, type SessionRow } from './sessions';
import type { Database, Tx } from './tables';

/** More of a session's actions are not looked at: no rule needs more. */
const MOST_ACTIONS = 200;
/** What is known of a session is kept for so many, some kilobytes each, so that a look reads only what is new. */
const SESSIONS = 8_000;

/** What this process has read of a session. Actions do not change, so it stays true. */
interface Known {
  /** The last action that was read, by its place. */
  upto: number;
  /** Those that rules may still look at, in any order. */
  acts: Act[];
  /** How far back they go, in milliseconds: as far as any detector has asked for. */
  windowMs: number;
  /** The first action of a person, by its place, and when it was. */
  first: { seq: number; at: number } | undefined;
}

const knownIn = new WeakMap<Database, Recent<{ now: Known }>>();

function knownOf(db: Database): Recent<{ now: Known }> {
  const known = knownIn.get(db) ?? createRecent(SESSIONS, () => ({ now: unread(0) }));
  knownIn.set(db, known);
  return known;
}

const unread = (windowMs: number): Known => ({ upto: 0, acts: [], windowMs, first: undefined });

/** What rules see of some sessions. */
export interface ActsOf {
  acts: readonly Act[];
  /** Whether they begin with the first action of the person who acts now. */
  isComplete: boolean;
  /** When that person acted first, in milliseconds since the epoch; null if it is not known. */
  startedAt: number | null;
}

/**
 * For each session what the person who acts now did in the last `windowMs`, and what they did before that last, by which
 * stays are told. The list goes further back if another detector has looked further back.
 */
export async function actsOf(
  db: Database,
  tx: Tx,
  rows: readonly SessionRow[],
  { now, windowMs }: { now: number; windowMs: number },
): Promise<(row: SessionRow) => ActsOf> {
  const recent = knownOf(db);
  const known = new Map<number, Known>();
  const places = rows.flatMap((row) => {
    const kept = recent(String(row.id));
    // What another detector did not need is gone. A look that is under way goes on with what it had.
    if (kept.now.windowMs < windowMs) kept.now = unread(windowMs);
    known.set(row.id, kept.now);
    const from = Math.max(kept.now.upto, row.last_seq - MOST_ACTIONS, row.person_from_seq - 1);
    return Array.from({ length: Math.max(0, row.last_seq - from) }, (_, i) => ({
      session: row.id,
      seq: from + 1 + i,
    }));
  });
  // All at once: if the transaction fails later, what was read is known, and not read again beside itself.
  for (const { session, seq, at, action } of await actionsAt(tx, places)) {
    const own = known.get(session)!;
    if (seq > own.upto) own.acts.push(actOf(at, seq, action));
  }
  for (const { id, last_seq } of rows) {
    const own = known.get(id)!;
    own.upto = Math.max(own.upto, last_seq);
  }
  return (row) => {
    const own = known.get(row.id)!;
    const first = Math.max(1, row.person_from_seq);
    const acts = own.acts
      .filter(({ seq }) => seq >= first)
      .toSorted((a, b) => a.at - b.at || a.seq - b.seq);
    own.first = acts.find(({ seq }) => seq === first) ?? own.first;
    const inWindow = acts.findIndex(({ at }) => at >= now - own.windowMs);
    own.acts = acts.slice(Math.max(0, (inWindow < 0 ? acts.length : inWindow) - 1));
    return {
      acts: own.acts,
      isComplete: own.acts.some(({ seq }) => seq === first),
      startedAt: own.first?.seq === first ? own.first.at : null,
    };
  };
}

/** Forgets what this process has read of sessions that were erased. */
export function forgetActs(db: Database, sessionRowIds: readonly number[]): void {
  const known = knownOf(db);
  for (const id of sessionRowIds) known(String(id)).now = unread(0);
}

/** An action's place among those of all sessions. */
interface Place {
  session: number;
  seq: number;
}

/** The actions at these places, of those that there are. */
export async function actionsAt(
  tx: Tx,
  places: readonly Place[],
): Promise<Array<Place & { at: number; action: Action }>> {
  const out: Array<Place & { at: number; action: Action }> = [];
  for (const some of chunks(places, tx)) {
    const wanted = sql.join(
      some.map(({ session, seq }) => sql`(cast(${session} as bigint), cast(${seq} as integer))`),
    );
    const stored = await tx
      .selectFrom('autoplay_action')
      .select(['session', 'seq', 'at', 'action_id', 'body'])
      .where(sql<boolean>`(session, seq) in (values ${wanted})`)
      .execute();
    out.push(
      ...stored.map(({ session, seq, at, ...row }) => {
        return { session, seq, at, action: actionOf(row, 0) };
      }),
    );
  }
  return out;
}
