import { comparableEmail, isNobody } from '../identity';
import type { Action, SessionBatch } from '../payload/types';

/** Who acts in a session, as far as the stream has said. */
export interface Visitor {
  user_id: string | null;
  /** In its one spelling, for comparison. */
  email: string | null;
  /** The conversation that the stream itself named. */
  stream_conversation_id: string | null;
}

/**
 * What became of the visitor:
 * - `signed_in`: they go by another user id. As far as can be told they are the one they were.
 * - `somebody_else`: another person goes on in the same session, as when a site does not reset PostHog on sign-out.
 */
type Change = 'signed_in' | 'somebody_else' | undefined;

type Said = Partial<Record<'user_id' | 'email' | 'conversation_id', string | null | undefined>>;

/** The ids that PostHog gives visitors who have not signed in: UUIDs, and an older form of five groups as well. */
const ANONYMOUS = /^(?:anon.*|\$device:.*|[0-9a-f]{8,16}(?:-[0-9a-f]{3,16}){4})$/i;

/**
 * The visitor after something was said of who acts. What is not said stays, but never beside another person's name:
 * an address that was known goes with the user id that it came with, and the other way round.
 */
export function visitorAfter(before: Visitor, said: Said): { visitor: Visitor; change: Change } {
  if (isNoNews(before, said)) return { visitor: before, change: undefined };
  const user = userIn(said, before);
  const address = known(said.email);
  const email = address && comparableEmail(address);
  const isOtherUser = differ(before.user_id, user);
  const isOtherEmail = differ(before.email, email);
  let change: Change;
  if (isOtherUser) change = isSamePerson(before, email) ? 'signed_in' : 'somebody_else';
  else if (isOtherEmail && user === null) change = 'somebody_else';
  const visitor = {
    user_id: user ?? (isOtherEmail ? null : before.user_id),
    email: email ?? (isOtherUser ? null : before.email),
    stream_conversation_id:
      known(said.conversation_id) ??
      (change === 'somebody_else' ? null : before.stream_conversation_id),
  };
  return { visitor, change };
}

/**
 * The visitor after a batch came again, which may be long after it was true: it tells what is not known yet and which
 * conversation they are in, unless it was said of another user.
 */
export function visitorRecalled(now: Visitor, said: Said): Visitor {
  if (differ(now.user_id, known(said.user_id))) return now;
  const { visitor } = visitorAfter(
    { user_id: null, email: null, stream_conversation_id: null },
    said,
  );
  return {
    user_id: now.user_id ?? visitor.user_id,
    email: now.email ?? visitor.email,
    stream_conversation_id: visitor.stream_conversation_id ?? now.stream_conversation_id,
  };
}

/**
 * What a batch says of who acts, action by action: its own names hold until an action brings another, which holds for
 * those after it.
 */
export function namesIn(batch: SessionBatch): (action: Action) => Said {
  const left: Said = {
    user_id: batch.user_id,
    email: batch.email,
    conversation_id: batch.conversation_id,
  };
  return (action) => {
    // Somebody else than the batch names: the rest of what it says is not of them.
    if (differ(batch.user_id, known(action.user_id)) && !isAnonymous(batch.user_id)) {
      left.email = left.conversation_id = null;
    }
    const said: Said = {};
    for (const field of ['user_id', 'email', 'conversation_id'] as const) {
      said[field] = action[field] ?? left[field];
      if (action[field]) left[field] = null;
    }
    return said;
  };
}

/**
 * The user that is named. PostHog's id of an unknown visitor says nothing of one who has signed in: another tab goes on
 * under it, and a reset would have begun another session.
 */
function userIn({ user_id }: Said, before: Visitor): string | null {
  const user = known(user_id);
  const isSignedIn = before.user_id !== null && !isAnonymous(before.user_id);
  return isSignedIn && isAnonymous(user) ? null : user;
}

/** Nearly every action says what the one before said, or nothing. */
function isNoNews({ user_id, email, stream_conversation_id }: Visitor, said: Said): boolean {
  const same = (before: string | null, name: string | null | undefined) => !name || name === before;
  return (
    same(user_id, said.user_id) &&
    same(email, said.email) &&
    same(stream_conversation_id, said.conversation_id)
  );
}

/** Whether who goes by a new user id is who was there before: they were unknown, or have the same address. */
function isSamePerson({ user_id, email }: Visitor, newEmail: string | null): boolean {
  if (newEmail !== null && (newEmail === email || newEmail === comparableEmail(user_id ?? ''))) {
    return true;
  }
  return email === null && isAnonymous(user_id);
}

function isAnonymous(userId: string | null): boolean {
  return userId !== null && ANONYMOUS.test(userId);
}

function known(name: string | null | undefined): string | null {
  return name && !isNobody(name) ? name : null;
}

function differ(before: string | null, after: string | null): boolean {
  return before !== null && after !== null && before !== after;
}
