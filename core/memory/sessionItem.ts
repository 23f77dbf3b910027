import type { SessionInfo } from './types';

/**
 * What an item says of its session's conversations: all its links, and one conversation. That is the one that the
 * stream named if the session is linked to it, otherwise the one it was linked to first. A session without a link has
 * what the stream named.
 */
export function linkFields({
  links,
  stream_conversation_id,
}: Pick<SessionInfo, 'links' | 'stream_conversation_id'>) {
  const linked = Object.values(links);
  const [first = stream_conversation_id] = linked;
  const own = linked.find((conversation) => conversation === stream_conversation_id);
  return { conversation_id: own ?? first, links };
}

/** A session that has work left but no new actions, in the shape of an item with actions. */
export function resumedItem(info: SessionInfo) {
  const { product_id, session_id, user_id, email } = info;
  const empty = { type: 'actions', product_id, session_id, user_id, email, actions: [], count: 0 };
  return { ...empty, ...linkFields(info), added: 0, resumed: true };
}
