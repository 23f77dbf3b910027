import type { Person } from '../connector';
import type { ChatName, ListEntry, Thread } from './threads';

/** A chat product as the inbox uses it. Unknown conversations are an ApiError 404. */
export interface Chat {
  name: ChatName;
  /** Whether an id looks like one of this product's conversations. */
  owns(id: string): boolean;
  list(): ListEntry[];
  thread(id: string): Thread;
  /** Starts a conversation as a demo visitor; returns its id. */
  start(person: Person, text: string): string;
  /** Writes as the conversation's visitor; returns the message's id, and the id of the conversation from now on. */
  reply(id: string, text: string): { id: string; conversation: string };
  /** The visitor taps a choice of an entry. @throws ApiError 400 or 404 where there is none */
  choose(id: string, entryId: string, choiceId: string): void;
  /** Writes as an operator; returns the message's id. Only in Crisp, where a bot makes way for operators. */
  answer?(id: string, text: string): string;
  /** @param announce called with the conversation that changed, or null when all may have changed */
  watch(announce: (entry: ListEntry | null) => void): () => void;
}

/** The conversations of several products in one list, latest activity first. */
export function listAll(chats: readonly Chat[]): ListEntry[] {
  return chats.flatMap((chat) => chat.list()).sort((a, b) => b.updatedAt - a.updatedAt);
}
