import { hash } from 'node:crypto';
import { text } from '../values';
import { constantTimeEqual, hasValidSignature, isSecret } from '../http/signature';
import { parseFrameText } from '../payload/parse';
import type { ParsedFrame } from '../payload/types';

/**
 * Whether a request comes from a sender that knows the secret: the bearer token and the signature over the
 * raw body must both be right. False if no secret is set.
 *
 * @param headers with lower-case names, as Node gives them
 */
export function isFromConnector(
  headers: Readonly<Record<string, unknown>>,
  rawBody: Buffer,
  secret: string,
): boolean {
  if (!isSecret(secret)) return false;
  const bearer = /^bearer +(.*)$/is.exec(text(headers.authorization))?.[1] ?? '';
  const knows = constantTimeEqual(bearer.trim(), secret);
  return hasValidSignature('sha256', headers['x-connector-signature'], rawBody, secret) && knows;
}

/**
 * Reads the body of a push, which has the form of a frame of the stream. Never throws: counts what cannot be
 * used. A repeated body gives the same `action_id`s, even if it names no time.
 *
 * @param receivedAt epoch seconds
 */
export function readPush(rawBody: Buffer, receivedAt: number): ParsedFrame {
  return parseFrameText(new TextDecoder().decode(rawBody), {
    productId: '',
    receivedAt,
    delivery: hash('sha256', rawBody, 'base64url'),
  });
}
