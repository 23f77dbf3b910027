import type { Journal as AnyJournal } from '../http/journal';
import type { Author } from './records';
import type { Change } from './store';

/** Something that was accepted and changed a conversation, whoever did it. */
export interface Mutation {
  /** Epoch milliseconds. */
  at: number;
  conversationId: string;
  kind: 'conversation' | 'note' | 'comment' | 'redact';
  /** The part's id; for a new conversation or its redacted first message, the source's. */
  partId: string;
  /** As it was stored; for a redact what stands there now. */
  body: string;
  author: Author['type'];
}

export type Journal = AnyJournal<Mutation>;

/** How a change stands in the journal; undefined for one that is nobody's doing. */
export function mutationOf(change: Change, at: number): Mutation | undefined {
  if (change.kind === 'restored') return undefined;
  const { conversation } = change;
  const target = ('part' in change && change.part) || conversation.source;
  const kind =
    change.kind === 'conversation-created'
      ? 'conversation'
      : change.kind === 'redacted'
        ? 'redact'
        : change.part.part_type === 'note'
          ? 'note'
          : 'comment';
  return {
    at,
    conversationId: conversation.id,
    kind,
    partId: target.id,
    body: target.body,
    author: target.author.type,
  };
}
