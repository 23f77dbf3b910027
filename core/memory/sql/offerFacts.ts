import type { Facts, PastOffer } from '../../manners/decide';
import { pageKey } from '../../payload/pageKey';
import type { OfferRequest } from '../offers';
import { readActions, type StoredAction } from './actions';
import { silentUntil } from './objections';
import { lockOfferRows, settle, type OfferRow } from './offerSettling';
import { isOfSession, surestName, type Person } from './offerPersons';
import { chunks, type SessionRow } from './sessions';
import type { Tx } from './tables';

/** How many offers of a person, of a rule and of the last minute a decision goes by, the latest of each. */
const MOST = { offers: 500, shown: 500, lastMinute: 2_000 };
/** The latest actions, among which the present visit is looked for. */
const LATEST_ACTIONS = 200;
/** The pause that ends a visit, in milliseconds; analytics commonly use the same. */
const PAUSE_MS = 30 * 60_000;
const MINUTE_MS = 60_000;

/** What is asked about an offer, by the request or by the row that it became. */
interface Question extends Pick<OfferRequest, 'observeOnly' | 'optedOut' | 'timeZone'> {
  rule: string;
  rule_version: string;
  page: string;
  momentAt: number;
  /** The offer's own row, which does not count against it. */
  own?: number;
}

/** What the memory knows that a decision goes by, read in its transaction. */
export async function factsOf(
  tx: Tx,
  session: SessionRow,
  person: Person,
  question: Question,
  now: number,
): Promise<Facts> {
  const { rule, page, momentAt, observeOnly, optedOut, timeZone } = question;
  return {
    productId: session.product_id,
    personKey: JSON.stringify(surestName(session)),
    ...{ observeOnly, optedOut, timeZone },
    moment: { rule, page, at: momentAt },
    visit: await visitOf(tx, session, now),
    offers: await pastOffers(tx, session, person, question, now),
    silentUntil: await silentUntil(tx, session, person.wishes.read),
    conversation: await conversationOf(tx, person),
    lastMinute: await madeSince(tx, session, now - MINUTE_MS, question.own),
    shown: await shownOf(tx, session, question),
  };
}

async function visitOf(tx: Tx, session: SessionRow, now: number): Promise<Facts['visit']> {
  const own = { after: Math.max(0, session.person_from_seq - 1) };
  const arrived = await readActions(tx, session.id, {
    ...own,
    limit: LATEST_ACTIONS,
    newest: true,
  });
  // Batches may arrive out of order.
  const latest = arrived.toSorted((a, b) => a.at - b.at);
  const [first] = await readActions(tx, session.id, { ...own, limit: 1 });
  const last = latest.findLast(({ action }) => pageKey(action) !== '')?.action;
  const typed = latest.findLast(({ action }) => action.type === 'type' || action.type === 'focus');
  return {
    startedAt: visitStart(latest) ?? first?.at ?? now,
    page: last ? pageKey(last) : '',
    addresses: last ? [last.canonical_url, last.raw_url] : [],
    typedAt: typed?.at ?? null,
  };
}

/** The first of the latest actions after a long pause; undefined without such a pause. */
function visitStart(latest: readonly StoredAction[]): number | undefined {
  return latest.findLast(({ at }, i) => i > 0 && at - latest[i - 1]!.at >= PAUSE_MS)?.at;
}

/** Offers that were made to the person. */
async function pastOffers(
  tx: Tx,
  session: SessionRow,
  person: Person,
  { own, observeOnly }: Question,
  now: number,
): Promise<PastOffer[]> {
  const keysById = await madeOffers(tx, person.keys);
  const isTheirs = ({ id, session: of, person_seq }: OfferRow) => {
    // Found by the session alone, it may be of a person who used the session before.
    const isNamed = keysById.get(id)!.some((key) => !isOfSession(key));
    const seq = person.sessions.get(of);
    return isNamed || seq === undefined || seq === person_seq;
  };
  const rows = await settle(tx, await lockOfferRows(tx, [...keysById.keys()]), now);
  return rows.flatMap((row): PastOffer[] => {
    const { memory, product_id } = row;
    if (row.id === own || memory !== session.memory || product_id !== session.product_id) return [];
    const past = isTheirs(row) ? pastOffer(row, observeOnly) : undefined;
    const inSession = row.session === session.id && row.person_seq === session.person_from_seq;
    return past ? [{ ...past, inSession }] : [];
  });
}

/** The latest offers that were made to the owner of one of the keys, each with the keys by which it was found. */
async function madeOffers(tx: Tx, keys: readonly string[]): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  for (const key of keys) {
    const rows = await tx
      .selectFrom('autoplay_offer_person')
      .select('offer')
      .where('key', '=', key)
      .where('made', '=', 1)
      .orderBy('offer', 'desc')
      .limit(MOST.offers)
      .execute();
    for (const { offer } of rows) found.set(offer, [...(found.get(offer) ?? []), key]);
  }
  return found;
}

/** An offer as the manners see it; undefined for one that never reached the person. */
function pastOffer(row: OfferRow, observeOnly: boolean): Omit<PastOffer, 'inSession'> | undefined {
  const { rule, decided_at: decidedAt, state } = row;
  const outcomeAt = row.outcome_at;
  switch (state) {
    case 'sending':
      return { rule, decidedAt, sentAt: null, outcome: 'sending', outcomeAt };
    case 'sent':
      return { rule, decidedAt, sentAt: row.sent_at, outcome: row.outcome ?? 'open', outcomeAt };
    case 'failed':
      if (row.may_have_landed === 0 && row.message_ref === null) return undefined;
      return { rule, decidedAt, sentAt: decidedAt, outcome: 'left', outcomeAt: decidedAt };
    case 'observed':
      // Nobody saw it: it counts only for what else would have been offered.
      if (!observeOnly) return undefined;
      return { rule, decidedAt, sentAt: decidedAt, outcome: 'left', outcomeAt: decidedAt };
    case 'held_back':
      return undefined;
  }
}

/** What is known of the conversations that the person's sessions are linked to, in all chat products. */
async function conversationOf(tx: Tx, { sessions }: Person): Promise<Facts['conversation']> {
  let isOpen = false;
  let spokeAt: number | null = null;
  for (const ids of chunks([...sessions.keys()], tx)) {
    const links = await tx
      .selectFrom('autoplay_link')
      .select(['spoke_at', 'closed_at'])
      .where('session', 'in', ids)
      .where('ended_at', 'is', null)
      .where('spoke_at', 'is not', null)
      .execute();
    for (const { spoke_at, closed_at } of links) {
      // A message opens a closed conversation.
      isOpen ||= closed_at === null || closed_at < spoke_at!;
      spokeAt = Math.max(spokeAt ?? 0, spoke_at!);
    }
  }
  return { isOpen, spokeAt };
}

async function madeSince(
  tx: Tx,
  { memory, product_id }: SessionRow,
  since: number,
  own: number | undefined,
): Promise<number> {
  const made = await tx
    .selectFrom('autoplay_offer')
    .select('id')
    .where('memory', '=', memory)
    .where('product_id', '=', product_id)
    .where('made_at', '>', since)
    .limit(MOST.lastMinute)
    .execute();
  return made.filter(({ id }) => id !== own).length;
}

/** How often the rule's offers were shown, as it is now: another version of it is another rule. */
async function shownOf(
  tx: Tx,
  { memory, product_id }: SessionRow,
  { rule, rule_version }: Question,
): Promise<Facts['shown']> {
  const shown = await tx
    .selectFrom('autoplay_offer')
    .select('outcome')
    .where('memory', '=', memory)
    .where('product_id', '=', product_id)
    .where('rule', '=', rule)
    .where('rule_version', '=', rule_version)
    .where('sent_at', 'is not', null)
    .orderBy('sent_at', 'desc')
    .limit(MOST.shown)
    .execute();
  const dismissed = shown.filter(({ outcome }) => outcome === 'dismissed').length;
  return { times: shown.length, dismissed };
}
