import { hasStandardSignature, signingKey } from '../http/standardWebhooks';
import { constantTimeEqual, isSecret } from '../http/signature';
import { fields, isObject, text } from '../values';
import { readEvent } from './events';
import { addressIn } from './people';
import type { PosthogEvent } from './types';

/** The header with which a PostHog that cannot sign proves itself. */
export const SECRET_HEADER = 'X-N8n-Secret';

/** What a delivery may prove itself with. An empty list, or only blank or damaged secrets, refuse every delivery. */
export interface DeliverySecrets {
  /** Signing secrets by Standard Webhooks: `whsec_…`. */
  signing: readonly string[];
  /** Values of {@link SECRET_HEADER}. */
  header: readonly string[];
}

/** An event with the project that it happened in. */
export interface PosthogDelivery extends PosthogEvent {
  /** The project's page in PostHog, as {@link PosthogProject.url}; null if the delivery does not say it. */
  project_url: string | null;
  /** The number of the project, as text; null if the delivery does not say it. */
  project_id: string | null;
}

/**
 * Whether a delivery comes from a PostHog that knows one of the secrets: by its signature, or by the header where
 * PostHog does not sign.
 *
 * @param headers by names in lower case
 * @param rawBody the bytes as they arrived
 * @param now milliseconds since the epoch
 */
export function isFromPosthog(
  headers: Readonly<Record<string, unknown>>,
  rawBody: Buffer | undefined,
  { signing, header }: DeliverySecrets,
  now: number,
): boolean {
  const given = text(headers[SECRET_HEADER.toLowerCase()]).trim();
  const signed = signing.map((secret) => hasStandardSignature(headers, rawBody, secret, now));
  const named = header.map((secret) => isSecret(secret) && constantTimeEqual(given, secret));
  return [...signed, ...named].includes(true);
}

/** Whether deliveries can prove themselves with any of the secrets. */
export function areUsable({ signing, header }: DeliverySecrets): boolean {
  return signing.some((secret) => signingKey(secret) !== undefined) || header.some(isSecret);
}

/**
 * Reads the body of a delivery by PostHog's webhook template: `{"event": {…}, "person": {…} | null}`, or an event alone.
 * Never throws. Undefined for what is no event, such as a body of one's own.
 */
export function readDelivery(rawBody: Buffer | undefined): PosthogDelivery | undefined {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(rawBody));
  } catch {
    return undefined;
  }
  if (!isObject(body)) return undefined;
  const event = isObject(body.event) ? body.event : body;
  const read = readEvent(event);
  if (!read) return undefined;
  const email = addressIn(fields(fields(body.person).properties).email);
  return { ...read, email: email ?? read.email, ...projectOf(event.url) };
}

/** `https://eu.posthog.com/project/7/events/…`; below a path where PostHog of one's own has one. */
const EVENT_PAGE = /^(.*\/project\/(\d{1,15}))(?:\/|$)/;

function projectOf(url: unknown): Pick<PosthogDelivery, 'project_url' | 'project_id'> {
  const page = URL.parse(text(url));
  const [, path, id] = EVENT_PAGE.exec(page?.pathname ?? '') ?? [];
  if (!page || path === undefined || id === undefined || !/^https?:$/.test(page.protocol)) {
    return { project_url: null, project_id: null };
  }
  return { project_url: page.origin + path, project_id: id };
}
