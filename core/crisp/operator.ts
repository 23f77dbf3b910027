import { fields } from '../values';
import type { ConversationMessage, CrispApi } from './api';
import { isOwnFingerprint } from './fingerprint';

/** Types of messages that the visitor does not read: notes are internal, events report changes of the conversation. */
const NOT_SAID = ['note', 'event'];
const RESOLVED = 'state:resolved';
/** The maximum number of pages that are read. Notes about the visitor's activity may fill some. */
const MAX_PAGES = 5;
/** Crisp does not say how long a page is. One with fewer messages than this counts as the whole conversation. */
const SHORT_PAGE = 20;

/** How far back messages count, and which are ours. */
interface Sought {
  /** In milliseconds since the epoch. */
  since: number;
  /** The token's key, which identifies our own messages. */
  secret: string;
}

type Messages = Pick<CrispApi, 'messages'>;

/**
 * When an operator last wrote to the visitor, in milliseconds since the epoch; null if none has written since then, or
 * if the conversation was resolved afterwards, which ends the operator's part. Neither a bot nor a message with our
 * token counts as an operator.
 *
 * @throws as {@link Service.call}
 */
export async function operatorWroteAt(
  api: Messages,
  conversationId: string,
  { since, secret }: Sought,
): Promise<number | null> {
  const fits = (one: ConversationMessage) => isResolved(one) || isByOperator(one, secret);
  const latest = await latestMessage(api, conversationId, since, fits);
  return !latest || isResolved(latest) ? null : latest.timestamp;
}

/** What people said last. */
export interface Spoken {
  by: 'visitor' | 'operator';
  /** In milliseconds since the epoch. */
  at: number;
  /** Whether the conversation was resolved afterwards; null if the messages that were read do not show that. */
  isResolved: boolean | null;
}

/**
 * What was said last in a conversation by people: the visitor or, as in {@link operatorWroteAt}, an operator; null for
 * nothing.
 *
 * @param secret the token's key
 * @throws as {@link Service.call}
 */
export async function lastSpoken(
  api: Messages,
  conversationId: string,
  secret: string,
): Promise<Spoken | null> {
  let resolvedAt: number | null = null;
  const isSaid = (one: ConversationMessage) => isByVisitor(one) || isByOperator(one, secret);
  const latest = await latestMessage(api, conversationId, 0, (one) => {
    if (isResolved(one)) resolvedAt = Math.max(resolvedAt ?? 0, one.timestamp);
    return isSaid(one);
  });
  if (!latest) return null;
  const { timestamp: at } = latest;
  const by = isByVisitor(latest) ? 'visitor' : 'operator';
  return { by, at, isResolved: resolvedAt === null || resolvedAt === at ? null : resolvedAt > at };
}

/** The latest message since then that fits, as far as pages are read. */
async function latestMessage(
  api: Messages,
  conversationId: string,
  since: number,
  fits: (one: ConversationMessage) => boolean,
): Promise<ConversationMessage | undefined> {
  let before: number | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await api.messages(conversationId, before);
    const latest = listed
      .filter((one) => one.timestamp > since && fits(one))
      .sort((a, b) => a.timestamp - b.timestamp)
      .at(-1);
    if (latest) return latest;
    const oldest = Math.min(...listed.map(({ timestamp }) => timestamp));
    if (listed.length < SHORT_PAGE || oldest <= since || oldest === before) return undefined;
    before = oldest;
  }
  return undefined;
}

function isByVisitor({ from, type }: ConversationMessage): boolean {
  return from === 'user' && !NOT_SAID.includes(type);
}

function isByOperator(message: ConversationMessage, secret: string): boolean {
  const { from, type, automated, fingerprint } = message;
  const isSaid = from === 'operator' && !NOT_SAID.includes(type);
  return isSaid && automated !== true && !isOwnFingerprint(fingerprint, secret);
}

function isResolved({ type, content }: ConversationMessage): boolean {
  return type === 'event' && fields(content).namespace === RESOLVED;
}
