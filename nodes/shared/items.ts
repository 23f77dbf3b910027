import type { IExecuteFunctions } from 'n8n-workflow';
import { ConversationGoneError } from '../../core/delivery/destination';
import { personIdOrNull } from '../../core/identity';
import type { NamedMemory } from '../../core/memory/named';
import type { SessionRef } from '../../core/memory/types';
import { text } from '../../core/values';
import type { Item } from './operations/run';

/** The ids of the session an item belongs to; undefined when it names none, as for a visitor who has not been seen yet. */
export function sessionIdsOf({ json }: Pick<Item, 'json'>): Omit<SessionRef, 'memory'> | undefined {
  // A step in between may have made numbers of ids.
  const session_id = personIdOrNull(json.session_id);
  return session_id === null ? undefined : { product_id: text(json.product_id), session_id };
}

/** The session of {@link sessionIdsOf} in a memory. */
export function sessionOf(memory: NamedMemory, item: Pick<Item, 'json'>): SessionRef | undefined {
  const ids = sessionIdsOf(item);
  return ids && memory.session(ids);
}

/**
 * The outcome of `work`; the error itself when the conversation is gone, which a hint at the execution says.
 * Its session is no longer linked then, and the item goes on without a conversation.
 */
export async function unlessGone<T>(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  work: Promise<T>,
): Promise<T | ConversationGoneError> {
  return await work.catch((error: unknown) => {
    if (!(error instanceof ConversationGoneError)) throw error;
    hintGone(context, error);
    return error;
  });
}

/** Says in a hint at the execution that a session has lost its conversation. */
export function hintGone(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  { message }: ConversationGoneError,
): void {
  context.addExecutionHints({
    message: `${message}. Its session is not linked any more; it may be linked to another conversation.`,
    type: 'warning',
  });
}
