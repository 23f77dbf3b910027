import { confirm, decide, isHeldOut } from '../../manners/decide';
import type { Choice, Manners, Reason } from '../../manners/types';
import { LeaseLostError } from '../errors';
import { productOf } from '../chatKey';
import type { OfferClaim, OfferHold, OfferMemory, OfferRequest, SentOffer } from '../offers';
import { isHeld } from './leases';
import { keepObjection } from './objections';
import { factsOf } from './offerFacts';
import {
  mayBeThere,
  mayHaveLanded,
  nextLook,
  sentAt,
  setOffer,
  settle,
  type OfferRow,
} from './offerSettling';
import { personOf, type Person } from './offerPersons';
import { personKeys } from './persons';
import { chunks, findLink, findSession, sessionInfo, type SessionRow } from './sessions';
import type { SqlContext, Tx } from './tables';
import { isShared, lockOffers, transact } from './transactions';

// The states of an offer: `held_back` and `observed` are ends. `sending` becomes one of them, `sent` or `failed`, and
// `failed` becomes `sent` when it turns out that it is there. What becomes of one that is sent is its outcome.

/** What is removed from an offer that is not sent, or not any more. */
const UNSENT = {
  text: '',
  choices: null,
  session_id: null,
  conversation_id: null,
  lease: null,
} as const;

/** See {@link OfferMemory.claimOffer}. */
export async function claimOffer(context: SqlContext, request: OfferRequest): Promise<OfferClaim> {
  const { db, clock, newId } = context;
  const now = clock.now();
  const { memory } = request.session;
  return await transact(db, async (tx): Promise<OfferClaim> => {
    await lockOffers(tx, memory);
    const session = await findSession(tx, request.session, now);
    if (!session) return { status: 'unknown_session' };
    const known = await offerOf(tx, request);
    if (known) return await claimAgain(context, tx, session, known, request, now);
    const person = await personOf(tx, await personKeys(tx), session, now);
    const { moment, manners, observeOnly } = request;
    const { name: rule, rule_version, page, at: momentAt } = moment;
    const facts = await factsOf(
      tx,
      session,
      person,
      { ...request, rule, rule_version, page, momentAt },
      now,
    );
    if ((facts.silentUntil ?? 0) > now) {
      // Also under the names that they have gone by since.
      await keepObjection(tx, session, person.wishes.written, facts.silentUntil!);
    }
    const decided = decide(facts, manners, now);
    const state = stateAfter(decided);
    const isSending = state === 'sending';
    const isCompared = !observeOnly && decided !== 'opted_out';
    const { goal } = request;
    const hasGoal = goal !== undefined && goal.withinMs > 0;
    const fresh = {
      ...{ offer_id: newId(), memory, product_id: session.product_id },
      ...{ session: session.id, person_seq: session.person_from_seq },
      session_id: isSending ? session.session_id : null,
      person: person.surest,
      ...{ moment_id: moment.moment_id, moment_at: momentAt, rule, rule_version, page },
      ...{ chat: request.chat, decided_at: now, decided_seq: session.last_seq, state },
      reason: state === 'held_back' ? decided : null,
      arm: isCompared ? (isHeldOut({ ...facts, manners }) ? 'holdout' : 'treated') : null,
      made_at: isSending ? now : null,
      text: isSending ? request.text : '',
      choices: isSending ? JSON.stringify(request.choices) : null,
      conversation_id: isSending ? await conversationFor(context, tx, session, request.chat) : null,
      message_ref: null,
      ...{ lease: null, lease_until: null, lease_ms: null, failures: 0, may_have_landed: 0 },
      ...{ sent_at: null, seen_at: null, withdrawn_at: null, outcome: null, outcome_at: null },
      ...{ choice: null, answer_id: null },
      ignored_after_ms: manners.ignoredAfterMs,
      dismissed_ms: manners.afterDismissedMs,
      twice_ms: manners.afterTwoDismissalsMs,
      goal: hasGoal ? JSON.stringify({ page: goal.page, title: goal.title }) : null,
      goal_until: hasGoal ? now + goal.withinMs : null,
      has_goal: hasGoal ? 1 : 0,
      converted_at: null,
    } satisfies Omit<OfferRow, 'id' | 'settle_at'>;
    const row = await tx
      .insertInto('autoplay_offer')
      .values({ ...fresh, settle_at: nextLook(fresh) })
      .returningAll()
      .executeTakeFirstOrThrow();
    await addKeys(tx, row.id, person.kept, state === 'held_back' ? 0 : 1);
    if (!isSending) return answerOf(row);
    return await claim(context, tx, session, row, request, now);
  });
}

function stateAfter(decided: Reason | null): 'sending' | 'observed' | 'held_back' {
  if (decided === null) return 'sending';
  return decided === 'observe_only' ? 'observed' : 'held_back';
}

/** The offer that was decided for the same moment before, locked. */
async function offerOf(tx: Tx, { session, moment, chat }: OfferRequest) {
  return await tx
    .selectFrom('autoplay_offer')
    .selectAll()
    .where('memory', '=', session.memory)
    .where('moment_id', '=', moment.moment_id)
    .where('chat', '=', chat)
    .$if(isShared(tx), (query) => query.forUpdate())
    .executeTakeFirst();
}

async function claimAgain(
  context: SqlContext,
  tx: Tx,
  session: SessionRow,
  row: OfferRow,
  request: OfferRequest,
  now: number,
): Promise<OfferClaim> {
  const [known] = await settle(tx, [row], now);
  if (known?.state !== 'sending') return answerOf(known ?? row);
  const { lease, lease_until: until, lease_ms: ms } = known;
  if (isHeld({ lease, until, ms }, now)) return { status: 'busy', offer_id: known.offer_id };
  const may_have_landed = mayHaveLanded(known);
  const before = { ...known, may_have_landed };
  // The visitor may have objected since the first attempt, or the team may have switched to observing.
  const decided = refusedBy(request);
  if (decided && !mayBeThere(before)) {
    return answerOf(await setOffer(tx, known, { ...unsent(decided), arm: null }));
  }
  return await claim(context, tx, session, before, request, now);
}

/** What the request itself says against the offer; null if nothing. */
function refusedBy({ optedOut, observeOnly }: OfferRequest): Reason | null {
  if (optedOut) return 'opted_out';
  return observeOnly ? 'observe_only' : null;
}

/** What is answered about an offer that is not to be sent. */
function answerOf({ offer_id, state, reason, conversation_id, message_ref }: OfferRow): OfferClaim {
  switch (state) {
    case 'held_back':
      return { status: 'held_back', offer_id, reason: reason! };
    case 'sent':
      return { status: 'sent', offer_id, conversation_id: conversation_id ?? '', message_ref };
    case 'sending':
      return { status: 'busy', offer_id };
    default:
      return { status: state, offer_id };
  }
}

async function claim(
  context: SqlContext,
  tx: Tx,
  session: SessionRow,
  before: OfferRow,
  { leaseMs, timeZone }: OfferRequest,
  now: number,
): Promise<OfferClaim> {
  const lease = context.newId();
  const until = now + leaseMs;
  const { may_have_landed } = before;
  const leased = { lease, lease_until: until, lease_ms: Math.ceil(leaseMs), may_have_landed };
  const conversation_id =
    before.conversation_id ?? (await conversationFor(context, tx, session, before.chat));
  const row = await setOffer(tx, before, { ...leased, conversation_id });
  const hold: OfferHold = {
    offer_id: row.offer_id,
    session: await sessionInfo(tx, session),
    chat: row.chat,
    ...{ lease, until, timeZone, failures: row.failures, since: row.decided_at },
    text: row.text,
    choices: choicesOf(row),
    conversation_id,
    mayHaveLanded: may_have_landed === 1,
    message_ref: row.message_ref,
  };
  return { status: 'claimed', hold };
}

export function choicesOf({ choices }: Pick<OfferRow, 'choices'>): Choice[] {
  return choices === null ? [] : (JSON.parse(choices) as Choice[]);
}

/** The conversation that a session is linked to in a chat product, or else the one that the stream named. */
async function conversationFor(
  { rules }: SqlContext,
  tx: Tx,
  session: SessionRow,
  chat: string,
): Promise<string | null> {
  const link = await findLink(tx, session.id, chat);
  if (link) return link.conversation_id;
  const named = session.stream_conversation_id;
  return named !== null && rules.ownsConversation(productOf(chat), named) ? named : null;
}

/** Adds keys to those that an offer is found by. */
export async function addKeys(
  tx: Tx,
  offer: number,
  keys: readonly string[],
  made: 0 | 1,
): Promise<void> {
  for (const some of chunks(keys, tx)) {
    await tx
      .insertInto('autoplay_offer_person')
      .values(some.map((key) => ({ offer, key, made })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** See {@link OfferMemory.confirmOffer}. */
export async function confirmOffer(
  { db, clock }: SqlContext,
  hold: OfferHold,
  manners: Manners,
  leaseMs: number,
): Promise<Reason | null> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    await lockOffers(tx, hold.session.memory);
    const session = await findSession(tx, hold.session, now);
    const row = await heldOffer(tx, hold);
    // Some of it is there already: the rest belongs to it.
    let reason: Reason | null = null;
    if (row.message_ref === null) reason = session ? await ask(session) : 'stale';
    if (reason === null) {
      const lease = { lease_until: now + leaseMs, lease_ms: Math.ceil(leaseMs) };
      await setOffer(tx, row, { ...lease, may_have_landed: 1 });
    } else {
      await setOffer(tx, row, unsent(reason));
    }
    return reason;

    async function ask(session: SessionRow): Promise<Reason | null> {
      const person: Person = await personOf(tx, await personKeys(tx), session, now);
      await addKeys(tx, row.id, person.kept, 1);
      const { rule, rule_version, page, moment_at: momentAt, id: own } = row;
      const { timeZone } = hold;
      const question = { rule, rule_version, page, momentAt, own, timeZone };
      const asked = { ...question, observeOnly: false, optedOut: false };
      return confirm(await factsOf(tx, session, person, asked, now), manners, now);
    }
  });
}

/** An offer that is not sent, because of a decision against it. */
function unsent(decided: Reason): Partial<OfferRow> {
  const state = stateAfter(decided);
  return { state, reason: state === 'held_back' ? decided : null, made_at: null, ...UNSENT };
}

/**
 * The offer of a claim, locked.
 * @throws LeaseLostError
 */
async function heldOffer(tx: Tx, { offer_id, lease, session }: OfferHold): Promise<OfferRow> {
  const row = await findOffer(tx, offer_id);
  if (row?.lease === lease && row.state === 'sending') return row;
  throw new LeaseLostError(session.session_id);
}

/** An offer by its id, locked. */
export async function findOffer(tx: Tx, offer_id: string): Promise<OfferRow | undefined> {
  return await tx
    .selectFrom('autoplay_offer')
    .selectAll()
    .where('offer_id', '=', offer_id)
    .$if(isShared(tx), (query) => query.forUpdate())
    .executeTakeFirst();
}

/** See {@link OfferMemory.extendOffer}. */
export async function extendOffer(
  { db, clock }: SqlContext,
  hold: OfferHold,
  leaseMs: number,
): Promise<void> {
  const now = clock.now();
  await transact(db, async (tx) => {
    const row = await heldOffer(tx, hold);
    await setOffer(tx, row, { lease_until: now + leaseMs, lease_ms: Math.ceil(leaseMs) });
  });
}

/** See {@link OfferMemory.advanceOffer}. */
export async function advanceOffer(
  { db }: SqlContext,
  hold: OfferHold,
  { conversation_id, message_ref }: SentOffer,
): Promise<void> {
  await transact(db, async (tx) => {
    await setOffer(tx, await heldOffer(tx, hold), { conversation_id, message_ref });
  });
}

/** Where an offer is. Some chat products open a conversation later, if at all. */
function placeOf({ conversation_id, message_ref }: SentOffer): Partial<OfferRow> {
  return { conversation_id: conversation_id || null, message_ref };
}

/** See {@link OfferMemory.commitOffer}. */
export async function commitOffer(
  { db, clock }: SqlContext,
  hold: OfferHold,
  sent: SentOffer,
): Promise<void> {
  const now = clock.now();
  await transact(db, async (tx) => {
    const row = await findOffer(tx, hold.offer_id);
    // No row: the person was forgotten meanwhile.
    if (!row || !['sending', 'failed', 'sent'].includes(row.state)) return;
    // The visitor may have answered before this was recorded.
    if (row.state === 'sent') {
      if (row.message_ref === null) await setOffer(tx, row, placeOf(sent));
      return;
    }
    // Also without the lease: it is there, whoever sent it.
    await setOffer(tx, row, {
      ...sentAt(now),
      ...placeOf(sent),
      choices: JSON.stringify(hold.choices),
      session_id: hold.session.session_id,
    });
  });
}

/** See {@link OfferMemory.holdBackOffer}. */
export async function holdBackOffer(
  { db }: SqlContext,
  hold: OfferHold,
  reason: Reason,
): Promise<void> {
  await transact(db, async (tx) => {
    const row = await findOffer(tx, hold.offer_id);
    if (row?.lease === hold.lease && row.state === 'sending')
      await setOffer(tx, row, unsent(reason));
  });
}

/** See {@link OfferMemory.releaseOffer}. */
export async function releaseOffer(
  { db, clock }: SqlContext,
  hold: OfferHold,
  { mayHaveLanded: may, retryAfterMs }: Parameters<OfferMemory['releaseOffer']>[1],
): Promise<void> {
  const now = clock.now();
  await transact(db, async (tx) => {
    const row = await findOffer(tx, hold.offer_id);
    if (row?.lease !== hold.lease || row.state !== 'sending') return;
    const may_have_landed = may ? 1 : 0;
    const failed = { failures: row.failures + 1, lease: null, may_have_landed };
    const isFinal = retryAfterMs === undefined;
    const state = isFinal ? { state: 'failed' as const, text: '' } : {};
    await setOffer(tx, row, { ...failed, ...state, lease_until: now + (retryAfterMs ?? 0) });
  });
}
