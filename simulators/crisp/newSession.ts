import { type Random, between, uuid } from '../random';
import type { Conversation, NewVisitor, Verification } from './types';

/** The session of a visitor whose chatbox loads. @param at now, in epoch milliseconds */
export function newSession(
  { nickname, email = '', verified = false, data = {}, token, page, session_id }: NewVisitor,
  initiated: boolean,
  at: number,
  random: Random,
): Conversation {
  return {
    session_id: session_id ?? `session_${uuid(random)}`,
    ...(!initiated && { initiated }),
    ...(token !== undefined && { token }),
    ...(page && { page, seenAt: at }),
    created_at: at,
    updated_at: at,
    state: 'pending',
    is_verified: verified !== false,
    verifications: verified ? [verificationOf(verified === 'phone' ? 'phone' : 'email')] : [],
    meta: {
      nickname: nickname ?? `visitor${between(random, 100_000, 999_999)}`,
      email,
      phone: '',
      data: { ...data },
      segments: [],
    },
    compose: {},
    messages: [],
  };
}

/** As the website's server verifies, by a signature. */
function verificationOf(identity: string): Verification {
  return { identity, method: 'signature', annotation: '' };
}
