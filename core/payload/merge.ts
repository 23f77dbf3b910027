import type { Action, SessionBatch, StreamSummary } from './types';

/**
 * Merges batches of one session, in the given order. Does not change its inputs. Renumbers the actions from 0 and
 * takes the latest `forwarded_at`, and of `user_id`, `email` and `conversation_id` the first that is set.
 *
 * A visitor who signs in changes `user_id`. From the first batch with another one on, each action keeps what its own
 * batch named.
 *
 * @throws RangeError if `batches` is empty
 */
export function mergeBatches(batches: readonly SessionBatch[]): SessionBatch {
  const [first] = batches;
  if (!first) throw new RangeError('mergeBatches needs at least one batch');
  // Most sessions wait with a single batch, whose actions are numbered from 0 already.
  if (batches.length === 1) return { ...first };
  const actions: Action[] = [];
  const summaries: StreamSummary[] = [];
  const userId = firstSet(batches, 'user_id');
  // The address of another user is not used.
  const theirs = batches.filter(({ user_id }) => !user_id || user_id === userId);
  const email = firstSet(theirs, 'email');
  const conversationId = firstSet(batches, 'conversation_id');
  const projectUrl = batches.find(({ project_url }) => project_url)?.project_url;
  const isSignedIn = batches.every(({ signed_in }) => signed_in);
  let isMixed = false;
  let forwardedAt = -Infinity;

  for (const batch of batches) {
    for (const summary of batch.summaries ?? []) {
      summaries.push({ ...summary, position: actions.length + summary.position });
    }
    isMixed ||= Boolean(batch.user_id && batch.user_id !== userId);
    for (const action of batch.actions) {
      const copy = { ...action, index: actions.length };
      if (batch.user_id && isMixed) copy.user_id ??= batch.user_id;
      if (batch.email && (isMixed || batch.email !== email)) copy.email ??= batch.email;
      if (batch.conversation_id && batch.conversation_id !== conversationId) {
        copy.conversation_id ??= batch.conversation_id;
      }
      actions.push(copy);
    }
    forwardedAt = Math.max(forwardedAt, batch.forwarded_at);
  }
  return {
    type: 'actions',
    product_id: first.product_id,
    session_id: first.session_id,
    user_id: userId,
    email,
    conversation_id: conversationId,
    actions,
    count: actions.length,
    forwarded_at: forwardedAt,
    // A batch without either says who the visitor is.
    ...((summaries.length > 0 || actions.length === 0) && { summaries }),
    ...(isSignedIn && { signed_in: true as const }),
    ...(projectUrl && { project_url: projectUrl }),
  };
}

function firstSet(
  batches: readonly SessionBatch[],
  field: 'user_id' | 'email' | 'conversation_id',
): string | null {
  return batches.find((batch) => batch[field])?.[field] ?? null;
}
