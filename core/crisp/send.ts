import { wait, type Clock } from '../clock';
import { OutcomeUnknownError } from '../http/errors';
import { backoff } from '../http/retries';
import type { ConversationMessage, CrispApi, NewMessage } from './api';
import { isOwnFingerprint } from './fingerprint';
import { LookTooOldError, type Look } from './silence';

/** Crisp's clock may differ from ours by this much, in milliseconds. */
const CLOCK_TOLERANCE_MS = 120_000;
const MAX_ATTEMPTS = 4;
/** Pages of messages looked at; so much is not written within the tolerance. */
const MAX_PAGES = 5;

/** What helps to tell a message that may have landed from others. */
export interface Sought {
  /** When it was first tried, in milliseconds since the epoch. */
  since: number;
  /** The token's key: a message that carries its proof under another id is another of ours. */
  secret: string;
  /** Fingerprints of messages that are known to be others. */
  others?: readonly string[];
}

/**
 * The fingerprint of a message that may have been sent before; undefined if it was not. It is known
 * by its fingerprint; where Crisp gave it another one, by its words, its kind and its time.
 *
 * @throws as {@link Service.call}
 */
export async function findSent(
  api: CrispApi,
  conversationId: string,
  message: NewMessage,
  { since, secret, others = [] }: Sought,
): Promise<number | undefined> {
  const earliest = since - CLOCK_TOLERANCE_MS;
  const same = (candidate: ConversationMessage) =>
    candidate.from === 'operator' &&
    candidate.type === message.type &&
    candidate.content === message.content &&
    candidate.timestamp >= earliest &&
    !isOwnFingerprint(candidate.fingerprint, secret) &&
    !others.includes(String(candidate.fingerprint));
  let before: number | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await api.messages(conversationId, before);
    const own = listed.find(({ fingerprint }) => fingerprint === message.fingerprint);
    const found = own ?? listed.findLast(same);
    if (found) return found.fingerprint;
    const oldest = Math.min(...listed.map(({ timestamp }) => timestamp));
    // Everything that could be it has been seen.
    if (listed.length === 0 || oldest <= earliest || oldest === before) return undefined;
    // Further back it is asked for by name: pages may pass over messages of the same millisecond.
    if (page === 0 && (await api.hasMessage(conversationId, message.fingerprint))) {
      return message.fingerprint;
    }
    before = oldest;
  }
  return undefined;
}

/** What sending works with. */
export interface SendParts {
  api: CrispApi;
  clock: Clock;
  random: () => number;
  /** The token's key, which the messages' fingerprints were made with. */
  secret: string;
  /** Whether another call may have sent it before: it is looked for by its fingerprint first. */
  mayHaveLanded?: boolean;
}

/**
 * Sends a message until its outcome is known: after an attempt without an answer the conversation is
 * looked at before the next, so that the visitor does not read it twice.
 *
 * @param look may keep the message back
 * @returns its fingerprint
 * @throws ServiceError when Crisp refused it; OutcomeUnknownError when the last attempt had no answer;
 *   what `look` throws
 */
export async function sendOnce(
  { api, clock, random, secret, mayHaveLanded = false }: SendParts,
  conversationId: string,
  message: NewMessage,
  look?: Look,
): Promise<number> {
  const since = clock.now();
  for (let failures = 0; ;) {
    const listing = listingOnce(api);
    try {
      const landed =
        failures > 0
          ? await findSent(listing, conversationId, message, { since, secret })
          : mayHaveLanded && (await isThere(listing, conversationId, message, look !== undefined))
            ? message.fingerprint
            : undefined;
      return landed ?? (await api.send(conversationId, message, await look?.(listing)));
    } catch (error) {
      if (error instanceof LookTooOldError) continue;
      failures += 1;
      if (!(error instanceof OutcomeUnknownError) || failures >= MAX_ATTEMPTS) throw error;
      await wait(clock, backoff(failures, random));
    }
  }
}

/**
 * Whether the message stands in the conversation already. One that was sent by an earlier try of the same step is a
 * recent one. Where Crisp does not say it is taken for new: the visitor should not stay without an answer for that.
 *
 * @param listed whether the latest messages are needed anyway, so that they are no call of their own
 */
async function isThere(
  api: CrispApi,
  conversationId: string,
  { fingerprint }: NewMessage,
  listed: boolean,
): Promise<boolean> {
  const asked = listed
    ? api.messages(conversationId).then((all) => all.some((one) => one.fingerprint === fingerprint))
    : api.hasMessage(conversationId, fingerprint);
  return await asked.catch(() => false);
}

/** The API, listing each page of a conversation once: what was asked for one reason answers another. */
function listingOnce(api: CrispApi): CrispApi {
  const pages = new Map<number | undefined, ReturnType<CrispApi['messages']>>();
  return {
    ...api,
    messages(conversationId, before) {
      const page = pages.get(before) ?? api.messages(conversationId, before);
      pages.set(before, page);
      return page;
    },
  };
}
