import { sql } from 'kysely';
import { wait } from '../../clock';
import { eraseSessions } from './forget';
import { eraseObjections, partWith, settleSome } from './offerUpkeep';
import { emptyLog, shrink } from './shrink';
import type { Database, SqlContext, Tx } from './tables';
import { erasePersons } from './histories';
import { isShared, transact } from './transactions';

/** How much one transaction erases, so that other calls need not wait long. */
const AT_ONCE = { sessions: 50, actions: 1_000, rows: 1_000 };
/** How long the key of a webhook's delivery is kept: vendors repeat one within minutes, a day is on the safe side. */
const SEEN_MS = 24 * 3_600_000;
const INCOMING_MS = 24 * 3_600_000;

/** See {@link SessionMemory.expire}. */
export async function expire({ db, clock }: SqlContext): Promise<number> {
  const now = clock.now();
  let erased = 0;
  const pieces = [
    // Before the sessions, whose actions show what became of offers.
    () => settleSome(db, now),
    () => eraseObjections(db, now),
    () => eraseSeen(db, now),
    () => eraseWaiting(db, now),
    () => eraseIncoming(db, now),
    () => erasePersons(db, now, AT_ONCE.rows),
    async () => {
      const { sessions, more } = await transact(db, (tx) => eraseSome(tx, now));
      erased += sessions;
      return more;
    },
  ];
  for (const piece of pieces) {
    // There is one thread and one connection: let other calls have a turn.
    while (await piece()) await wait(clock, 0);
  }
  // A failure is no matter: shrinking can wait, for example for a day with more room on the disk.
  await shrink(db, clock).catch(() => undefined);
  // Also where no session was erased: a conversation that waited for one may have been.
  await emptyLog(db);
  return erased;
}

/** @returns whether there may be more */
async function eraseSeen(db: Database, now: number): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from autoplay_seen where (scope, key) in (
    select scope, key from autoplay_seen where seen_at < ${now - SEEN_MS} limit ${AT_ONCE.rows})`.execute(
    db,
  );
  return Number(numAffectedRows) === AT_ONCE.rows;
}

/** What no trigger has worked on for a day, because its workflow is not published any more. */
async function eraseIncoming(db: Database, now: number): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from autoplay_incoming where (inbox, key) in (
    select inbox, key from autoplay_incoming where arrived_at < ${now - INCOMING_MS} limit ${AT_ONCE.rows})`.execute(
    db,
  );
  return Number(numAffectedRows) === AT_ONCE.rows;
}

async function eraseWaiting(db: Database, now: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('autoplay_waiting_link')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('autoplay_waiting_link')
        .select('id')
        .where('expires_at', '<=', now)
        .limit(AT_ONCE.rows),
    )
    .executeTakeFirst();
  return Number(numDeletedRows) === AT_ONCE.rows;
}

/**
 * Erases the next expired sessions, or the beginning of a session that is too long for one transaction. An expired
 * session is not served any more, so it is never seen half erased.
 */
async function eraseSome(tx: Tx, now: number): Promise<{ sessions: number; more: boolean }> {
  const old = await tx
    .selectFrom('autoplay_session')
    .select((eb) => [
      'id',
      'last_seq',
      eb
        .selectFrom('autoplay_action')
        .select((of) => of.fn.min('seq').as('seq'))
        .whereRef('session', '=', 'autoplay_session.id')
        .as('first_seq'),
    ])
    .where('expires_at', '<=', now)
    .limit(AT_ONCE.sessions)
    // Another process may be erasing at the same time.
    .$if(isShared(tx), (query) => query.forUpdate().skipLocked())
    .execute();
  await partWith(
    tx,
    old.map(({ id }) => id),
    now,
  );
  const whole: number[] = [];
  let room = AT_ONCE.actions;
  for (const { id, last_seq, first_seq } of old) {
    const actions = first_seq === null ? 0 : last_seq - first_seq + 1;
    if (first_seq !== null && actions > room) {
      await tx
        .deleteFrom('autoplay_action')
        .where('session', '=', id)
        .where('seq', '<', first_seq + room)
        .execute();
      break;
    }
    room -= actions;
    whole.push(id);
  }
  const { sessions } = await eraseSessions(tx, whole);
  return { sessions, more: old.length === AT_ONCE.sessions || whole.length < old.length };
}
