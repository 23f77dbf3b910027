import { fields } from '../values';
import type { ConversationMessage, CrispApi } from './api';
import { isOwnFingerprint } from './fingerprint';

/** What is no word to the visitor: a note is internal, an event tells what happened to the conversation. */
const NOT_SAID = ['note', 'event'];
const RESOLVED = 'state:resolved';
/** Pages of messages looked at; notes about the visitor's activity may fill some. */
const MAX_PAGES = 5;
/** Crisp says of no page how long it is. With so few messages it is taken for the whole conversation. */
const SHORT_PAGE = 20;

/** How far back an operator counts, and whose messages are ours. */
interface OperatorSought {
  /** In milliseconds since the epoch. */
  since: number;
  /** The token's key, by which our own messages are known. */
  secret: string;
}

/**
 * When an operator last wrote to the visitor, in milliseconds since the epoch; null if none did since
 * then, or if the conversation was resolved afterwards: then the operator is done with it. Bots are no
 * operators, and neither is who sends with our token.
 *
 * @throws as {@link Service.call}
 */
export async function operatorWroteAt(
  api: Pick<CrispApi, 'messages'>,
  conversationId: string,
  { since, secret }: OperatorSought,
): Promise<number | null> {
  let before: number | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await api.messages(conversationId, before);
    const latest = listed
      .filter((one) => one.timestamp > since && (isResolved(one) || isByOperator(one, secret)))
      .sort((a, b) => a.timestamp - b.timestamp)
      .at(-1);
    if (latest) return isResolved(latest) ? null : latest.timestamp;
    const oldest = Math.min(...listed.map(({ timestamp }) => timestamp));
    if (listed.length < SHORT_PAGE || oldest <= since || oldest === before) return null;
    before = oldest;
  }
  return null;
}

function isByOperator(message: ConversationMessage, secret: string): boolean {
  const { from, type, automated, fingerprint } = message;
  const isSaid = from === 'operator' && !NOT_SAID.includes(type);
  return isSaid && automated !== true && !isOwnFingerprint(fingerprint, secret);
}

function isResolved({ type, content }: ConversationMessage): boolean {
  return type === 'event' && fields(content).namespace === RESOLVED;
}
