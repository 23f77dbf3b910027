import { choiceUuid } from '../../manners/choiceUuid';
import { refusalIn } from '../../manners/refusals';
import type { Choice } from '../../manners/types';
import { htmlWords } from '../../text/html';
import type { MadeOffer, OfferAnswer, OfferReply } from '../offers';
import type { SessionRef } from '../types';
import { ofChat } from './chats';
import { keepObjection } from './objections';
import { choicesOf, findOffer } from './offers';
import {
  lockOfferRows,
  mayBeThere,
  sentAt,
  setOffer,
  settle,
  type OfferRow,
} from './offerSettling';
import { lastingOf, personOf } from './offerPersons';
import { personKeys } from './persons';
import type { SqlContext, Tx } from './tables';
import { lockOffers, transact } from './transactions';

/** Among how many offers of a conversation the one is looked for that a reply belongs to, the latest first. */
const MOST_OFFERS = 20;

/** See {@link OfferMemory.recordReply}. */
export async function recordReply(
  { db, clock }: SqlContext,
  memory: string,
  reply: OfferReply,
): Promise<OfferAnswer> {
  const now = clock.now();
  return await transact(db, async (tx): Promise<OfferAnswer> => {
    await lockOffers(tx, memory);
    const rows = await settle(tx, await standingIn(tx, memory, reply), now);
    const latestFirst = rows.toSorted((a, b) => b.id - a.id);
    const row = meant(latestFirst, reply);
    if (!row) return { status: 'no_offer' };
    const choice = choiceIn(row, reply);
    if (choice) return await press(tx, row, choice, reply, now);
    const text = reply.text?.trim();
    if (text) return await say(tx, row, text, reply, now);
    if (!reply.seen || row.state !== 'sent') return { status: 'no_offer' };
    const seen = await setOffer(tx, row, { seen_at: row.seen_at ?? now });
    return answer('seen', row.seen_at !== null, seen);
  });
}

/** The offers that may be in a conversation, locked. */
async function standingIn(tx: Tx, memory: string, { chat, conversation_id }: OfferReply) {
  // That stands for a conversation which is about to be opened.
  if (conversation_id === '') return [];
  const found = await tx
    .selectFrom('autoplay_offer')
    .select('id')
    .where('memory', '=', memory)
    .where('conversation_id', '=', conversation_id)
    .where(ofChat('chat', chat))
    .where('state', 'in', ['sending', 'sent', 'failed'])
    .orderBy('id', 'desc')
    .limit(MOST_OFFERS)
    .execute();
  return await lockOfferRows(
    tx,
    found.map(({ id }) => id),
  );
}

/** The offer that a reply belongs to: the one it names, or else the latest that fits. */
function meant(rows: readonly OfferRow[], reply: OfferReply): OfferRow | undefined {
  const { message_ref, value } = reply;
  const named = rows.find((row) => message_ref !== undefined && row.message_ref === message_ref);
  if (named) return named;
  // What belongs to another message is no reply to an offer whose message is known.
  const left = message_ref === undefined ? rows : rows.filter((row) => row.message_ref === null);
  if (value !== undefined) {
    const chosen = left.find((row) => choiceIn(row, reply));
    if (chosen || reply.text === undefined) return chosen;
  }
  return (
    left.find(({ outcome }) => outcome === 'open') ??
    left.find((row) => row.state === 'sent' || mayBeThere(row))
  );
}

/**
 * The choice that a reply names by its value or UUID. Also by its label, which some chat products pass on as words, as long as the
 * offer is open: later, the same word is about something else.
 */
function choiceIn(row: OfferRow, { value, text }: OfferReply): Choice | undefined {
  const choices = choicesOf(row);
  const chosen = choices.find((choice) =>
    [choice.value, choiceUuid(row.offer_id, choice.value)].some((known) => known === value),
  );
  if (chosen || text === undefined || row.outcome !== 'open') return chosen;
  const said = plain(text);
  return choices.find(({ label }) => plain(label) === said);
}

/** The words alone: some chat products pass them on as HTML. */
const plain = (text: string) => htmlWords(text).toLowerCase();

/** A choice was pressed. It says more than words or silence, but only the first one counts. */
async function press(
  tx: Tx,
  row: OfferRow,
  { kind, value: choice }: Choice,
  { reply_id }: OfferReply,
  now: number,
): Promise<OfferAnswer> {
  const answer_id = reply_id ?? null;
  // Another press on the same choice asks for nothing that the first one did not.
  const isAnother = answer_id !== null && row.answer_id !== null && answer_id !== row.answer_id;
  if (row.choice === choice && !isAnother) return repeated(row);
  if (row.choice !== null) return answer('second_choice', false, row);
  const outcome = kind === 'no' ? 'dismissed' : 'accepted';
  const settled = await answered(tx, row, { outcome, choice, answer_id }, now);
  return answer(outcome, false, settled);
}

async function say(
  tx: Tx,
  row: OfferRow,
  text: string,
  { reply_id }: OfferReply,
  now: number,
): Promise<OfferAnswer> {
  const answer_id = reply_id ?? null;
  if (answer_id !== null && row.answer_id === answer_id) return repeated(row);
  const refusal = refusalIn(plain(text));
  if (!isAbout(row, refusal)) return { status: 'no_offer' };
  const outcome = refusal ? 'dismissed' : 'replied';
  const settled = await answered(tx, row, { outcome, answer_id }, now);
  if (refusal === 'never') await objectForEver(tx, row, now);
  return answer(outcome, false, settled);
}

/** Whether words are about an offer. */
function isAbout(row: OfferRow, refusal: 'no' | 'never' | null): boolean {
  switch (row.outcome) {
    case 'open':
      return true;
    case null:
      // Not recorded as sent. A visitor who declines has seen the offer; any other words may begin a conversation.
      return row.message_ref !== null || (row.may_have_landed === 1 && refusal !== null);
    case 'accepted':
    case 'replied':
      // A visitor who went on to talk may mean the conversation.
      return false;
    default:
      return refusal === 'never';
  }
}

/** Stores an answer. It shows that the offer is there, even if that was not recorded yet. */
async function answered(
  tx: Tx,
  row: OfferRow,
  changes: Partial<OfferRow>,
  now: number,
): Promise<OfferRow> {
  const there = row.state === 'sent' ? {} : sentAt(now);
  const seen = { seen_at: row.seen_at ?? now, outcome_at: now };
  return await setOffer(tx, row, { ...there, ...seen, ...changes });
}

/** Keeps that the person of an offer wants no more of them, under all names that are known. */
async function objectForEver(tx: Tx, row: OfferRow, now: number): Promise<void> {
  const session = await tx
    .selectFrom('autoplay_session')
    .selectAll()
    .where('id', '=', row.session)
    .where('person_from_seq', '=', row.person_seq)
    .executeTakeFirst();
  const person = session && (await personOf(tx, await personKeys(tx), session, now));
  const known = await tx
    .selectFrom('autoplay_offer_person')
    .select('key')
    .where('offer', '=', row.id)
    .execute();
  const then = lastingOf(known.map(({ key }) => key));
  await keepObjection(tx, row, [...then, ...(person?.wishes.written ?? [])]);
}

function repeated(row: OfferRow): OfferAnswer {
  return answer(row.outcome as 'accepted', true, row);
}

function answer(
  status: Exclude<OfferAnswer['status'], 'no_offer'>,
  repeated: boolean,
  row: OfferRow,
): OfferAnswer {
  const choice = choicesOf(row).find(({ value }) => value === row.choice) ?? null;
  return { status, repeated, offer: madeOffer(row), choice };
}

function madeOffer(row: OfferRow): MadeOffer {
  const { offer_id, product_id, chat, rule, page, conversation_id, message_ref, sent_at } = row;
  return {
    ...{ offer_id, product_id, chat, rule, page, message_ref },
    session_id: row.session_id ?? '',
    conversation_id: conversation_id ?? '',
    choices: choicesOf(row),
    outcome: row.outcome ?? 'open',
    sent_at: sent_at ?? row.decided_at,
    seen_at: row.seen_at,
  };
}

/** See {@link OfferMemory.openOffer}. */
export async function openOffer(
  { db, clock }: SqlContext,
  { memory, product_id, session_id }: SessionRef,
  chat: string,
): Promise<MadeOffer | null> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    const found = await tx
      .selectFrom('autoplay_session')
      .innerJoin('autoplay_offer', 'autoplay_offer.session', 'autoplay_session.id')
      .select('autoplay_offer.id')
      .where('autoplay_session.memory', '=', memory)
      .where('autoplay_session.product_id', '=', product_id)
      .where('autoplay_session.session_id', '=', session_id)
      .where('autoplay_session.expires_at', '>', now)
      .where('autoplay_offer.state', '=', 'sent')
      .where('autoplay_offer.withdrawn_at', 'is', null)
      .where('autoplay_offer.conversation_id', 'is not', null)
      .where(ofChat('autoplay_offer.chat', chat))
      .orderBy('autoplay_offer.id', 'desc')
      .limit(MOST_OFFERS)
      .execute();
    const rows = await lockOfferRows(
      tx,
      found.map(({ id }) => id),
    );
    const left = (await settle(tx, rows, now)).findLast(isUnanswered);
    return left ? madeOffer(left) : null;
  });
}

function isUnanswered({ outcome, session_id }: OfferRow): boolean {
  const isSilent = outcome === 'open' || outcome === 'ignored' || outcome === 'left';
  return isSilent && session_id !== null;
}

/** See {@link OfferMemory.withdrawOffer}. */
export async function withdrawOffer(
  { db, clock }: SqlContext,
  { offer_id }: MadeOffer,
): Promise<void> {
  const now = clock.now();
  await transact(db, async (tx) => {
    const row = await findOffer(tx, offer_id);
    if (!row || row.withdrawn_at !== null) return;
    const [current] = await settle(tx, [row], now);
    if (!current) return;
    // One that was ignored or answered stays that.
    const ended =
      current.outcome === 'open' ? { outcome: 'withdrawn' as const, outcome_at: now } : {};
    await setOffer(tx, current, { withdrawn_at: now, ...ended });
  });
}
