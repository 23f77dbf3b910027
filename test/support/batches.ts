import type { Action, SessionBatch } from '../../core/payload/types';

/** An action as the payload reader gives it, with what a test cares about. */
export function action(fields: Partial<Action> = {}): Action {
  return {
    index: 0,
    type: 'click',
    title: '',
    description: 'clicked',
    timestamp_start: null,
    timestamp_end: null,
    raw_url: '',
    canonical_url: '',
    action_id: 'a',
    ...fields,
  };
}

/** A batch of one session whose actions are told apart by the given ids. */
export function batch(
  sessionId: string,
  actionIds: readonly string[],
  fields: Partial<SessionBatch> = {},
): SessionBatch {
  return {
    type: 'actions',
    product_id: 'shop',
    session_id: sessionId,
    user_id: null,
    email: null,
    conversation_id: null,
    actions: actionIds.map((id, index) => action({ index, action_id: id })),
    count: actionIds.length,
    forwarded_at: 0,
    ...fields,
  };
}
