import { createHmac } from 'node:crypto';

const LEAST_BYTES = 24;

/**
 * The headers of a signed delivery, by Standard Webhooks; undefined if PostHog would rather send nothing, because the
 * secret is no base64 or too short.
 *
 * @param now epoch milliseconds
 */
export function signatureHeaders(
  body: string,
  secret: string,
  id: string,
  now: number,
): Record<string, string> | undefined {
  const encoded = secret.replace(/^whsec_/, '');
  const key = Buffer.from(encoded, 'base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || key.length < LEAST_BYTES) return undefined;
  const timestamp = String(Math.floor(now / 1_000));
  const sum = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${sum}`,
  };
}
