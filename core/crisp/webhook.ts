import { createHash, createHmac } from 'node:crypto';
import { fields, idOrNull, list, numberOrNull, shallow, text, textOrNull } from '../values';
import { decoded } from '../http/secrets';
import { constantTimeEqual, isSecret } from '../http/signature';
import { isOwnFingerprint } from './fingerprint';

/** The content of a hook, in the words that the rest of the package uses. */
export interface CrispEvent {
  event: string;
  website_id: string;
  /** Crisp's own word for it is session. */
  conversation_id: string;
  /** What was written, chosen or filled in; '' if that is no text. */
  text: string;
  /** Crisp's type of the message, such as `text` or `picker`; null for other events. */
  message_type: string | null;
  /** `user` for the visitor. */
  from: string | null;
  fingerprint: number | null;
  /** Whether a bot wrote it. */
  automated: boolean;
  /** The author's nickname. */
  name: string | null;
  /** When it happened, in milliseconds since the epoch. */
  timestamp: number | null;
  /** The event's data as Crisp sent them, without what is nested deeper than Crisp nests anything. */
  data: Record<string, unknown>;
}

/** The maximum age of a signed request: enough for Crisp's own retries, and too short to replay a recorded one much later. */
const MAX_AGE_MS = 5 * 60_000;

/** The parts of a delivery that prove its origin. */
interface HookRequest {
  headers: Record<string, unknown>;
  query: Record<string, unknown>;
  /** The requested URL, with its query. */
  url?: string | undefined;
  /** The bytes as they arrived; JSON that was parsed and written again never verifies. */
  rawBody: Buffer | undefined;
}

/**
 * Whether a delivery comes from Crisp. Plugin Hooks are signed together with their time, which must be recent. Website
 * Hooks are not signed and carry the secret in their URL (`?key=`). If there is a signature, it alone decides. Without
 * a configured secret, no delivery is accepted.
 *
 * @param now in milliseconds since the epoch
 */
export function isFromCrisp(
  { headers, query, url = '', rawBody }: HookRequest,
  secret: string,
  now: number,
): boolean {
  if (!rawBody || !isSecret(secret)) return false;
  const signature = headers['x-crisp-signature'];
  if (signature === undefined) {
    return [query.key, ...keysIn(url)].some(
      (key) => typeof key === 'string' && constantTimeEqual(key, secret),
    );
  }
  const timestamp = headers['x-crisp-request-timestamp'];
  if (typeof signature !== 'string' || typeof timestamp !== 'string') return false;
  const expected = createHmac('sha256', secret)
    .update(`[${timestamp};`)
    .update(rawBody)
    .update(']')
    .digest('hex');
  return (
    constantTimeEqual(signature.trim().toLowerCase(), expected) &&
    Math.abs(now - milliseconds(timestamp)) <= MAX_AGE_MS
  );
}

/**
 * What the key in a URL may mean. People append the secret as it is, while in a URL + stands for a space, & ends the key,
 * and % begins a code.
 */
function keysIn(url: string): string[] {
  const [, rest = ''] = /[?&]key=(.*)$/s.exec(url) ?? [];
  const [upToNext = ''] = rest.split('&');
  return [rest, upToNext].flatMap((key) => [key, decoded(key)]).filter(Boolean);
}

/** Crisp writes milliseconds; a number this small can only be seconds. */
function milliseconds(timestamp: string): number {
  const time = timestamp.trim() === '' ? Number.NaN : Number(timestamp);
  return time < 1e11 ? time * 1_000 : time;
}

/** Crisp nests no message this deep. */
const MAX_DEPTH = 20;

/** Reads a hook; undefined for anything that is not about a conversation. */
export function readCrispEvent(body: unknown): CrispEvent | undefined {
  const hook = fields(body);
  const data = fields(shallow(hook.data, MAX_DEPTH));
  const event = text(hook.event);
  const conversationId = idOrNull(data.session_id);
  if (event === '' || conversationId === null) return undefined;
  return {
    event,
    website_id: text(hook.website_id) || text(data.website_id),
    conversation_id: conversationId,
    text: typeof data.content === 'string' ? text(data.content) : answered(data.content),
    message_type: event.startsWith('message:')
      ? (textOrNull(data.type) ?? typeOf(data.content))
      : null,
    from: textOrNull(data.from),
    fingerprint: numberOrNull(data.fingerprint),
    automated: data.automated === true,
    name: textOrNull(fields(data.user).nickname),
    timestamp: numberOrNull(data.timestamp) ?? numberOrNull(hook.timestamp),
    data,
  };
}

/**
 * A key that identifies an event, the same each time it is delivered: website, conversation, fingerprint and event. A
 * change of a message, such as a tap on a choice, has the message's fingerprint each time, and other events have none,
 * so for these the content counts as well.
 */
export function eventKey(event: CrispEvent): string {
  const ids = [event.website_id, event.conversation_id, event.fingerprint, event.event];
  const isNewMessage = ['message:send', 'message:received'].includes(event.event);
  if (isNewMessage && event.fingerprint !== null) return JSON.stringify(ids);
  const content = JSON.stringify([event.timestamp, event.data]);
  return JSON.stringify([...ids, createHash('sha256').update(content).digest('base64')]);
}

/** The type of a message by its content, because a hook about a change names no type. */
function typeOf(content: unknown): string | null {
  if (typeof content === 'string') return 'text';
  const { choices, explain, value } = fields(content);
  if (Array.isArray(choices)) return 'picker';
  return explain === undefined && value === undefined ? null : 'field';
}

/** What a visitor filled in, or the labels of the choices that they tapped. */
function answered(content: unknown): string {
  const taken = takenIn(content).map(({ label, value }) => text(label) || text(value));
  return text(fields(content).value) || taken.join(', ');
}

/** The choices of a picker that are taken. */
function takenIn(content: unknown): Record<string, unknown>[] {
  const choices = list(fields(content).choices).map(fields);
  return choices.filter(({ selected }) => selected === true);
}

/** What a trigger can wait for of offers, which Crisp reports by events of messages. */
export const OFFER_EVENTS = { answered: 'offer:answered', seen: 'offer:seen' } as const;

/** What happened to a message of ours that may be an offer. */
export interface OfferReport {
  /** The message's fingerprint. */
  offer_message_id: string;
  choice?: { value: string; label: string };
  /** The visitor has read it. */
  seen?: true;
}

/**
 * What an event says of our messages, as far as a workflow waits for that. Crisp does not say who changed a message, so only ours
 * count: with one choice of a picker taken, which operators cannot do.
 */
export function offerReports(event: CrispEvent, wanted: Wanted): OfferReport[] {
  const waitsFor = (one: string) => wanted.events.includes(one);
  const isOwn = (fingerprint: unknown) =>
    isOwnFingerprint(numberOrNull(fingerprint) ?? 0, wanted.tokenKey);
  if (event.website_id !== wanted.websiteId) return [];
  // Crisp has two names for messages that were read, one for each side, and its sources disagree which is which. Ours are
  // read by the visitor.
  if (/^message:acknowledge:read(:|$)/.test(event.event) && waitsFor(OFFER_EVENTS.seen)) {
    const own = list(event.data.fingerprints).filter(isOwn);
    return own.map((one) => ({ offer_message_id: String(one), seen: true }));
  }
  if (event.event !== 'message:updated' || !waitsFor(OFFER_EVENTS.answered)) return [];
  const [taken, ...others] = takenIn(event.data.content);
  if (!taken || others.length > 0 || !isOwn(event.fingerprint)) return [];
  const choice = { value: text(taken.value), label: text(taken.label) };
  return [{ offer_message_id: String(event.fingerprint), choice }];
}

/** A key that identifies what is reported, the same each time it is reported; see {@link eventKey}. */
export function reportKey(event: CrispEvent, reports: readonly OfferReport[]): string {
  return JSON.stringify([event.website_id, event.conversation_id, 'offer', reports]);
}

/** Which events a workflow wants. */
export interface Wanted {
  events: readonly string[];
  messageTypes: readonly string[];
  /** A plugin's hooks report events of every website that installed the plugin. */
  websiteId: string;
  /** The token's key, which identifies our own messages. */
  tokenKey: string;
}

/**
 * Whether an event starts a workflow. Of messages, only the wanted types do, and only new ones by people: a bot that
 * answers bots never stops.
 */
export function startsWorkflow(event: CrispEvent, wanted: Wanted): boolean {
  if (!wanted.events.includes(event.event) || event.website_id !== wanted.websiteId) return false;
  if (!event.event.startsWith('message:')) return true;
  if (!isOfType(event, wanted.messageTypes) || isBlank(event)) return false;
  // A choice within a message of ours is the visitor's own word; texts are changed by operators.
  if (event.event === 'message:updated') return typeof event.data.content !== 'string';
  if (event.event === 'message:send' && !isFromChatbox(event)) return false;
  return !event.automated && !isOwnFingerprint(event.fingerprint ?? 0, wanted.tokenKey);
}

/** Types of messages that a visitor answers within the message itself. */
const ANSWERED = ['picker', 'field'];

/** Answers have an event of their own: if neither of these types is named, both are wanted. */
function isOfType({ event, message_type }: CrispEvent, types: readonly string[]): boolean {
  const type = message_type ?? '';
  if (types.includes(type)) return true;
  const namesNone = !ANSWERED.some((one) => types.includes(one));
  return event === 'message:updated' && namesNone && ANSWERED.includes(type);
}

/** Whether a message has nothing to answer: no words, choice or entry. Files and new questions have no words of their own. */
function isBlank({ event, message_type, text }: CrispEvent): boolean {
  const hasWords = event === 'message:updated' || ['text', 'note'].includes(message_type ?? '');
  return hasWords && /^[\s\p{Cc}\p{Cf}]*$/u.test(text);
}

/** Only the chatbox is certain to be a person on the site: a bot that answers emails may talk to another machine forever. */
function isFromChatbox({ from, data }: CrispEvent): boolean {
  return from === 'user' && (textOrNull(data.origin) ?? 'chat') === 'chat';
}
