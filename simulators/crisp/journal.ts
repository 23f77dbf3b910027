import type { Journal as AnyJournal } from '../http/journal';
import type { Change, MessageType } from './types';

/** What happens besides, which no call makes. */
const UNLISTED: readonly Change['kind'][] = ['session-created', 'presence', 'page', 'acknowledged'];

/** An accepted change of a conversation, made through the API or by the simulator. */
export interface Mutation {
  /** Epoch milliseconds. */
  at: number;
  sessionId: string;
  kind: Change['kind'];
  /** The message after the change; null for changes that concern none. */
  message: {
    fingerprint: number;
    type: MessageType;
    from: 'user' | 'operator';
    content: unknown;
    automated: boolean;
  } | null;
}

export type Journal = AnyJournal<Mutation>;

/** A change as the journal lists it; undefined for one that it does not list. */
export function mutationOf(change: Change, at: number): Mutation | undefined {
  if (!('conversation' in change) || UNLISTED.includes(change.kind)) return undefined;
  const { kind, conversation } = change;
  if (!('message' in change)) {
    return { at, sessionId: conversation.session_id, kind, message: null };
  }
  const { fingerprint, type, from, content, automated } = change.message;
  const message = { fingerprint, type, from, content: structuredClone(content), automated };
  return { at, sessionId: conversation.session_id, kind, message };
}
