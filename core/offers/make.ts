import { pauseAfter } from '../backoff';
import { timeUntil, wait, type Clock } from '../clock';
import { ConversationGoneError } from '../delivery/destination';
import { LEASE_MS, whileRenewing } from '../delivery/lease';
import { SETTLE_MS } from '../delivery/post';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../http/errors';
import { retryPause } from '../http/retries';
import type { Reason } from '../manners/types';
import { productOf } from '../memory/chatKey';
import { LeaseLostError } from '../memory/errors';
import type { OfferClaim, OfferHold, OfferMemory, OfferRequest, SentOffer } from '../memory/offers';
import type { SessionMemory } from '../memory/types';
import { products } from '../products';
import { asError } from '../values';
import {
  HeldBackError,
  NoConversationYetError,
  type Addressee,
  type Found,
  type Offer,
  type OfferChannel,
} from './channel';

/*
 * How one claimed offer gets to its visitor once.
 *
 *   claimed ──look──> a reason ─────────────────────────────> held back
 *      │
 *      └──send──> confirm, right before it leaves ──reason──> held back
 *           ├── answered ──> advanced ──complete──> answered ──> committed
 *           │                               └── no answer ──> settle, look for the rest, send the rest
 *           ├── refused, or no connection ──────────────────> released: the next attempt begins anew
 *           └── no answer ──> settle: wait, look
 *                  ├── found ───────────────────────────────> advanced, and so on
 *                  ├── absent ──────────────────────────────> look, confirm, send again
 *                  └── unknown, to the end ─────────────────> failed for good
 *
 * What always holds:
 * - A message is sent a second time only after a look that could have found the first, as with notes (`post.ts`).
 * - Where a message goes is written down before it is sent, and that it is there at once afterwards (advanced). From then
 *   on the offer is completed whatever speaks against it: a text without its choices is of no use.
 * - Whether the visitor may be disturbed is asked of the chat product at most STALE_MS before the message leaves, and of
 *   the memory right before.
 */

/** What making offers works with. */
export interface OfferParts {
  memory: OfferMemory & Pick<SessionMemory, 'link'>;
  channel: OfferChannel;
  /** Whether the chat product is known not to answer at present. */
  isAway: () => boolean;
  /** How long sessions are kept, in milliseconds. */
  retentionMs: number;
  clock: Clock;
  random: () => number;
}

/** What became of a request. `sent`: an earlier call has made the offer. */
export type Making =
  Exclude<OfferClaim, { status: 'claimed' }> | ({ status: 'made'; offer_id: string } & SentOffer);

/** What the chat product was asked this long ago, in milliseconds, counts no more. */
const STALE_MS = 15_000;
const MAX_ATTEMPTS = 3;
/** As many where the message is or may be there and the chat product does not show it yet: about a minute. */
const MAX_WAITS = 6;
/** How often the chat product is asked again because the turn to send came late. */
const MAX_LOOKS = 8;

/**
 * Makes one offer for a moment, unless something speaks against it. A call after a failure or crash goes on where the
 * one before it ended.
 *
 * @throws any error of the chat product, after the claim was released
 */
export async function makeOffer(parts: OfferParts, request: OfferRequest): Promise<Making> {
  const claimed = await parts.memory.claimOffer(request);
  if (claimed.status !== 'claimed') return claimed;
  const { hold } = claimed;
  const { memory, clock } = parts;
  const extend = async (held: OfferHold, leaseMs: number) => memory.extendOffer(held, leaseMs);
  return await whileRenewing({ memory: { extend }, clock }, hold, (ensure) =>
    sendClaimed(parts, workOn(hold, request, ensure)),
  );
}

/** A claimed offer, and how far it has come. */
interface Work extends Pick<OfferRequest, 'manners'> {
  hold: OfferHold;
  offer: Offer;
  to: Addressee;
  /** Makes sure that the claim outlasts a request; see {@link whileRenewing}. */
  ensure: () => Promise<void>;
  /** The conversation into which an attempt was about to send; '' for a new one, null before any was. */
  into: string | null;
  /** Where the message is; undefined as long as it is not known to be there. */
  sent: SentOffer | undefined;
  /** Whether what is sent next, the message or the rest, may be there from an attempt that ended without an answer. */
  mayHaveLanded: boolean;
  /** Whether the memory knows that it is there. */
  isWritten: boolean;
  /** Whether all of it is there. */
  isComplete: boolean;
  isLinked: boolean;
}

function workOn(hold: OfferHold, { moment, manners }: OfferRequest, ensure: Work['ensure']): Work {
  const { offer_id, text, choices, since, session, conversation_id, message_ref } = hold;
  return {
    ...{ hold, manners, ensure },
    offer: { offer_id, text, choices, moment, since },
    to: {
      session,
      conversation_id: conversation_id || (session.links[productOf(hold.chat)] ?? null),
    },
    into: conversation_id,
    sent:
      message_ref === null ? undefined : { conversation_id: conversation_id ?? '', message_ref },
    mayHaveLanded: hold.mayHaveLanded,
    isWritten: message_ref !== null,
    isComplete: false,
    isLinked: false,
  };
}

async function sendClaimed(parts: OfferParts, work: Work): Promise<Making> {
  const { memory, isAway } = parts;
  const { hold } = work;
  const { offer_id } = hold;
  const heldBack = (reason: Reason): Making => ({ status: 'held_back', offer_id, reason });
  let looks = 0;
  for (let attempts = 1; ; attempts++) {
    try {
      const sent = await attempt(parts, work).catch(async (error: unknown) => {
        // What speaks against it may be the message of another worker that has the claim by now.
        if (error instanceof HeldBackError) await memory.extendOffer(hold, LEASE_MS);
        throw error;
      });
      return { status: 'made', offer_id, ...sent };
    } catch (thrown) {
      const error = asError(thrown);
      if (error instanceof RefusedByMannersError) return heldBack(error.reason);
      if (error instanceof HeldBackError) {
        await memory.holdBackOffer(hold, error.reason);
        return heldBack(error.reason);
      }
      // Another worker has the claim, and goes on with it.
      if (error instanceof LeaseLostError) return { status: 'busy', offer_id };
      if (error instanceof StaleLookError && ++looks < MAX_LOOKS) {
        attempts -= 1;
        continue;
      }
      const isOver = provesNotSent(error) || error instanceof ConversationGoneError;
      if (!isOver && (await settle(parts, work, error, attempts))) {
        attempts = 0;
        continue;
      }
      const most = isNotShownYet(error) ? MAX_WAITS : MAX_ATTEMPTS;
      if (isOver || attempts >= most || isAway()) {
        await memory.releaseOffer(hold, {
          mayHaveLanded: work.mayHaveLanded || (work.sent !== undefined && !work.isWritten),
          ...(!isFinal(error) && { retryAfterMs: pauseAfter(hold.failures) }),
        });
        throw error;
      }
    }
  }
}

/** Goes on with an offer until it is committed. What `work` says of it is true also where this throws. */
async function attempt(parts: OfferParts, work: Work): Promise<SentOffer> {
  const { memory, channel } = parts;
  const { hold, offer, to, ensure } = work;
  if (!work.sent) {
    const sent = (await findEarlier(parts, work)) ?? (await send(parts, work));
    Object.assign(work, { sent, mayHaveLanded: false });
  }
  await link(parts, work);
  if (channel.complete && !work.isComplete) {
    await memory.advanceOffer(hold, work.sent!);
    const { mayHaveLanded } = work;
    work.isWritten = true;
    work.sent = await sending(work, ensure, (beforeSending) =>
      channel.complete!(offer, to, work.sent!, mayHaveLanded, beforeSending),
    );
    work.isComplete = true;
    await link(parts, work);
  }
  await memory.commitOffer(hold, work.sent!);
  return work.sent!;
}

/** The message of an earlier attempt; undefined if there is none for certain. @throws OutcomeUnknownError */
async function findEarlier({ channel }: OfferParts, work: Work): Promise<SentOffer | undefined> {
  // Where it goes is written down before.
  if (!work.mayHaveLanded || work.into === null) return undefined;
  const found = await find(channel, work);
  if (found === 'unknown') throw new LostSightError(channel.chat);
  if (found !== 'absent') return found;
  work.mayHaveLanded = false;
  return undefined;
}

async function find(channel: OfferChannel, { offer, to, into }: Work): Promise<Found> {
  return await channel.find(offer, to, into || null);
}

/** Looks for a way, asks once more and sends. @throws HeldBackError, RefusedByMannersError, StaleLookError */
async function send({ memory, channel, clock }: OfferParts, work: Work): Promise<SentOffer> {
  const { hold, offer, to, manners } = work;
  const lookedAt = clock.now();
  const way = await channel.look(to, manners);
  if (typeof way === 'string') throw new HeldBackError(way);
  const into = way.conversation_id ?? '';
  if (into !== work.into) {
    await memory.advanceOffer(hold, { conversation_id: into, message_ref: null });
    work.into = into;
  }
  async function check(): Promise<void> {
    // Negative after the clock was set back.
    const age = clock.now() - lookedAt;
    if (age < 0 || age > STALE_MS) throw new StaleLookError();
    const reason = await memory.confirmOffer(hold, manners, LEASE_MS);
    if (reason) throw new RefusedByMannersError(reason);
  }
  return await sending(work, check, (beforeSending) => way.send(offer, beforeSending));
}

/**
 * Sends something, and remembers in `work` whether it may have landed although this throws. A channel sends it again only after it
 * has certainly not landed.
 *
 * @param check runs right before each sending
 */
async function sending<T>(
  work: Work,
  check: () => Promise<void>,
  act: (beforeSending: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const before = work.mayHaveLanded;
  try {
    return await act(async () => {
      work.mayHaveLanded = before;
      await check();
      work.mayHaveLanded = true;
    });
  } catch (error) {
    if (provesNotSent(error) || error instanceof HeldBackError) work.mayHaveLanded = before;
    throw error;
  }
}

/** Links the session to the conversation once that is known, so that later steps know whose answer it is. */
async function link({ memory, channel, retentionMs }: OfferParts, work: Work): Promise<void> {
  const { hold, to, sent } = work;
  const { conversation_id = '' } = sent ?? {};
  const { memory: name, product_id, session_id, links } = hold.session;
  if (work.isLinked || conversation_id === '') return;
  const isNew = links[productOf(channel.chat)] !== conversation_id;
  // The offer is there, which is what matters.
  const mayLink = isNew && (await channel.mayLink(conversation_id, to).catch(() => false));
  if (mayLink) {
    const ids = { conversation_id, product_id, session_id };
    // An offer is no conversation yet.
    await memory.link(name, { chat: channel.chat, ...ids, hasMessage: false }, retentionMs);
  }
  work.isLinked = true;
}

/**
 * Waits until what was sent without an answer cannot arrive any more, or is found.
 * @returns whether it is found
 */
async function settle(
  { channel, clock, random, isAway }: OfferParts,
  work: Work,
  error: Error,
  attempts: number,
): Promise<boolean> {
  const until = clock.now() + SETTLE_MS;
  await wait(clock, retryPause(attempts, random));
  const isOver = error instanceof OutcomeUnknownError && error.isOver;
  if (isOver || !(work.mayHaveLanded || isNotShownYet(error))) return false;
  if (!work.sent && !isAway()) {
    // The choices follow at once.
    const found = await find(channel, work).catch(() => 'unknown' as const);
    if (typeof found !== 'string') {
      Object.assign(work, { sent: found, mayHaveLanded: false });
      return true;
    }
  }
  await wait(clock, timeUntil(clock, until, SETTLE_MS));
  return false;
}

/** The memory said no right before sending, and has ended the claim. */
class RefusedByMannersError extends Error {
  constructor(readonly reason: Reason) {
    super(`The offer was held back: ${reason}`);
    this.name = 'RefusedByMannersError';
  }
}

/** The turn to send came so late that the chat product has to be asked again. Nothing was sent. */
class StaleLookError extends Error {
  constructor() {
    super('The offer waited too long for its turn');
    this.name = 'StaleLookError';
  }
}

/** Nothing shows whether an earlier attempt has sent the message, so it is never sent again. */
class LostSightError extends OutcomeUnknownError {
  constructor(chat: string) {
    const name = products.find((product) => product.chat === productOf(chat))?.name ?? chat;
    super(name, `${name} does not show whether the offer was sent`);
  }
}

function isNotShownYet(error: Error): boolean {
  return error instanceof LostSightError || error instanceof NoConversationYetError;
}

/** Whether no later attempt can make the offer. */
function isFinal(error: Error): boolean {
  return error instanceof LostSightError || error instanceof ConversationGoneError;
}

/** Whether the request that ended with this error certainly sent nothing. */
function provesNotSent(error: unknown): boolean {
  return error instanceof ServiceError || error instanceof UnreachableError;
}
