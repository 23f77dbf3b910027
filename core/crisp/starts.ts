import { textOrNull } from '../http/fields';
import { isOwnFingerprint } from './fingerprint';
import type { CrispEvent } from './webhook';

/** What a workflow wants to hear of. */
export interface Wanted {
  events: readonly string[];
  messageTypes: readonly string[];
  /** A plugin's hooks tell of every website that installed it. */
  websiteId: string;
  /** The token's key, by which our own messages are known. */
  tokenKey: string;
}

/**
 * Whether an event starts a workflow: messages of the wanted types, new ones only by people, for a
 * bot that answers bots never stops.
 */
export function startsWorkflow(event: CrispEvent, wanted: Wanted): boolean {
  if (!wanted.events.includes(event.event) || event.website_id !== wanted.websiteId) return false;
  if (!event.event.startsWith('message:')) return true;
  if (!isOfType(event, wanted.messageTypes) || isBlank(event)) return false;
  // What a visitor chose in a message of ours is the visitor speaking; words are edited by operators.
  if (event.event === 'message:updated') return typeof event.data.content !== 'string';
  if (event.event === 'message:send' && !isFromChatbox(event)) return false;
  return !event.automated && !isOwnFingerprint(event.fingerprint ?? 0, wanted.tokenKey);
}

/** What a visitor can answer within the message itself. */
const ANSWERED = ['picker', 'field'];

/** Answers come by an event of their own: without a word about these types, all of them are wanted. */
function isOfType({ event, message_type }: CrispEvent, types: readonly string[]): boolean {
  const type = message_type ?? '';
  if (types.includes(type)) return true;
  const namesNone = !ANSWERED.some((one) => types.includes(one));
  return event === 'message:updated' && namesNone && ANSWERED.includes(type);
}

/** Nothing was written, chosen or filled in: there is nothing to answer. Files and new questions have no words of their own. */
function isBlank({ event, message_type, text }: CrispEvent): boolean {
  const hasWords = event === 'message:updated' || ['text', 'note'].includes(message_type ?? '');
  return hasWords && /^[\s\p{Cc}\p{Cf}]*$/u.test(text);
}

/** An email is no visitor on the site, and a bot that answers one may talk to another machine for ever. */
function isFromChatbox({ from, data }: CrispEvent): boolean {
  return from === 'user' && (textOrNull(data.origin) ?? 'chat') === 'chat';
}
