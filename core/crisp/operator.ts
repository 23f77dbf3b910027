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

/** How far back an operator's message counts, and which messages are ours. */
interface OperatorSought {
  /** In milliseconds since the epoch. */
  since: number;
  /** The token's key, which identifies our own messages. */
  secret: string;
}

/**
 * When an operator last wrote to the visitor, in milliseconds since the epoch; null if none has written since then, or
 * if the conversation was resolved afterwards, which ends the operator's part. Neither a bot nor a message with our
 * token counts as an operator.
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
