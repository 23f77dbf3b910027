import type { Journal as AnyJournal } from '../http/journal';
import type { Author } from './records';
import type { Change } from './store';

/** An accepted change of a conversation, made through the API or by the simulator. */
export interface Mutation {
  /** Epoch milliseconds. */
  at: number;
  /** '' for a message without one. */
  conversationId: string;
  kind: 'conversation' | 'note' | 'comment' | 'quick_reply' | 'redact' | 'message' | 'delete';
  /** The part's id; for a new or deleted conversation or its redacted first message, the source's; a message's own. */
  partId: string;
  /** The stored body; after a redaction, the text that replaces it. */
  body: string;
  author: Author['type'];
}

export type Journal = AnyJournal<Mutation>;

/** A change as the journal lists it; undefined for a restore. */
export function mutationOf(change: Change, at: number): Mutation | undefined {
  if (change.kind === 'restored') return undefined;
  if (change.kind === 'message-sent') {
    const { id: partId, body, author } = change.message;
    return { at, conversationId: '', kind: 'message', partId, body, author: author.type };
  }
  const { conversation } = change;
  const target = ('part' in change && change.part) || conversation.source;
  return {
    at,
    conversationId: conversation.id,
    kind: kindOf(change),
    partId: target.id,
    body: target.body,
    author: target.author.type,
  };
}

function kindOf(change: Extract<Change, { conversation: unknown }>): Mutation['kind'] {
  if (change.kind === 'conversation-created') return 'conversation';
  if (change.kind === 'redacted') return 'redact';
  if (change.kind === 'deleted') return 'delete';
  const { part_type } = change.part;
  return part_type === 'note' || part_type === 'quick_reply' ? part_type : 'comment';
}
