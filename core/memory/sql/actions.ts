import type { Action } from '../../payload/types';
import type { Tx } from './tables';

/** A remembered action, with its place in the session and its time in milliseconds since the epoch. */
export interface StoredAction {
  seq: number;
  at: number;
  action: Action;
}

interface ActionRange {
  /** Only actions with a greater `seq`. */
  after: number;
  /** Only actions at or after this time, in milliseconds since the epoch. */
  since?: number | undefined;
  limit: number;
  /** Keep the newest instead of the oldest where there are more than `limit`. */
  newest?: boolean;
}

/** A session's actions within a range, oldest first. */
export async function readActions(
  tx: Tx,
  sessionRowId: number,
  { after, since, limit, newest = false }: ActionRange,
): Promise<StoredAction[]> {
  let query = tx
    .selectFrom('autoplay_action')
    .select(['seq', 'at', 'action_id', 'body'])
    .where('session', '=', sessionRowId)
    .where('seq', '>', after)
    .orderBy('seq', newest ? 'desc' : 'asc')
    .limit(limit);
  if (since !== undefined) query = query.where('at', '>=', since);
  const rows = await query.execute();
  if (newest) rows.reverse();
  return rows.map(({ seq, at, ...row }, index) => ({ seq, at, action: actionOf(row, index) }));
}

/** A stored action. @param index its place among those that are returned */
export function actionOf(
  { action_id, body }: { action_id: string; body: string },
  index: number,
): Action {
  const said = JSON.parse(body) as Omit<Action, 'index' | 'action_id'>;
  return { index, ...said, action_id };
}
