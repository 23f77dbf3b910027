import { Kysely, sql, type Dialect } from 'kysely';
import type { Clock } from '../../clock';
import type { NoteRules, SessionMemory } from '../types';
import { endLink, extend, release } from './claims';
import { firstSight } from './firstSight';
import { forget } from './forget';
import { conversationOf, link } from './links';
import { migrate, type Engine } from './migrations';
import { claimNote, commitNote, heldNote, releaseNote } from './notes';
import { recall } from './recall';
import { remember } from './remember';
import { claimRedactions, claimSummaryNote, markRedacted, replacementLeft } from './replacements';
import { claimSummary, commitSummary, releaseSummary } from './summaries';
import { serverClock } from './serverClock';
import { shrink } from './shrink';
import type { SqlContext, Tables } from './tables';
import { isWorkDue, unfinished } from './unfinished';
import { expire } from './upkeep';

export interface SqlMemoryOptions {
  engine: Engine;
  dialect: Dialect;
  clock: Clock;
  /** Goes by the time of the database server, of which `clock` may differ. */
  serverTime?: boolean;
  newId: () => string;
  rules: NoteRules;
}

/**
 * Opens a session memory in a SQL database and brings its schema up to date.
 * @throws what the database says when it cannot be opened or migrated
 */
export async function openSqlMemory(options: SqlMemoryOptions): Promise<SessionMemory> {
  const db = new Kysely<Tables>({ dialect: options.dialect });
  let { clock } = options;
  try {
    await migrate(db, options.engine);
    if (options.serverTime) clock = await serverClock(db, clock);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const { newId, rules } = options;
  const context: SqlContext = { db, clock, newId, rules };
  /** What was erased still stands in SQLite's write-ahead log, until that is written back and cut. */
  const emptyLog = async () => {
    if (options.engine === 'sqlite') await sql`pragma wal_checkpoint(truncate)`.execute(db);
  };
  return {
    remember: (...args) => remember(context, ...args),
    unfinished: (...args) => unfinished(context, ...args),
    isWorkDue: (...args) => isWorkDue(context, ...args),
    link: (...args) => link(context, ...args),
    recall: (...args) => recall(context, ...args),
    async forget(query) {
      const forgotten = await forget(context, query);
      // Nothing else says which notes are to be redacted; the log is emptied with the next expiry as well.
      await emptyLog().catch(() => undefined);
      return forgotten;
    },
    claimNote: (...args) => claimNote(context, ...args),
    heldNote: (...args) => heldNote(context, ...args),
    conversationOf: (...args) => conversationOf(context, ...args),
    replacementLeft: (...args) => replacementLeft(context, ...args),
    claimSummaryNote: (...args) => claimSummaryNote(context, ...args),
    claimRedactions: (...args) => claimRedactions(context, ...args),
    extend: (...args) => extend(context, ...args),
    commitNote: (...args) => commitNote(context, ...args),
    markRedacted: (...args) => markRedacted(context, ...args),
    release: (...args) => release(context, ...args),
    releaseNote: (...args) => releaseNote(context, ...args),
    endLink: (...args) => endLink(context, ...args),
    claimSummary: (...args) => claimSummary(context, ...args),
    commitSummary: (...args) => commitSummary(context, ...args),
    releaseSummary: (...args) => releaseSummary(context, ...args),
    firstSight: (...args) => firstSight(context, ...args),
    expire: async () => {
      const erased = await expire(context);
      // It can wait, for a day with more room on the disk say.
      if (options.engine === 'sqlite') await shrink(db, clock).catch(() => undefined);
      // Also where no session was erased: what waited for one may have been.
      await emptyLog();
      return erased;
    },
    close: () => db.destroy(),
  };
}
