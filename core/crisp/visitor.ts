import { personIdOrNull } from '../identity';
import type { CrispApi, VisitorMeta } from './api';

/**
 * What to believe of who a visitor is. Session data and email address come from their browser, where another
 * visitor's user id or address can be entered; a session id cannot be guessed.
 *
 * - `sessionData`: the session id, the user id and the address
 * - `sessionId`: the session id alone
 * - `verifiedEmail`: an address that Crisp has verified, and nothing else
 */
export type Belief = 'sessionData' | 'sessionId' | 'verifiedEmail';

/** The keys under which the site's snippet writes PostHog's ids into the session data. */
export interface DataKeys {
  sessionId: string;
  userId: string;
}

/** Who a visitor is, null where that is not known. */
export type Identity = Record<'session_id' | 'user_id' | 'email', string | null>;

const UNKNOWN: Identity = { session_id: null, user_id: null, email: null };

/**
 * Asks Crisp for the visitor of a conversation.
 *
 * @returns the visitor as Crisp knows them, and what is believed of who they are
 * @throws as {@link CrispApi}
 */
export async function identifyVisitor(
  api: Pick<CrispApi, 'visitor' | 'verification'>,
  conversationId: string,
  belief: Belief,
  keys: DataKeys,
): Promise<{ visitor: VisitorMeta; identity: Identity }> {
  if (belief === 'verifiedEmail') {
    const { visitor, isVerified } = await api.verification(conversationId);
    const { email } = claimsOf(visitor, keys);
    return { visitor, identity: { ...UNKNOWN, ...(isVerified && { email }) } };
  }
  const visitor = await api.visitor(conversationId);
  const claims = claimsOf(visitor, keys);
  const identity = belief === 'sessionId' ? { ...UNKNOWN, session_id: claims.session_id } : claims;
  return { visitor, identity };
}

/** Who the visitor's browser says they are. */
function claimsOf({ data, email }: VisitorMeta, keys: DataKeys): Identity {
  return {
    session_id: personIdOrNull(data[keys.sessionId]),
    user_id: personIdOrNull(data[keys.userId]),
    email: personIdOrNull(email),
  };
}
