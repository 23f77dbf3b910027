import { pauseOf, type Pause } from '../pace';
import type { FollowCondition, LinkRequest, SessionInfo } from '../types';
import { ofChat } from './chats';
import { setLink } from './claims';
import { latestSummary, toldSummary } from './covered';
import { linkedSession } from './find';
import { isAhead } from './leases';
import { sessionInfo, type LinkRow, type SessionRow } from './sessions';
import { LOOK_AGAIN_MS, NEVER, type SqlContext, type Tx } from './tables';
import { isShared, transact } from './transactions';

type Named = Pick<LinkRequest, 'chat' | 'conversation_id'>;

/** Records a message in a conversation: the links whose notes were held back are due again. */
export async function spokeIn(
  { db, clock }: SqlContext,
  memory: string,
  conversation: Named,
): Promise<void> {
  const now = clock.now();
  await transact(db, async (tx) => {
    for (const { id, paused_until } of await livingLinks(tx, memory, conversation)) {
      const held = paused_until !== null && { due_at: now + LOOK_AGAIN_MS, looks: 0 };
      await setLink(tx, id, { spoke_at: now, closed_at: null, paused_until: null, ...held });
    }
  });
}

/** See {@link SessionMemory.closeConversation}. */
export async function closeConversation(
  { db, clock }: SqlContext,
  memory: string,
  conversation: Named,
): Promise<SessionInfo | null> {
  const now = clock.now();
  return await transact(db, async (tx) => {
    for (const { id } of await livingLinks(tx, memory, conversation)) {
      await setLink(tx, id, { closed_at: now });
    }
    const session = await linkedSession(tx, memory, conversation, now);
    return session ? await sessionInfo(tx, session) : null;
  });
}

async function livingLinks(tx: Tx, memory: string, { chat, conversation_id }: Named) {
  return await tx
    .selectFrom('autoplay_link')
    .select(['id', 'paused_until'])
    .where('memory', '=', memory)
    .where('conversation_id', '=', conversation_id)
    .where(ofChat('chat', chat))
    .where('ended_at', 'is', null)
    .orderBy('id')
    .$if(isShared(tx), (query) => query.forUpdate())
    .execute();
}

/** Whether the pace of its conversation holds a link's notes back. */
export function isPaused({ paused_until }: LinkRow, now: number): boolean {
  return paused_until === NEVER || isAhead(paused_until, now);
}

/**
 * What keeps the next note of a link from being posted now: the pace, or a summary that comes first; undefined when
 * nothing does, or there is nothing to tell.
 */
export async function holdsBack(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  { pace, latest, summaryFirst }: FollowCondition,
  now: number,
): Promise<{ status: 'paused'; pause: Pause } | { status: 'summary_first' } | undefined> {
  const delivered = link.delivered_seq ?? 0;
  const waiting = session.last_seq - delivered;
  if (waiting <= 0) return undefined;
  const pause = pauseOf(await stateOf(tx, link), pace, now);
  if (pause) {
    const until = pause.until ?? NEVER;
    await setLink(tx, link.id, { paused_until: until, due_at: until });
    return { status: 'paused', pause };
  }
  if (link.paused_until !== null) await setLink(tx, link.id, { paused_until: null });
  if (!summaryFirst || waiting <= latest) return undefined;
  const summary = await latestSummary(tx, session.id);
  if (!summary || summary.upto_seq <= delivered) return undefined;
  const told = await toldSummary(tx, link.id);
  return told?.summary === summary.id ? undefined : { status: 'summary_first' };
}

/** Up to which action a posted summary makes a note superfluous that would follow it; the latest ones are told anyway. */
export async function toldBySummary(
  tx: Tx,
  session: SessionRow,
  link: LinkRow,
  latest: number,
): Promise<number> {
  const told = await toldSummary(tx, link.id);
  return told ? Math.min(told.to_seq, session.last_seq - Math.max(1, latest)) : 0;
}

/** Several sessions may be linked to one conversation, and their notes count together. */
async function stateOf(tx: Tx, link: LinkRow) {
  const { notes, notedAt } = await tx
    .selectFrom('autoplay_link')
    .select(({ fn }) => [
      fn.sum<number | string>('notes').as('notes'),
      fn.max('noted_at').as('notedAt'),
    ])
    .where('conversation_id', '=', link.conversation_id)
    .where(ofChat('chat', link.chat))
    .executeTakeFirstOrThrow();
  return {
    spokeAt: Math.max(link.spoke_at ?? 0, link.linked_at),
    closedAt: link.closed_at,
    notedAt: notedAt === null ? null : Number(notedAt),
    notes: Number(notes),
  };
}
