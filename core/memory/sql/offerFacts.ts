import type { Facts, PastOffer } from '../../manners/decide';
import type { Arm } from '../../manners/types';
import { pageKey } from '../../payload/pageKey';
import type { OfferRequest } from '../offers';
import { readActions, type StoredAction } from './actions';
import { silentUntil } from './objections';
import { lockOfferRows, mayBeThere, settle, type OfferRow } from './offerSettling';
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
    earlierArm: await earlierArm(tx, session, person),
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
  const keysById = await offersBy(tx, person.keys, [1]);
  const rows = await settle(tx, await lockOfferRows(tx, [...keysById.keys()]), now);
  return rows.flatMap((row): PastOffer[] => {
    const { memory, product_id } = row;
    if (row.id === own || memory !== session.memory || product_id !== session.product_id) return [];
    const isOwn = isTheirs(person, row, keysById.get(row.id)!);
    const past = isOwn ? pastOffer(row, observeOnly) : undefined;
    const inSession = row.session === session.id && row.person_seq === session.person_from_seq;
    return past ? [{ ...past, inSession }] : [];
  });
}

/** Whether an offer that was found by these keys was decided for the person. */
function isTheirs(
  { sessions }: Person,
  { session, person_seq }: Pick<OfferRow, 'session' | 'person_seq'>,
  by: readonly string[],
): boolean {
  // Found by the session alone, it may be of a person who used the session before.
  const seq = sessions.get(session);
  return by.some((key) => !isOfSession(key)) || seq === undefined || seq === person_seq;
}

/** The group of the first decision that is kept of a person under another name than the surest; null if there is none. */
async function earlierArm(
  tx: Tx,
  { memory, product_id }: SessionRow,
  person: Person,
): Promise<Arm | null> {
  const keysById = await offersBy(tx, person.keys, [0, 1]);
  const decisions: Array<Pick<OfferRow, 'id' | 'session' | 'person_seq' | 'arm'>> = [];
  // By row id alone, see `sessionsNamed`.
  for (const ids of chunks([...keysById.keys()], tx)) {
    const rows = await tx
      .selectFrom('autoplay_offer')
      .select(['id', 'session', 'person_seq', 'arm', 'person', 'memory', 'product_id'])
      .where('id', 'in', ids)
      .execute();
    const others = rows.filter((row) => row.person !== person.surest && row.arm !== null);
    decisions.push(
      ...others.filter((row) => row.memory === memory && row.product_id === product_id),
    );
  }
  const theirs = decisions.filter((row) => isTheirs(person, row, keysById.get(row.id)!));
  return theirs.toSorted((a, b) => a.id - b.id)[0]?.arm ?? null;
}

/**
 * The latest offers that were decided for the owner of one of the keys, each with the keys by which it was found.
 * @param made 1: without those that were held back from the beginning
 */
async function offersBy(
  tx: Tx,
  keys: readonly string[],
  made: ReadonlyArray<0 | 1>,
): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  for (const key of keys) {
    const rows = await tx
      .selectFrom('autoplay_offer_person')
      .select('offer')
      .where('key', '=', key)
      .where('made', 'in', made)
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
      if (!mayBeThere(row)) return undefined;
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
