import { comparableEmail } from '../identity';
import { namesIn, ownNames, visitorAfter, type Visitor } from '../memory/visitor';
import type { Action, SessionBatch, StreamSummary } from '../payload/types';

/** What a filter knows of a session. */
export interface Session {
  /** Who acts, after everything that has arrived. */
  visitor: Visitor;
  /** Who acts, after everything that was passed on; undefined while nothing was. */
  told: Visitor | undefined;
  /** The visitor of whom `isOut` says whether they are left out. */
  checked: Visitor | undefined;
  isOut: boolean;
  /** Actions left out that no summary of the connector has counted. */
  leftOut: number;
}

/** One action of a batch. */
export interface Step {
  action: Action;
  /** Who did it. */
  visitor: Visitor;
  isKept: boolean;
}

/**
 * The batch with what is left of it. What the memory makes of it leads, action by action, to the same visitor, unless two
 * people took the session over one after the other and the first did only what is left out.
 */
export function rebuilt(
  batch: SessionBatch,
  steps: readonly Step[],
  summaries: readonly StreamSummary[],
  session: Session,
  before: Visitor,
): SessionBatch {
  const kept = steps.filter(({ isKept }) => isKept);
  const said = namesOf(kept[0]?.visitor ?? session.visitor, batch);
  // A later visitor of the session would inherit the batch's conversation. Then the first action names it instead.
  const isCommon = kept.every(
    ({ visitor }) => visitor.stream_conversation_id === said.conversation_id,
  );
  const passed: SessionBatch = {
    ...batch,
    ...said,
    conversation_id: isCommon ? said.conversation_id : null,
    actions: [],
    count: kept.length,
  };
  const names = namesIn(passed);
  let told = before;
  passed.actions = kept.map(({ action, visitor }, index) => {
    told = visitorAfter(told, names(action)).visitor;
    if (isSame(told, visitor)) return { ...action, index };
    const own = ownNames(visitor);
    told = visitorAfter(told, own).visitor;
    return { ...action, index, ...own };
  });
  if (kept.length > 0) session.told = told;
  const moved = placed(summaries, steps, session);
  if (batch.summaries) passed.summaries = moved;
  return passed;
}

/**
 * Summaries at their places among the actions that are left. The connector counts all actions, and the memory has only
 * these, so those that were left out are subtracted from the number of actions that a summary condenses. It may come out
 * too small for a while, and then actions are summarized twice, but never too large, which would lose some.
 */
function placed(
  summaries: readonly StreamSummary[],
  steps: readonly Step[],
  session: Session,
): StreamSummary[] {
  let at = 0;
  let position = 0;
  const upTo = (place: number) => {
    for (; at < Math.min(place, steps.length); at += 1) {
      if (steps[at]?.isKept) position += 1;
      else session.leftOut += 1;
    }
  };
  const moved = summaries.map((summary): StreamSummary => {
    upTo(summary.position);
    const { replaces } = summary;
    const fewer = replaces > 0 ? Math.min(session.leftOut, replaces - 1) : session.leftOut;
    session.leftOut -= fewer;
    return { ...summary, position, replaces: replaces > 0 ? replaces - fewer : 0 };
  });
  upTo(steps.length);
  return moved;
}

/** A visitor's names as those of a batch, with the address as the batch spells it. */
export function namesOf(
  { user_id, email, stream_conversation_id }: Visitor,
  batch: SessionBatch,
): Pick<SessionBatch, 'user_id' | 'email' | 'conversation_id'> {
  const isSpelt = batch.email !== null && comparableEmail(batch.email) === email;
  const conversation_id = stream_conversation_id;
  return { user_id, email: isSpelt ? batch.email : email, conversation_id };
}

export function isSame(one: Visitor, other: Visitor): boolean {
  return (
    one === other ||
    (one.user_id === other.user_id &&
      one.email === other.email &&
      one.stream_conversation_id === other.stream_conversation_id)
  );
}
