import type { Selectable } from 'kysely';
import type { Outcome } from '../../manners/types';
import { pageKey } from '../../payload/pageKey';
import { pagesNamed } from '../../payload/pages';
import type { Action } from '../../payload/types';
import type { OfferRequest } from '../offers';
import { readActions } from './actions';
import { isHeld } from './leases';
import { keepPausesAfterTwo } from './offerPauses';
import { chunks, type SessionRow } from './sessions';
import type { Tables, Tx } from './tables';
import { isShared } from './transactions';

// What becomes of offers as time passes. `settle_at` says when to look next; nothing depends on that it is looked in
// time, because whoever reads an offer whose time has come settles it first.

export type OfferRow = Selectable<Tables['autoplay_offer']>;
type Goal = Omit<NonNullable<OfferRequest['goal']>, 'withinMs'>;

const DAY_MS = 24 * 3_600_000;
/** How long offers are kept, in milliseconds: as long as the longest pause between them. */
const OFFERS_MS = 90 * DAY_MS;
/** How long after its outcome an answer to an offer can still be told apart. */
const ANSWERS_MS = DAY_MS;
/** An attempt that is not tried again within this time is not tried any more. */
const ABANDONED_MS = 600_000;
/** Actions arrive so late, at most, that they count for a goal. */
const LATE_MS = 300_000;

/** What is erased once an offer cannot be sent or answered any more. */
const CLEARED = {
  ...{ text: '', choices: null, session_id: null },
  ...{ conversation_id: null, message_ref: null, answer_id: null },
} as const;

/** When to look at an offer next. */
export function nextLook(row: Omit<OfferRow, 'id' | 'settle_at'>): number {
  const { state, outcome, outcome_at, decided_at } = row;
  const times = [decided_at + OFFERS_MS];
  if (state === 'sending') times.push((row.lease_until ?? decided_at) + ABANDONED_MS);
  const answerUntil = answerUntilOf(row);
  if (outcome === 'open' && answerUntil !== null) times.push(answerUntil);
  if (row.goal_until !== null) times.push(row.goal_until + LATE_MS);
  if (row.session_id !== null && outcome !== 'open' && state !== 'sending') {
    times.push((outcome_at ?? decided_at) + ANSWERS_MS);
  }
  return Math.min(...times);
}

function answerUntilOf({ sent_at, ignored_after_ms }: Omit<OfferRow, 'id' | 'settle_at'>) {
  return sent_at === null || ignored_after_ms === 0 ? null : sent_at + ignored_after_ms;
}

/**
 * Settles offers whose time has come, and those of sessions that are about to be erased, of which nothing more will be
 * known. Erases offers that are too old.
 *
 * @param rows locked
 * @returns those that are left, as they are now
 */
export async function settle(
  tx: Tx,
  rows: readonly OfferRow[],
  now: number,
  hasEnded = false,
): Promise<OfferRow[]> {
  const left: OfferRow[] = [];
  const old: OfferRow[] = [];
  for (const row of rows) {
    if (row.decided_at + OFFERS_MS <= now) old.push(row);
    else if (hasEnded || row.settle_at <= now) left.push(await settled(tx, row, now, hasEnded));
    else left.push(row);
  }
  await keepPausesAfterTwo(tx, old, now);
  await eraseOffers(
    tx,
    old.map(({ id }) => id),
  );
  return left;
}

async function settled(tx: Tx, row: OfferRow, now: number, hasEnded: boolean): Promise<OfferRow> {
  const changes = {
    ...(await outcomeNow(tx, row, now, hasEnded)),
    ...(await goalNow(tx, row, now, hasEnded)),
  };
  const after = { ...row, ...changes };
  const { state, outcome, outcome_at, decided_at } = after;
  const isOver = state !== 'sending' && outcome !== 'open';
  if (isOver && (outcome_at ?? decided_at) + ANSWERS_MS <= now) Object.assign(after, CLEARED);
  return await setOffer(tx, row, after);
}

/** Stores an offer as it is after a change, with when to look at it next. */
export async function setOffer(
  tx: Tx,
  row: OfferRow,
  changes: Partial<OfferRow>,
): Promise<OfferRow> {
  const { id, settle_at: _before, ...after } = { ...row, ...changes };
  const values = { ...after, settle_at: nextLook(after) };
  await tx.updateTable('autoplay_offer').set(values).where('id', '=', id).execute();
  return { id, ...values };
}

async function outcomeNow(tx: Tx, row: OfferRow, now: number, hasEnded: boolean) {
  if (row.state === 'sending') return abandoned(row, now, hasEnded);
  if (row.outcome !== 'open') return {};
  const answerUntil = answerUntilOf(row);
  if (!hasEnded && (answerUntil === null || now < answerUntil)) return {};
  const outcome = await silenceOf(tx, row, answerUntil ?? now);
  return { outcome, outcome_at: Math.min(now, answerUntil ?? now) };
}

/**
 * What an offer without an answer has come to: `ignored` if the visitor was there, which an action of theirs or the chat product
 * shows, and `left` if not; `unknown` for an offer without a conversation, because no reply can be matched to it.
 */
async function silenceOf(tx: Tx, row: OfferRow, until: number): Promise<Outcome> {
  if (row.conversation_id === null) return 'unknown';
  if (row.seen_at !== null) return 'ignored';
  const next = await nextPersonsFirst(tx, row);
  const acted = await tx
    .selectFrom('autoplay_action')
    .select('seq')
    .where('session', '=', row.session)
    .where('seq', '>', row.decided_seq)
    .$if(typeof next === 'number', (query) => query.where('seq', '<', next!))
    .where('at', '>', row.sent_at ?? row.decided_at)
    .where('at', '<=', until)
    .limit(1)
    .executeTakeFirst();
  return acted ? 'ignored' : 'left';
}

/** An offer that is in the conversation from now on. */
export function sentAt(now: number): Partial<OfferRow> {
  return { state: 'sent', sent_at: now, outcome: 'open', text: '', lease: null };
}

/** The state of an offer that no worker sends any more. */
function abandoned(row: OfferRow, now: number, hasEnded: boolean): Partial<OfferRow> {
  const { lease, lease_until: until, lease_ms: ms } = row;
  if (isHeld({ lease, until, ms }, now)) return {};
  if (!hasEnded && (until ?? row.decided_at) + ABANDONED_MS > now) return {};
  // What is known to be there stays, even if a part of it is missing.
  if (row.message_ref !== null) return sentAt(until ?? row.decided_at);
  return { state: 'failed', text: '', lease: null, may_have_landed: mayHaveLanded(row) };
}

/**
 * Whether an offer, or the rest of one of which a part is there, may have been sent without being recorded: 1 if so. A worker that
 * stopped without a word may have sent it after it asked for the last time, and the rest at any time.
 */
export function mayHaveLanded({ lease, message_ref, may_have_landed }: OfferRow): number {
  return lease !== null && message_ref !== null ? 1 : may_have_landed;
}

/** Whether the visitor may see an offer that is not recorded as sent. */
export function mayBeThere({
  message_ref,
  may_have_landed,
}: Pick<OfferRow, 'message_ref' | 'may_have_landed'>): boolean {
  return message_ref !== null || may_have_landed === 1;
}

async function goalNow(
  tx: Tx,
  row: OfferRow,
  now: number,
  hasEnded: boolean,
): Promise<Partial<OfferRow>> {
  const { goal, goal_until } = row;
  if (goal === null || goal_until === null) return {};
  if (!hasEnded && goal_until + LATE_MS > now) return {};
  const converted_at = await reachedAt(tx, row, JSON.parse(goal) as Goal, goal_until);
  return { goal: null, goal_until: null, converted_at };
}

/**
 * The place of the first action of the next person in an offer's session; null if the offer's person still has the session,
 * undefined once the session is erased.
 */
async function nextPersonsFirst(tx: Tx, { session, person_seq }: OfferRow) {
  const known = await tx
    .selectFrom('autoplay_session')
    .select('person_from_seq')
    .where('id', '=', session)
    .executeTakeFirst();
  if (!known) return undefined;
  return known.person_from_seq > person_seq ? known.person_from_seq : null;
}

/** How many actions are looked through for a goal: those of a very busy half hour. */
const MOST_ACTIONS = 5_000;
const ACTIONS_AT_ONCE = 500;

/** When the person reached a goal after the decision; null if they did not. */
async function reachedAt(tx: Tx, row: OfferRow, goal: Goal, until: number): Promise<number | null> {
  const next = await nextPersonsFirst(tx, row);
  if (next === undefined) return null;
  const isReached = reaching(goal);
  let after = row.decided_seq;
  for (let looked = 0; looked < MOST_ACTIONS; looked += ACTIONS_AT_ONCE) {
    const actions = await readActions(tx, row.session, { after, limit: ACTIONS_AT_ONCE });
    for (const { seq, at, action } of actions) {
      if (next !== null && seq >= next) return null;
      // Actions that happened before the decision may arrive after it.
      if (at >= row.decided_at && at <= until && isReached(action)) return at;
    }
    const last = actions.at(-1);
    if (!last || actions.length < ACTIONS_AT_ONCE || last.at > until) return null;
    after = last.seq;
  }
  return null;
}

function reaching({ page, title }: Goal): (action: Action) => boolean {
  const isPage = page ? pagesNamed([page]) : undefined;
  const part = title?.trim().toLowerCase();
  return (action) =>
    [action.canonical_url, action.raw_url, pageKey(action)].some((url) => isPage?.(url)) ||
    Boolean(part && action.title.toLowerCase().includes(part));
}

/** Locks offers by their row ids, in their order. */
export async function lockOfferRows(tx: Tx, ids: readonly number[]): Promise<OfferRow[]> {
  const rows: OfferRow[] = [];
  const sorted = ids.toSorted((a, b) => a - b);
  for (const some of chunks(sorted, tx)) {
    const query = tx.selectFrom('autoplay_offer').selectAll().where('id', 'in', some);
    const locked = query.orderBy('id').$if(isShared(tx), (one) => one.forUpdate());
    rows.push(...(await locked.execute()));
  }
  return rows;
}

/** Erases offers with the keys of their persons. */
export async function eraseOffers(tx: Tx, ids: readonly number[]): Promise<void> {
  for (const some of chunks(ids)) {
    await tx.deleteFrom('autoplay_offer_person').where('offer', 'in', some).execute();
    await tx.deleteFrom('autoplay_offer').where('id', 'in', some).execute();
  }
}

/** The offers of sessions, locked. */
export async function offersOfSessions(
  tx: Tx,
  sessions: readonly Pick<SessionRow, 'id'>[],
): Promise<OfferRow[]> {
  const ids: number[] = [];
  for (const some of chunks(
    sessions.map(({ id }) => id),
    tx,
  )) {
    const rows = await tx
      .selectFrom('autoplay_offer')
      .select('id')
      .where('session', 'in', some)
      .execute();
    ids.push(...rows.map(({ id }) => id));
  }
  return await lockOfferRows(tx, ids);
}
