import type { Claim } from '../types';
import { LeaseLostError } from '../errors';
import { replacementOf } from './covered';
import { lockSessionOf, sessionInfo, type LinkRow, type SessionRow } from './sessions';
import { isHeld } from './leases';
import { LOOK_AGAIN_MS, type SqlContext, type Tx } from './tables';
import { isShared, transact } from './transactions';

// A claim is a lease on a link, taken in the transaction that found the work.

/** The columns that hold the lease of each right. */
const COLUMNS = {
  post: { lease: 'lease', until: 'lease_until', ms: 'lease_ms' },
  redact: { lease: 'redact_lease', until: 'redact_lease_until', ms: 'redact_lease_ms' },
} as const;

/** Redactions that fail pause until a time of their own, which posts made meanwhile do not move. */
function redactionsPause(failures: number, until: number | null): Partial<LinkRow> {
  return { redact_failures: failures, redact_retry_at: until };
}

/** Column values of a right without a lease. */
function none(right: Claim['right']): Partial<LinkRow> {
  return { [COLUMNS[right].lease]: null, [COLUMNS[right].until]: null };
}

/** See {@link SessionMemory.extend}. */
export async function extend(
  { db, clock }: SqlContext,
  claim: Claim,
  leaseMs: number,
): Promise<void> {
  const until = clock.now() + leaseMs;
  const { numUpdatedRows } = await db
    .updateTable('autoplay_link')
    .set({
      [COLUMNS[claim.right].until]: until,
      [COLUMNS[claim.right].ms]: Math.ceil(leaseMs),
      due_at: until,
    })
    .where('id', '=', claim.linkId)
    .where(COLUMNS[claim.right].lease, '=', claim.lease)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new LeaseLostError(claim.session.session_id);
}

/** See {@link SessionMemory.endLink}. */
export async function endLink({ db, clock }: SqlContext, claim: Claim): Promise<void> {
  await transact(db, async (tx) => {
    await lockSessionOf(tx, claim.linkId);
    const { numUpdatedRows } = await tx
      .updateTable('autoplay_link')
      .set({ ended_at: clock.now(), lease: null, redact_lease: null, due_at: null })
      .where('id', '=', claim.linkId)
      .where(COLUMNS[claim.right].lease, '=', claim.lease)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await tx
      .deleteFrom('autoplay_note')
      .where('link', '=', claim.linkId)
      .where('state', '=', 'posting')
      .execute();
  });
}

/** How the id of a lease begins under which a summary note is posted. */
export const REPLACING = 'replacing ';

export function isLeased(link: LinkRow, right: Claim['right'], now: number): boolean {
  const { lease, until, ms } = COLUMNS[right];
  return isHeld({ lease: link[lease], until: link[until], ms: link[ms] }, now);
}

export async function lease(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  { right, id, leaseMs, now }: { right: Claim['right']; id: string; leaseMs: number; now: number },
): Promise<Claim> {
  const columns = COLUMNS[right];
  const until = now + leaseMs;
  // A crash leaves the lease behind: the work is due again as soon as it has lapsed.
  const lapses = { [columns.until]: until, [columns.ms]: Math.ceil(leaseMs), due_at: until };
  await setLink(tx, link.id, { [columns.lease]: id, ...lapses });
  return await claimOf(tx, session, link, { right, id, until });
}

/** The claim that a lease on the link stands for. */
export async function claimOf(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  { right, id, until }: { right: Claim['right']; id: string; until: number },
): Promise<Claim> {
  return {
    right,
    session: await sessionInfo(tx, session),
    chat: link.chat,
    conversationId: link.conversation_id,
    linkId: link.id,
    lease: id,
    until,
    failures: right === 'post' ? link.failures : link.redact_failures,
  };
}

export async function setLink(tx: Tx, id: number, values: Partial<LinkRow>): Promise<void> {
  await tx.updateTable('autoplay_link').set(values).where('id', '=', id).execute();
}

/** See {@link SessionMemory.release}. */
export async function release(
  { db, clock }: SqlContext,
  claim: Claim,
  retryAfterMs?: number,
): Promise<void> {
  const now = clock.now();
  if (retryAfterMs === undefined) {
    await transact(db, (tx) => giveBack(tx, claim, now));
    return;
  }
  await db
    .updateTable('autoplay_link')
    .set({
      ...none(claim.right),
      ...(claim.right === 'post'
        ? { failures: claim.failures + 1 }
        : redactionsPause(claim.failures + 1, now + retryAfterMs)),
      due_at: now + retryAfterMs,
    })
    .where('id', '=', claim.linkId)
    .where(COLUMNS[claim.right].lease, '=', claim.lease)
    .execute();
}

/** Ends a claim whose work is done. Other work of the session stays due. */
export async function giveBack(tx: Tx, claim: Claim, now: number): Promise<void> {
  const due = await whatIsLeft(tx, claim.linkId, now);
  await tx
    .updateTable('autoplay_link')
    .set({
      ...none(claim.right),
      due_at: due,
      // Other work may have failed; its failures count until that work is done.
      ...(due === null && { failures: 0 }),
      ...(claim.right === 'redact' && redactionsPause(0, null)),
    })
    .where('id', '=', claim.linkId)
    .where(COLUMNS[claim.right].lease, '=', claim.lease)
    .execute();
}

/** When the session has to be looked at again, because notes or a summary are still to come; null when nothing is. */
export async function whatIsLeft(tx: Tx, linkId: number, now: number): Promise<number | null> {
  const row = await tx
    .selectFrom('autoplay_link')
    .innerJoin('autoplay_session', 'autoplay_session.id', 'autoplay_link.session')
    .select(['autoplay_session.id', 'last_seq', 'delivered_seq', 'summary_retry_at'])
    .select(['summary_lease', 'summary_lease_until', 'paused_until', 'keep_latest'])
    .where('autoplay_link.id', '=', linkId)
    // Locked, so that actions are remembered only after this has been read: they set `due_at` themselves.
    .$if(isShared(tx), (query) => query.forUpdate('autoplay_session'))
    .executeTakeFirst();
  if (!row) return null;
  const { paused_until, keep_latest, delivered_seq } = row;
  const soon = now + LOOK_AGAIN_MS;
  // The pace of the conversation holds notes back, not redactions.
  const notBefore = Math.max(soon, paused_until ?? 0);
  if (row.last_seq > (delivered_seq ?? 0)) return notBefore;
  const posting = await tx
    .selectFrom('autoplay_note')
    .select('id')
    .where('link', '=', linkId)
    .where('state', '=', 'posting')
    .executeTakeFirst();
  if (posting) return soon;
  const link = { id: linkId, keep_latest, delivered_seq };
  const { summary, redactions } = await replacementOf(tx, row.id, link);
  if (redactions) return soon;
  if (summary) return notBefore;
  if (row.summary_lease === null) return row.summary_retry_at;
  // A model is being asked, and may never answer.
  return Math.max(row.summary_lease_until ?? 0, soon);
}
