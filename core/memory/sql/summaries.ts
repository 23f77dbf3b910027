import type { SessionRef, SummaryClaim, SummaryCondition, SummaryWork } from '../types';
import { readActions } from './actions';
import { latestSummary } from './covered';
import { isAhead, isHeld } from './leases';
import { findSession, sessionInfo, type SessionRow } from './sessions';
import { LOOK_AGAIN_MS, type SqlContext, type Tx } from './tables';
import { transact } from './transactions';

/** See {@link SessionMemory.claimSummary}. */
export async function claimSummary(
  { db, clock, newId }: SqlContext,
  ref: SessionRef,
  condition: SummaryCondition,
): Promise<SummaryClaim> {
  const now = clock.now();
  return await transact(db, async (tx): Promise<SummaryClaim> => {
    const session = await findSession(tx, ref, now);
    if (!session) return { status: 'not_due', waiting: 0, summary: null };
    const waiting = session.last_seq - session.summarized_seq;
    const previousSummary = (await latestSummary(tx, session.id))?.text ?? null;
    const info = await sessionInfo(tx, session);
    const unlinked = condition.linkedOnly && Object.keys(info.links).length === 0;
    const upto = await lastToSummarize(tx, session, condition, now);
    const ripe = upto - session.summarized_seq;
    if (ripe <= 0 || ripe < condition.threshold || unlinked) {
      return { status: 'not_due', waiting, summary: previousSummary };
    }
    const { summary_lease, summary_lease_until, summary_lease_ms, summary_retry_at } = session;
    const held = { lease: summary_lease, until: summary_lease_until, ms: summary_lease_ms };
    const pausing = !condition.includePaused && isAhead(summary_retry_at, now);
    if (isHeld(held, now) || pausing) return { status: 'busy', waiting, summary: previousSummary };

    const lease = newId();
    const until = now + condition.leaseMs;
    await tx
      .updateTable('autoplay_session')
      .set({
        summary_lease: lease,
        summary_lease_until: until,
        summary_lease_ms: Math.ceil(condition.leaseMs),
      })
      .where('id', '=', session.id)
      .execute();
    // If this process crashes, nothing else reports that the model failed.
    await tx
      .updateTable('autoplay_link')
      .set({ due_at: until, looks: 0 })
      .where('session', '=', session.id)
      .where('ended_at', 'is', null)
      .where('due_at', 'is', null)
      .execute();
    const range = { after: session.summarized_seq, limit: Math.min(ripe, condition.maxActions) };
    const actions = await readActions(tx, session.id, range);
    const work: SummaryWork = {
      session: info,
      sessionRowId: session.id,
      lease,
      failures: session.summary_failures,
      previousSummary,
      actions: actions.map(({ action }) => action),
      uptoSeq: actions.at(-1)?.seq ?? session.summarized_seq,
    };
    return { status: 'claimed', work };
  });
}

/** The place of the last action that a summary may contain. */
async function lastToSummarize(
  tx: Tx,
  { id, last_seq, summarized_seq }: SessionRow,
  { leave }: SummaryCondition,
  now: number,
): Promise<number> {
  if (!leave) return last_seq;
  const [first] = await readActions(tx, id, {
    after: summarized_seq,
    since: now - leave.windowMs,
    limit: leave.maxActions,
    newest: true,
  });
  return first ? first.seq - 1 : last_seq;
}

/** See {@link SessionMemory.commitSummary}. */
export async function commitSummary(
  { db, clock }: SqlContext,
  { sessionRowId, uptoSeq, lease }: SummaryWork,
  summary: string,
): Promise<boolean> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('autoplay_session')
      .set((eb) => ({
        // A summary from the stream may have reached further meanwhile.
        summarized_seq: eb
          .case()
          .when('summarized_seq', '>', uptoSeq)
          .then(eb.ref('summarized_seq'))
          .else(uptoSeq)
          .end(),
        summary_lease: null,
        summary_failures: 0,
        summary_retry_at: null,
      }))
      .where('id', '=', sessionRowId)
      .where('summary_lease', '=', lease)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await tx
      .insertInto('autoplay_summary')
      .values({
        session: sessionRowId,
        upto_seq: uptoSeq,
        text: summary,
        source: `model ${uptoSeq}`,
        created_at: now,
      })
      .execute();
    // The conversation does not have the summary yet.
    await tx
      .updateTable('autoplay_link')
      .set({ due_at: now + LOOK_AGAIN_MS, looks: 0 })
      .where('session', '=', sessionRowId)
      .where('ended_at', 'is', null)
      // Where the pace of the conversation holds notes back, the summary waits with them.
      .where((eb) => eb.or([eb('paused_until', 'is', null), eb('paused_until', '<=', now)]))
      .execute();
    return true;
  });
}

/** See {@link SessionMemory.releaseSummary}. */
export async function releaseSummary(
  { db, clock }: SqlContext,
  { sessionRowId, lease }: SummaryWork,
  retryAfterMs: number,
): Promise<void> {
  const retryAt = clock.now() + retryAfterMs;
  await transact(db, async (tx) => {
    await tx
      .updateTable('autoplay_session')
      .set((eb) => ({
        summary_lease: null,
        summary_retry_at: retryAt,
        summary_failures: eb('summary_failures', '+', 1),
      }))
      .where('id', '=', sessionRowId)
      .where('summary_lease', '=', lease)
      .execute();
    await tx
      .updateTable('autoplay_link')
      .set({ due_at: retryAt, looks: 0 })
      .where('session', '=', sessionRowId)
      .where('ended_at', 'is', null)
      .where('lease', 'is', null)
      .execute();
  });
}
