import { wait, type Clock } from '../clock';
import { OutcomeUnknownError } from '../http/errors';
import { retryPause } from '../http/retries';
import { fields } from '../values';
import type { ConversationMessage, CrispApi, NewMessage, NewPicker } from './api';
import { isOwnFingerprint } from './fingerprint';
import { operatorWroteAt } from './operator';

/** How far Crisp's clock may be from ours, in milliseconds. */
const CLOCK_TOLERANCE_MS = 120_000;
const MAX_ATTEMPTS = 4;
/** How many pages of messages are searched: more is not written within the tolerance. */
const MAX_PAGES = 5;

/** What identifies a message that may have landed, besides the message itself. */
interface Sought {
  /** When the first attempt to send it began, in milliseconds since the epoch. */
  since: number;
  /** The token's key. A message that carries its proof under another fingerprint is another one of ours. */
  secret: string;
  /** Fingerprints of messages that are known to be others. */
  others?: readonly string[];
}

/**
 * Looks for a message that an earlier attempt may have sent: by its fingerprint, or, if Crisp gave it another one, by
 * its words, its kind and its time.
 *
 * @returns its fingerprint; undefined if the conversation does not contain it
 * @throws as {@link Service.call}
 */
export async function findSent(
  api: CrispApi,
  conversationId: string,
  message: NewMessage | NewPicker,
  { since, secret, others = [] }: Sought,
): Promise<number | undefined> {
  const earliest = since - CLOCK_TOLERANCE_MS;
  const isSame = (candidate: ConversationMessage) =>
    candidate.from === 'operator' &&
    candidate.type === message.type &&
    isSameContent(candidate.content, message.content) &&
    candidate.timestamp >= earliest &&
    !isOwnFingerprint(candidate.fingerprint, secret) &&
    !others.includes(String(candidate.fingerprint));
  let before: number | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await api.messages(conversationId, before);
    const own = listed.find(({ fingerprint }) => fingerprint === message.fingerprint);
    const found = own ?? listed.findLast(isSame);
    if (found) return found.fingerprint;
    const oldest = Math.min(...listed.map(({ timestamp }) => timestamp));
    // All messages that could be it have been seen.
    if (listed.length === 0 || oldest <= earliest || oldest === before) return undefined;
    // Pages may skip messages of the same millisecond, so Crisp is asked for the fingerprint as well.
    if (page === 0 && (await api.message(conversationId, message.fingerprint))) {
      return message.fingerprint;
    }
    before = oldest;
  }
  return undefined;
}

/** Whether it is the same text, or the same picker, which changes when the visitor taps a choice. */
function isSameContent(listed: unknown, sent: (NewMessage | NewPicker)['content']): boolean {
  return typeof sent === 'string' ? listed === sent : fields(listed).id === sent.id;
}

/** An operator has the conversation: nothing was sent. */
export class OperatorWroteError extends Error {
  /** @param at when they wrote, in milliseconds since the epoch */
  constructor(readonly at: number) {
    super('An operator has written in this conversation; nothing was sent');
    this.name = 'OperatorWroteError';
  }
}

/** A message that has waited longer than this for its turn, in milliseconds, needs a new check for an operator. */
const STALE_MS = 5_000;
/** After this many checks a message is sent without another one, so that sending ends even if each turn comes late. */
const MAX_CHECKS = 8;

/** Keeps a message back where an operator has written. */
export interface Silence {
  /** How long after an operator's message, in milliseconds. */
  silenceMs: number;
  /**
   * Called with the reason when Crisp does not tell who wrote. The message is sent then, because the visitor should
   * not be left without an answer for that.
   */
  onUnknown: (error: unknown) => void;
}

/** What sending works with. */
interface SendParts {
  api: CrispApi;
  clock: Clock;
  random: () => number;
  /** The token's key, which the messages' fingerprints are made with. */
  secret: string;
  /** Whether an earlier call may have sent the message: its fingerprint is looked for first. */
  mayHaveLanded?: boolean;
  silence?: Silence | undefined;
}

/**
 * Sends a message until its outcome is known. After an attempt without an answer it looks for the message before it
 * sends it again, so that the visitor does not read it twice.
 *
 * @returns its fingerprint
 * @throws ServiceError when Crisp refused it; OutcomeUnknownError when the last attempt had no answer;
 *   OperatorWroteError when it was kept back
 */
export async function sendOnce(
  parts: SendParts,
  conversationId: string,
  message: NewMessage,
): Promise<number> {
  const { clock, random, secret, mayHaveLanded = false } = parts;
  const since = clock.now();
  const lookFor = async (api: CrispApi, failures: number) => {
    if (failures > 0) return await findSent(api, conversationId, message, { since, secret });
    return mayHaveLanded
      ? await findRecent(api, conversationId, message, parts.silence)
      : undefined;
  };
  let checks = 0;
  for (let failures = 0; ;) {
    try {
      const api = listingOnce(parts.api);
      const landed = await lookFor(api, failures);
      if (landed !== undefined) return landed;
      const checkedAt = clock.now();
      checks += 1;
      if (parts.silence) await refuseIfOperatorWrote({ ...parts, api }, conversationId);
      const isFresh = () => clock.now() - checkedAt <= STALE_MS || checks >= MAX_CHECKS;
      const sent = parts.silence
        ? await api.sendIfWanted(conversationId, message, isFresh)
        : await api.send(conversationId, message);
      if (sent !== undefined) return sent;
    } catch (error) {
      failures += 1;
      if (!(error instanceof OutcomeUnknownError) || failures >= MAX_ATTEMPTS) throw error;
      await wait(clock, retryPause(failures, random));
    }
  }
}

/**
 * Looks for a message that an earlier try of the same step may have sent, a recent one. Where Crisp does not tell, the
 * message counts as not sent, because the visitor should not be left without an answer for that.
 *
 * @param silence if there is one, the latest messages are listed anyway, and cost no call of their own
 */
async function findRecent(
  api: CrispApi,
  conversationId: string,
  { fingerprint }: NewMessage,
  silence: Silence | undefined,
): Promise<number | undefined> {
  const isThere = silence
    ? api.messages(conversationId).then((all) => all.some((one) => one.fingerprint === fingerprint))
    : api.message(conversationId, fingerprint).then((found) => found !== null);
  return (await isThere.catch(() => false)) ? fingerprint : undefined;
}

/** @throws OperatorWroteError */
async function refuseIfOperatorWrote(
  { api, clock, secret, silence }: SendParts,
  conversationId: string,
): Promise<void> {
  if (!silence) return;
  const sought = { since: clock.now() - silence.silenceMs, secret };
  const at = await operatorWroteAt(api, conversationId, sought).catch((error: unknown) => {
    silence.onUnknown(error);
    return null;
  });
  if (at !== null) throw new OperatorWroteError(at);
}

/** The API with a cache of the conversation's pages: the search for the message and the check for an operator read the same ones. */
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

/**
 * Plain text for Crisp, which renders Markdown but no HTML: a link cannot hide its address, an image is not loaded, and
 * no line defines a link for another. A bare address may still be clicked. Other Markdown (bold, code) at most looks odd.
 */
export function plainText(text: string): string {
  return text.replace(/\](?=[([:])/g, '] ');
}
