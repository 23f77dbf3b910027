import type { Journal as AnyJournal } from '../http/journal';
import type { Author } from './records';
import type { Change } from './store';

/** An accepted change of a conversation, made through the API or by the simulator. */
export interface Mutation {
  /** Epoch milliseconds. */
  at: number;
  conversationId: string;
  kind: 'conversation' | 'note' | 'comment' | 'redact';
  /** The part's id; for a new conversation or its redacted first message, the source's. */
  partId: string;
  /** The stored body; after a redaction, the text that replaces it. */
  body: string;
  author: Author['type'];
}

export type Journal = AnyJournal<Mutation>;

/** A change as the journal lists it; undefined for a restore. */
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
