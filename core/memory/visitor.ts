import { comparableEmail, isNobody } from '../identity';
import type { Action, SessionBatch } from '../payload/types';

/** The person who acts in a session, as far as the stream has said. */
export interface Visitor {
  user_id: string | null;
  /** In its one spelling, for comparison. */
  email: string | null;
  /** The conversation that the stream itself named. */
  stream_conversation_id: string | null;
  /** The source has said that the visitor signed in as `user_id`. */
  signed_in?: true;
}

/** A visitor of whom nothing has been said. */
export const UNKNOWN_VISITOR: Readonly<Visitor> = {
  user_id: null,
  email: null,
  stream_conversation_id: null,
};

/**
 * How the visitor changed:
 * - `signed_in`: they go by another user id now, and are the same person as far as the stream shows.
 * - `other_person`: another person uses the same session now, as when a site does not reset PostHog on sign-out.
 */
type Change = 'signed_in' | 'other_person' | undefined;

type Said = Partial<Record<'user_id' | 'email' | 'conversation_id', string | null | undefined>> & {
  /** See {@link SessionBatch.signed_in}. */
  signed_in?: true | undefined;
};

/** The ids of visitors who have not signed in: PostHog's UUIDs of version 7, its older form with five groups, other trackers' UUIDs. */
const ANONYMOUS = /^(?:anon.*|\$device:.*|[0-9a-f]{8,16}(?:-[0-9a-f]{3,16}){4})$/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A UUID of a version that sites also give their users. */
const USERS_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-6][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The visitor after a batch or action has named who acts. Names that it does not mention stay, but never beside another
 * person's name: a known address is dropped with the user id that it came with, and the other way round.
 */
export function visitorAfter(before: Visitor, said: Said): { visitor: Visitor; change: Change } {
  if (isNoNews(before, said)) return { visitor: before, change: undefined };
  const user = said.signed_in ? known(said.user_id) : userIn(said, before);
  const address = known(said.email);
  const email = address && comparableEmail(address);
  const isOtherUser = differ(before.user_id, user);
  const isOtherEmail = differ(before.email, email);
  let change: Change;
  const now = { user, email, isCertain: said.signed_in === true };
  if (isOtherUser) change = isSamePerson(before, now) ? 'signed_in' : 'other_person';
  else if (isOtherEmail && user === null) change = 'other_person';
  const visitor: Visitor = {
    user_id: user ?? (isOtherEmail ? null : before.user_id),
    email: email ?? (isOtherUser ? null : before.email),
    stream_conversation_id:
      known(said.conversation_id) ??
      (change === 'other_person' ? null : before.stream_conversation_id),
  };
  if (isCertain(before, said, user)) visitor.signed_in = true;
  return { visitor, change };
}

/**
 * The visitor after a batch was delivered again, possibly long after its names were true. It adds names that are not
 * known yet and the conversation, unless it names another user.
 */
export function visitorRecalled(now: Visitor, said: Said): Visitor {
  if (differ(now.user_id, known(said.user_id))) return now;
  const { visitor } = visitorAfter(UNKNOWN_VISITOR, said);
  return {
    user_id: now.user_id ?? visitor.user_id,
    email: now.email ?? visitor.email,
    stream_conversation_id: visitor.stream_conversation_id ?? now.stream_conversation_id,
  };
}

/**
 * The names that a batch gives the visitor, action by action. The batch's own names hold until an action has another,
 * which then holds for the actions after it.
 */
export function namesIn(batch: SessionBatch): (action: Action) => Said {
  const { user_id, email, conversation_id, signed_in } = batch;
  const left: Said = { user_id, email, conversation_id };
  if (signed_in) left.signed_in = signed_in;
  return (action) => {
    if (namesNobody(action)) return left;
    // Another person than the batch names, so the batch's other names are not theirs.
    const user = known(action.user_id);
    if (differ(batch.user_id, user) && (signed_in || !isAnonymous(batch.user_id, user))) {
      left.email = left.conversation_id = null;
    }
    const said: Said = signed_in ? { signed_in } : {};
    for (const field of ['user_id', 'email', 'conversation_id'] as const) {
      said[field] = action[field] ?? left[field];
      if (action[field]) left[field] = null;
    }
    return said;
  };
}

/** Whether an action says nothing itself of who acts, as most do. */
export function namesNobody({ user_id, email, conversation_id }: Action): boolean {
  return (user_id ?? email ?? conversation_id ?? null) === null;
}

/** The names of a visitor, as those of an action. */
export function ownNames({ user_id, email, stream_conversation_id }: Visitor): Partial<Action> {
  return {
    ...(user_id !== null && { user_id }),
    ...(email !== null && { email }),
    ...(stream_conversation_id !== null && { conversation_id: stream_conversation_id }),
  };
}

/**
 * The user that is named. PostHog's id of an unknown visitor does not replace the id of a visitor who has signed in:
 * another tab may still use it, and a reset would have begun another session.
 */
function userIn({ user_id }: Said, before: Visitor): string | null {
  const user = known(user_id);
  const isSignedIn = before.user_id !== null && !isAnonymous(before.user_id, user);
  return isSignedIn && isAnonymous(user, before.user_id) ? null : user;
}

/** A short cut: nearly every action repeats the names of the one before, or has none. */
function isNoNews(before: Visitor, said: Said): boolean {
  const { user_id, email, stream_conversation_id } = before;
  if (said.signed_in && said.user_id && !before.signed_in) return false;
  const same = (before: string | null, name: string | null | undefined) => !name || name === before;
  return (
    same(user_id, said.user_id) &&
    same(email, said.email) &&
    same(stream_conversation_id, said.conversation_id)
  );
}

/** Whether a new user id belongs to the same person: they were unknown before, or have the same address. */
function isSamePerson(
  { user_id, email }: Visitor,
  now: { user: string | null; email: string | null; isCertain: boolean },
): boolean {
  const isSameAddress = now.email === email || now.email === comparableEmail(user_id ?? '');
  if (now.email !== null && isSameAddress) return true;
  // A source that gives anonymous visitors no user id gave none before, either.
  return email === null && !now.isCertain && isAnonymous(user_id, now.user);
}

/**
 * Whether an id is one of a visitor who has not signed in, beside the other id of the same session. A site whose user
 * ids are UUIDs gives both: neither turns into the other, nor into PostHog's.
 */
function isAnonymous(userId: string | null, other: string | null): boolean {
  if (userId === null || !ANONYMOUS.test(userId)) return false;
  return !(USERS_UUID.test(userId) && other !== null && UUID.test(other));
}

/**
 * Whether a visitor has signed in, or is known by an address. A UUID of version 7 is PostHog's id of an unknown visitor;
 * one of another version is most likely the site's own id of a user.
 */
export function isIdentified({
  user_id,
  email,
  signed_in,
}: Pick<Visitor, 'user_id' | 'email' | 'signed_in'>): boolean {
  if (email !== null || (signed_in && user_id !== null)) return true;
  return user_id !== null && (!ANONYMOUS.test(user_id) || USERS_UUID.test(user_id));
}

/** Whether the source vouches for the visitor's user id, now or before. */
function isCertain(before: Visitor, said: Said, user: string | null): boolean {
  return user === null ? before.signed_in === true : said.signed_in === true;
}

function known(name: string | null | undefined): string | null {
  return name && !isNobody(name) ? name : null;
}

function differ(before: string | null, after: string | null): boolean {
  return before !== null && after !== null && before !== after;
}
