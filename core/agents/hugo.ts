import { createHmac } from 'node:crypto';
import { constantTimeEqual, isSecret } from '../http/signature';
import { headerOf, type AgentRequest } from './http';

/** How far Crisp's clock may differ from ours, either way, in seconds. A request cannot be replayed much later. */
const TOLERANCE_S = 300;

/** What a request of Hugo has to prove. */
export interface HugoRules {
  /** The signing secrets, whole, with their prefix: two while one replaces the other. */
  secrets: readonly string[];
  websiteId: string;
}

/** Who asks: a conversation, or none where Crisp only tries the connection. */
export type HugoAsker =
  { ok: true; conversationId: string | null } | { ok: false; why: HugoRefusal };

/** Why a request is not accepted. */
export type HugoRefusal = 'bad_signature' | 'too_old' | 'other_website' | 'bad_session';

/**
 * Whether a request comes from Crisp's Hugo, and in which conversation: by the signature over the time, the website
 * and the raw body. Crisp does not sign the conversation's id, so an attacker who captures a request can name another
 * one for some minutes. Only TLS stands against that: two conversations may rightly send the same bytes at once.
 *
 * @param now milliseconds since the epoch
 */
export function readHugo(
  request: Pick<AgentRequest, 'headers' | 'rawBody'>,
  { secrets, websiteId }: HugoRules,
  now: number,
): HugoAsker {
  const timestamp = headerOf(request, 'x-crisp-timestamp');
  const website = headerOf(request, 'x-crisp-website-id');
  const given = headerOf(request, 'x-crisp-signature');
  // All are compared, so that the time does not show which secret is the right one.
  const isSigned = secrets
    .filter(isSecret)
    .map((secret) => constantTimeEqual(given, hugoSignature(secret, timestamp, website, request)))
    .includes(true);
  if (!isSigned) return { ok: false, why: 'bad_signature' };
  if (!isFresh(timestamp, now)) return { ok: false, why: 'too_old' };
  if (websiteId === '' || website.toLowerCase() !== websiteId.toLowerCase()) {
    return { ok: false, why: 'other_website' };
  }
  const named = headerOf(request, 'x-crisp-session-id');
  if (named === '' && request.headers['x-crisp-session-id'] === undefined) {
    return { ok: true, conversationId: null };
  }
  const conversationId = crispSession(named);
  return conversationId ? { ok: true, conversationId } : { ok: false, why: 'bad_session' };
}

/** The signature of a request, `sha256=` and 64 hex digits in lower case. */
export function hugoSignature(
  secret: string,
  timestamp: string,
  websiteId: string,
  { rawBody }: Pick<AgentRequest, 'rawBody'>,
): string {
  const hmac = createHmac('sha256', secret).update(`${timestamp}.${websiteId}.`).update(rawBody);
  return `sha256=${hmac.digest('hex')}`;
}

/**
 * The id as conversations have it everywhere else in Crisp: `session_` and a UUID. Hugo's header also comes as the UUID
 * alone. Undefined for anything else.
 */
function crispSession(named: string): string | undefined {
  const uuid = /^(?:session_)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(named)?.[1];
  return uuid && `session_${uuid.toLowerCase()}`;
}

function isFresh(timestamp: string, now: number): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(Math.floor(now / 1_000) - Number(timestamp)) <= TOLERANCE_S;
}
