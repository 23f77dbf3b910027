import { sql, type ExpressionBuilder } from 'kysely';
import type { NoteRules, SessionInfo, UnfinishedQuery, Work } from '../types';
import { productOf } from '../chatKey';
import { ofChat } from './chats';
import { isFree } from './leases';
import { dueSessions } from './moments';
import { chunks, sessionInfos, type SessionRow } from './sessions';
import {
  LOOK_AGAIN_MS,
  NEVER,
  type Database,
  type SqlContext,
  type Tables,
  type Tx,
} from './tables';
import { isShared, transact } from './transactions';
import { sessionsWithOffers } from './unfinishedOffers';

/**
 * A session that was returned so often, at doubling intervals, without any work being done is left alone: the workflow
 * may have no step for what is left. New activity starts the count anew.
 */
const MAX_LOOKS = 10;

/** See {@link SessionMemory.unfinished}. */
export async function unfinished(
  { db, clock, rules }: SqlContext,
  memory: string,
  { limit, includePaused = false, work, detectors }: UnfinishedQuery,
): Promise<SessionInfo[]> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    const by = includePaused ? NEVER - 1 : now;
    const due = await dueLinks(tx, memory, now, by, work)
      .selectAll('autoplay_session')
      .select('autoplay_link.id as link')
      .orderBy('autoplay_link.due_at')
      .limit(limit)
      // Another transaction is working on a locked link, so it need not be returned now.
      .$if(isShared(tx), (query) => query.forUpdate('autoplay_link').skipLocked())
      .execute();
    const links = due.map(({ link }) => link);
    await putOff(tx, links, now, includePaused);
    const watched = await dueForMoments(tx, memory, now, limit, detectors);
    const room = limit - due.length;
    const more = includePaused && room > 0 ? await named(tx, memory, now, room, rules, work) : [];
    return [...(await sessionInfos(tx, [...watched, ...due, ...more])).values()];
  });
}

/**
 * Makes links due again later, in case nothing comes of it this time. One statement, because other calls wait
 * meanwhile.
 */
async function putOff(
  tx: Tx,
  links: readonly number[],
  now: number,
  includePaused: boolean,
): Promise<void> {
  for (const ids of chunks(links, tx)) {
    await tx
      .updateTable('autoplay_link')
      .set((eb) =>
        includePaused
          ? // Callers that ask for these pace themselves, and ask because something failed.
            { due_at: now + LOOK_AGAIN_MS }
          : {
              due_at: eb
                .case()
                .when('looks', '<', MAX_LOOKS)
                .then(
                  sql<number>`cast(${now} as bigint) + (cast(${LOOK_AGAIN_MS} as bigint) << looks)`,
                )
                .else(null)
                .end(),
              looks: eb('looks', '+', 1),
            },
      )
      .where('id', 'in', ids)
      .execute();
  }
}

/**
 * The sessions that a detector is to look at now, due again later in case nothing comes of it this time; and those with an
 * offer that failed.
 */
async function dueForMoments(
  tx: Tx,
  memory: string,
  now: number,
  limit: number,
  detectors: readonly string[] | undefined,
): Promise<SessionRow[]> {
  const due = await dueSessions(tx, memory, now, limit, detectors);
  const ids = new Set(due);
  if (detectors?.length !== 0) {
    const offering = await sessionsWithOffers(tx, memory, now, limit);
    offering.forEach((id) => ids.add(id));
  }
  for (const some of chunks(due, tx)) {
    await tx
      .updateTable('autoplay_watch')
      .set({ due_at: now + LOOK_AGAIN_MS })
      .where('session', 'in', some)
      .where('due_at', '<=', now)
      // Those of another workflow are for it to look at.
      .$if(detectors !== undefined, (query) => query.where('detector', 'in', [...detectors!]))
      .execute();
  }
  const rows: SessionRow[] = [];
  for (const some of chunks([...ids], tx)) {
    const sessions = tx.selectFrom('autoplay_session').selectAll().where('id', 'in', some);
    rows.push(...(await sessions.where('expires_at', '>', now).execute()));
  }
  return rows;
}

/**
 * The latest sessions without a link whose conversation the stream named. Delivery makes the link; if delivery never
 * began, nothing else says that there is something to deliver.
 */
async function named(
  tx: Tx,
  memory: string,
  now: number,
  limit: number,
  rules: NoteRules,
  work: Work | undefined,
): Promise<SessionRow[]> {
  const rows = await tx
    .selectFrom('autoplay_session')
    .selectAll()
    .where('memory', '=', memory)
    .where('stream_named_at', 'is not', null)
    .where('expires_at', '>', now)
    .orderBy('stream_named_at', 'desc')
    .limit(limit)
    .execute();
  if (!work) return rows;
  return rows.filter(({ stream_conversation_id: id }) =>
    work.chats.some((chat) => id !== null && rules.ownsConversation(productOf(chat), id)),
  );
}

/** See {@link SessionMemory.isWorkDue}. */
export async function isWorkDue(
  { db, clock }: SqlContext,
  memory: string,
  { work, detectors }: Pick<UnfinishedQuery, 'work' | 'detectors'> = {},
): Promise<boolean> {
  const now = clock.now();
  const due = await dueLinks(db, memory, now, now, work)
    .select('autoplay_link.id')
    .limit(1)
    .executeTakeFirst();
  if (due !== undefined) return true;
  const watched = await dueSessions(db, memory, now, 1, detectors);
  if (watched.length > 0) return true;
  return detectors?.length !== 0 && (await sessionsWithOffers(db, memory, now, 1)).length > 0;
}

/** The living links of a memory that are due by a time, without those that a worker has claimed. */
function dueLinks(db: Database, memory: string, now: number, by: number, work: Work | undefined) {
  return db
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
    .where('autoplay_link.memory', '=', memory)
    .where('autoplay_session.expires_at', '>', now)
    .where('autoplay_link.ended_at', 'is', null)
    .where(isFree(now))
    .where('autoplay_link.due_at', '<=', by)
    .$if(work !== undefined, (query) => query.where((eb) => eb.or(stepsFor(eb, work!))));
}

/** Whether a link or its session has work left that the workflow has a step for. */
function stepsFor(
  eb: ExpressionBuilder<Tables, 'autoplay_link' | 'autoplay_session'>,
  { chats, summaries }: Work,
) {
  const failed = [eb('summary_retry_at', 'is not', null), eb('summary_lease', 'is not', null)];
  return [...chats.map((chat) => ofChat('autoplay_link.chat', chat)), ...(summaries ? failed : [])];
}
