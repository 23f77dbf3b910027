import type { Conversation, ConversationPart } from './api';
import { newestFirst, partsOf } from './destination';

/** What a conversation began with, as a part, where a person began it; undefined for campaigns and bots. */
function firstMessage({ source, created_at }: Conversation): ConversationPart | undefined {
  if (!source?.author || (source.author.type === 'admin' && !isPersonal(source))) return undefined;
  const { id = '', body = '', author } = source;
  return { id: String(id), part_type: 'comment', body, created_at: created_at ?? 0, author };
}

const isPersonal = ({ delivered_as }: { delivered_as?: string }) =>
  delivered_as === undefined || delivered_as === 'admin_initiated';

/** All parts, the oldest first, with the first message before them. */
export function wholeThread(conversation: Conversation): ConversationPart[] {
  const first = firstMessage(conversation);
  const parts = [...partsOf(conversation)].sort((a, b) => newestFirst(b, a));
  return first ? [first, ...parts] : parts;
}

export function isVisitors({ author }: Pick<ConversationPart, 'author'>): boolean {
  return ['user', 'lead', 'contact'].includes(String(author?.type));
}

/** Whether people still work on it. A snoozed one comes back to them. */
export function isOpen({ state, open }: Conversation): boolean {
  return state === undefined ? open === true : state !== 'closed';
}

/** Whether the visitor has said anything. Of a search's result, which has no parts, by what else it says. */
export function hasVisitorSpoken(conversation: Conversation): boolean {
  const { first_contact_reply } = conversation;
  return Boolean(first_contact_reply) || wholeThread(conversation).some(isVisitors);
}

/** Whether somebody of the team, or a bot, says this to the visitor. */
function isSaid({ part_type, author, body }: ConversationPart): boolean {
  const isByTeam = ['admin', 'team', 'bot'].includes(String(author?.type));
  return isByTeam && part_type !== 'note' && Boolean(body);
}

/**
 * When somebody of the team, or a bot, last wrote to the visitor, in epoch seconds; 0 for never. A message with options to tap
 * below it is an offer, and does not count.
 */
export function teamWroteAt(conversation: Conversation): number {
  let at = 0;
  let before = 0;
  for (const part of wholeThread(conversation)) {
    if (part.part_type === 'quick_reply') at = before;
    if (!isSaid(part)) continue;
    before = at;
    at = part.created_at;
  }
  return at;
}
