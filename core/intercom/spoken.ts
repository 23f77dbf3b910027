import type { Conversation, ConversationPart } from './api';
import { newestFirst, partsOf } from './destination';

/** A conversation's parts, the oldest first, and before them what it began with where a person began it, not a campaign or a bot. */
export function threadOf(conversation: Conversation): ConversationPart[] {
  const first = firstMessage(conversation);
  const parts = [...partsOf(conversation)].sort((a, b) => newestFirst(b, a));
  return first ? [first, ...parts] : parts;
}

function firstMessage({ source, created_at }: Conversation): ConversationPart | undefined {
  if (!source?.author) return undefined;
  const { id = '', body = '', author, delivered_as = 'admin_initiated' } = source;
  if (!isVisitors({ author }) && delivered_as !== 'admin_initiated') return undefined;
  return { id: String(id), part_type: 'comment', body, created_at: created_at ?? 0, author };
}

export function isVisitors({ author }: Pick<ConversationPart, 'author'>): boolean {
  return ['user', 'lead', 'contact'].includes(String(author?.type));
}

/** Whether people still work on it. A snoozed one comes back to them. */
export function isOpen({ state, open }: Conversation): boolean {
  return state === undefined ? open === true : state !== 'closed';
}

/** The parts since a conversation was last closed. A reply of ours may have opened it again. */
export function sinceClosed(thread: readonly ConversationPart[]): ConversationPart[] {
  return thread.slice(thread.findLastIndex(({ part_type }) => part_type === 'close') + 1);
}

/** Whether a teammate or a bot says this to the visitor. */
function isSaid({ part_type, author, body }: ConversationPart): boolean {
  const isByTeam = ['admin', 'team', 'bot'].includes(String(author?.type));
  return isByTeam && part_type !== 'note' && Boolean(body);
}

/**
 * When a teammate or a bot last wrote to the visitor, in epoch seconds; 0 for never. A message with options
 * to tap below it is an offer, and does not count.
 */
export function teamWroteAt(thread: readonly ConversationPart[]): number {
  let at = 0;
  let before = 0;
  for (const part of thread) {
    if (part.part_type === 'quick_reply') at = before;
    if (!isSaid(part)) continue;
    before = at;
    at = part.created_at;
  }
  return at;
}
