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
}

const knownIn = new WeakMap<Database, Recent<Known>>();

function knownOf(db: Database): Recent<Known> {
  const known = knownIn.get(db) ?? createRecent<Known>(SESSIONS, () => ({ upto: 0, acts: [] }));
  knownIn.set(db, known);
  return known;
}

/** What rules see of some sessions. */
export interface ActsOf {
  acts: readonly Act[];
  /** Whether they begin with the first action of the person who acts now. */
  isComplete: boolean;
}

/**
 * For each session what the person who acts now did since a time, and what they did before that last, by which stays are
 * told.
 */
export async function actsOf(
  db: Database,
  tx: Tx,
  rows: readonly SessionRow[],
  since: number,
): Promise<(row: SessionRow) => ActsOf> {
  const known = knownOf(db);
  const unread = rows.flatMap((row) => {
    const before = known(String(row.id));
    const from = Math.max(before.upto, row.last_seq - MOST_ACTIONS, row.person_from_seq - 1);
    return Array.from({ length: Math.max(0, row.last_seq - from) }, (_, i) => ({
      session: row.id,
      seq: from + 1 + i,
    }));
  });
  // All at once: if the transaction fails later, what was read is known, and not read again beside itself.
  for (const { session, seq, at, action } of await actionsAt(tx, unread)) {
    const own = known(String(session));
    if (seq > own.upto) own.acts.push(actOf(at, seq, action));
  }
  for (const { id, last_seq } of rows) {
    const own = known(String(id));
    own.upto = Math.max(own.upto, last_seq);
  }
  return (row) => {
    const own = known(String(row.id));
    const first = Math.max(1, row.person_from_seq);
    const acts = own.acts
      .filter(({ seq }) => seq >= first)
      .toSorted((a, b) => a.at - b.at || a.seq - b.seq);
    const recent = acts.findIndex(({ at }) => at >= since);
    own.acts = acts.slice(Math.max(0, (recent < 0 ? acts.length : recent) - 1));
    return { acts: own.acts, isComplete: own.acts.some(({ seq }) => seq === first) };
  };
}

/** Forgets what this process has read of sessions that were erased. */
export function forgetActs(db: Database, sessionRowIds: readonly number[]): void {
  const known = knownOf(db);
  for (const id of sessionRowIds) known(String(id)).acts = [];
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
