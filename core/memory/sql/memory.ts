import { Kysely, type Dialect } from 'kysely';
import type { Method, Result } from '../forward';
import type { MemoryParts, SessionMemory } from '../types';
import { endLink, extend, release } from './claims';
import { closeConversation } from './conversations';
import { listSessions, memories, status } from './contents';
import { firstSight } from './firstSight';
import { forget } from './forget';
import { dropIncoming, incoming, keepIncoming } from './incoming';
import { conversationOf, link } from './links';
import { migrate, type Engine } from './migrations';
import { detectMoments, nextMomentAt } from './moments';
import { claimNote, commitNote, heldNote, releaseNote } from './notes';
import { recordReply, openOffer, withdrawOffer } from './offerReplies';
import { reportOffers } from './offerReport';
import {
  advanceOffer,
  claimOffer,
  commitOffer,
  confirmOffer,
  extendOffer,
  holdBackOffer,
  releaseOffer,
} from './offers';
import { recall } from './recall';
import { remember } from './remember';
import { claimRedactions, claimSummaryNote, markRedacted, replacementLeft } from './replacements';
import { claimSummary, commitSummary, releaseSummary } from './summaries';
import { serverClock } from './serverClock';
import type { SqlContext, Tables } from './tables';
import { isWorkDue, unfinished } from './unfinished';
import { expire } from './upkeep';

/** What each method of a session memory does with an open database. */
const IN_SQL: {
  [M in Method]: (context: SqlContext, ...args: Parameters<SessionMemory[M]>) => Promise<Result<M>>;
} = {
  remember,
  link,
  recall,
  forget,
  unfinished,
  isWorkDue,
  conversationOf,
  closeConversation,
  claimNote,
  heldNote,
  replacementLeft,
  claimSummaryNote,
  claimRedactions,
  markRedacted,
  extend,
  commitNote,
  release,
  releaseNote,
  endLink,
  claimSummary,
  commitSummary,
  releaseSummary,
  claimOffer,
  confirmOffer,
  extendOffer,
  advanceOffer,
  commitOffer,
  holdBackOffer,
  releaseOffer,
  recordReply,
  openOffer,
  withdrawOffer,
  reportOffers,
  listSessions,
  status,
  memories,
  firstSight,
  keepIncoming,
  incoming,
  dropIncoming,
  detectMoments,
  nextMomentAt,
  expire,
  close: ({ db }) => db.destroy(),
};

/** Carries out one call of a session memory in an open database. */
export async function inSql<M extends Method>(
  context: SqlContext,
  method: M,
  args: Parameters<SessionMemory[M]>,
): Promise<Result<M>> {
  return await IN_SQL[method](context, ...args);
}

interface DatabaseOptions {
  engine: Engine;
  dialect: Dialect;
  parts: MemoryParts;
  /** Goes by the time of the database server, which may differ from the clock among the parts. */
  serverTime?: boolean;
}

/**
 * Opens a database and brings its schema up to date.
 * @throws what the database says when it cannot be opened or migrated
 */
export async function openDatabase({
  engine,
  dialect,
  parts,
  serverTime = false,
}: DatabaseOptions): Promise<SqlContext> {
  const db = new Kysely<Tables>({ dialect });
  try {
    await migrate(db, engine);
    const clock = serverTime ? await serverClock(db, parts.clock) : parts.clock;
    return { ...parts, db, clock };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** Closes a database, also one that could not be opened. Never rejects. */
export async function closeDatabase(opening: Promise<SqlContext>): Promise<void> {
  await opening.then(({ db }) => db.destroy()).catch(() => undefined);
}
