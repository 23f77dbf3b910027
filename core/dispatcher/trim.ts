import type { SessionBatch } from '../payload/types';

/**
 * The batch without its first `count` actions, which must be fewer than it has; the input stays as
 * it is. Summaries stay, at the place they had among the actions that are left.
 */
export function withoutFirstActions(batch: SessionBatch, count: number): SessionBatch {
  const actions = batch.actions.slice(count).map((action, index) => ({ ...action, index }));
  return {
    ...batch,
    actions,
    count: actions.length,
    ...(batch.summaries && {
      summaries: batch.summaries.map((summary) => ({
        ...summary,
        position: Math.max(0, summary.position - count),
      })),
    }),
  };
}
