import type { Journal as AnyJournal } from '../http/journal';
import type { Change, MessageType } from './types';

/** Something that was accepted and changed a conversation, whoever did it. */
export interface Mutation {
  /** Epoch milliseconds. */
  at: number;
  sessionId: string;
  kind: Exclude<Change['kind'], 'restored'>;
  /** What became of the message; null for what concerns none. */
  message: {
    fingerprint: number;
    type: MessageType;
    from: 'user' | 'operator';
    content: unknown;
    automated: boolean;
  } | null;
}

export type Journal = AnyJournal<Mutation>;

/** How a change stands in the journal; undefined for one that is nobody's doing. */
export function mutationOf(change: Change, at: number): Mutation | undefined {
  if (change.kind === 'restored') return undefined;
  const { kind, conversation } = change;
  if (!('message' in change)) {
    return { at, sessionId: conversation.session_id, kind, message: null };
  }
  const { fingerprint, type, from, content, automated } = change.message;
  const message = { fingerprint, type, from, content: structuredClone(content), automated };
  return { at, sessionId: conversation.session_id, kind, message };
}
