import type { Clock } from '../clock';
import { ServiceError } from '../http/errors';
import type { Pace } from '../http/pace';
import {
  createService,
  type CallOptions,
  type Send,
  type ServiceOptions,
  type ServiceRequest,
} from '../http/service';
import {
  fields,
  idOrNull,
  isObject,
  list,
  numberOrNull,
  shallow,
  text,
  textOrNull,
} from '../values';
import { crisp } from './product';

/** A message to send; a note is one that only operators see. */
export interface NewMessage {
  type: 'text' | 'note';
  /** Plain text, in which Crisp renders a little Markdown. */
  content: string;
  /** The message's id, chosen by its sender. */
  fingerprint: number;
  /** Whether a bot wrote it. */
  automated: boolean;
  /** The author that Crisp shows; the website if left out. */
  user?: { nickname?: string; avatar?: string };
}

/** A question with choices to tap. A tap comes back as a change of the message. */
export interface Picker {
  /** The sender's own. */
  id: string;
  /** As in {@link NewMessage.content}. */
  text: string;
  /** Whether the visitor has to choose before they can write. */
  required: boolean;
  choices: Array<{ value: string; label: string; selected: boolean }>;
}

/** A picker to send. */
export interface NewPicker extends Omit<NewMessage, 'type' | 'content'> {
  type: 'picker';
  content: Picker;
}

/** A message as Crisp lists it, as far as it matters here. */
export interface ConversationMessage {
  type: string;
  from: string;
  /** A string for texts and notes. */
  content: unknown;
  fingerprint: number;
  /** Epoch milliseconds. */
  timestamp: number;
  /** Whether a bot wrote it. */
  automated?: boolean;
}

/** What Crisp knows about a visitor. */
export interface VisitorMeta {
  nickname: string;
  email: string;
  phone: string;
  /** The session data that the site has set. */
  data: Record<string, unknown>;
  segments: string[];
}

/** A conversation. A visitor's session becomes one when the visitor or the team writes in it, or initiates it. */
export interface CrispConversation {
  state: string;
  isBlocked: boolean;
  /** Whether Crisp has verified the visitor's email address, not just a phone number. */
  isVerified: boolean;
  /** Whether the visitor is on the site; null if Crisp does not say so. */
  isOnline: boolean | null;
  isTyping: boolean;
  /** Whether an operator has it. */
  isAssigned: boolean;
  visitor: VisitorMeta;
}

/** A visitor who is on the site. */
export interface OnlineVisitor {
  session_id: string;
  email: string;
  /** Whether they look at the page. */
  active: boolean;
}

/**
 * The part of Crisp's REST API (v1) that is used here, for one website. Crisp calls a conversation a
 * session. All methods throw as {@link Service.call}.
 */
export interface CrispApi {
  /** Gets the website, which shows whether the token is valid for it. */
  tryWebsite(): Promise<void>;
  /** Gets the latest conversations, which shows whether the token may read any. */
  tryReading(): Promise<void>;
  /**
   * Sends a message, once: after no answer it may have landed all the same.
   * @param beforeSending see {@link CallOptions}
   * @returns its fingerprint
   */
  send(
    conversationId: string,
    message: NewMessage | NewPicker,
    beforeSending?: () => Promise<void>,
  ): Promise<number>;
  /**
   * As {@link send}, for a message that may be superfluous by the time of its turn.
   * @param isStillWanted see {@link CallOptions}
   * @returns undefined when it was not wanted any more
   */
  sendIfWanted(
    conversationId: string,
    message: NewMessage,
    isStillWanted: () => boolean,
  ): Promise<number | undefined>;
  /** The latest messages, or the latest before a time (epoch milliseconds); notes included. */
  messages(conversationId: string, before?: number): Promise<ConversationMessage[]>;
  /** The message with this fingerprint; null if the conversation does not contain it. */
  message(conversationId: string, fingerprint: number): Promise<ConversationMessage | null>;
  /**
   * @param yieldFor see {@link TurnOptions}
   * @throws TooBusyError; Error for a text that is no fingerprint
   */
  removeMessage(conversationId: string, fingerprint: string, yieldFor?: number): Promise<void>;
  /**
   * Shows or ends the typing indicator. Showing it is tried once, because a late one would delay the answer. Ending it
   * waits when Crisp asks for that, because otherwise the indicator would stay.
   */
  compose(conversationId: string, type: 'start' | 'stop'): Promise<void>;
  visitor(conversationId: string): Promise<VisitorMeta>;
  /**
   * The visitor, and whether Crisp has verified their email address, not just a phone number. One call returns both:
   * between two calls, the visitor could replace the verified address by another one.
   */
  verification(conversationId: string): Promise<Pick<CrispConversation, 'visitor' | 'isVerified'>>;
  /** Null for a session that is no conversation (yet). */
  conversation(sessionId: string): Promise<CrispConversation | null>;
  /**
   * Makes a conversation of a visitor's session, so that a message can be sent. It may be one already.
   * @param beforeSending see {@link CallOptions}
   */
  initiate(sessionId: string, beforeSending?: () => Promise<void>): Promise<void>;
  /** The session of a visitor to whom the site has given this token; null if there is none. */
  sessionOfToken(token: string): Promise<string | null>;
  /** A page of the visitors who are on the site. @param page from 1; an empty one ends the list */
  visitors(page: number): Promise<OnlineVisitor[]>;
  /** Whether the website shows visitors that the team is there. */
  isStaffed(): Promise<boolean>;
}

/** What the client is made of. */
interface CrispApiOptions {
  /** With `/v1`, without a slash at the end. */
  baseUrl: string;
  websiteId: string;
  /** Adds the token and its tier. */
  send: Send;
  pace: Pace;
  clock: Clock;
  random: () => number;
  isAway?: ServiceOptions['isAway'];
  /** See {@link ServiceOptions}. */
  attempts?: number;
}

export function createCrispApi({ baseUrl, websiteId, ...rest }: CrispApiOptions): CrispApi {
  const service = createService({ name: crisp.name, readError, isRefusal, ...rest });

  async function callWebsite(
    method: ServiceRequest['method'],
    path: string,
    body?: unknown,
    options: Partial<CallOptions> = {},
  ): Promise<unknown> {
    const url = `${baseUrl}/website/${encodeURIComponent(websiteId)}${path}`;
    const headers = { Accept: 'application/json' };
    const request = { method, url, headers, body };
    const answer = await service.call(request, { repeatable: true, ...options });
    return fields(answer).data;
  }

  async function call(
    method: ServiceRequest['method'],
    conversationId: string,
    path: string,
    { body, ...options }: Partial<CallOptions> & { body?: unknown } = {},
  ): Promise<unknown> {
    const conversation = `/conversation/${encodeURIComponent(conversationId)}`;
    return await callWebsite(method, conversation + path, body, options);
  }

  const post = async (
    conversationId: string,
    { user, ...message }: NewMessage | NewPicker,
    options: Partial<CallOptions>,
  ) => {
    const author = user && { user: { type: 'participant', ...user } };
    const body = { ...message, from: 'operator', origin: 'chat', ...author };
    const once = { body, repeatable: false, isAnswer: isObject, ...options };
    return await call('POST', conversationId, '/message', once);
  };

  return {
    async tryWebsite() {
      await callWebsite('GET', '');
    },
    async tryReading() {
      await callWebsite('GET', '/conversations/1');
    },
    async send(conversationId, message, beforeSending) {
      const sent = await post(conversationId, message, { beforeSending });
      return fingerprintOf(sent, message);
    },
    async sendIfWanted(conversationId, message, isStillWanted) {
      // Remembered here, because an answer may have no data either.
      let isWanted = true;
      const ask = () => (isWanted = isStillWanted());
      const sent = await post(conversationId, message, { isStillWanted: ask });
      return isWanted ? fingerprintOf(sent, message) : undefined;
    },
    async messages(conversationId, before) {
      const query = before === undefined ? '' : `?timestamp_before=${Math.floor(before)}`;
      // An answer without a list is no empty conversation.
      const isAnswer = (answer: unknown) => Array.isArray(fields(answer).data);
      const listed = await call('GET', conversationId, `/messages${query}`, { isAnswer });
      return list(listed).filter(isObject) as unknown as ConversationMessage[];
    },
    async message(conversationId, fingerprint) {
      const reading = call('GET', conversationId, `/message/${fingerprint}`, {
        isAnswer: isObject,
      });
      const found = await orNull(reading);
      return found === null ? null : (fields(found) as unknown as ConversationMessage);
    },
    async removeMessage(conversationId, fingerprint, yieldFor) {
      // An empty text or dots would make this the address of something else, even of the conversation.
      if (!/^\d+$/.test(fingerprint)) throw new Error(`Crisp has no message "${fingerprint}"`);
      // Repeatable: a message that is removed already stays so.
      await call('DELETE', conversationId, `/message/${fingerprint}`, { yieldFor });
    },
    async compose(conversationId, type) {
      const body = { type, from: 'operator' };
      const patient = type === 'stop';
      await call('PATCH', conversationId, '/compose', { body, repeatable: false, patient });
    },
    async visitor(conversationId) {
      return visitorOf(await call('GET', conversationId, '/meta'));
    },
    async verification(conversationId) {
      return conversationOf(await call('GET', conversationId, ''));
    },
    async conversation(sessionId) {
      const isAnswer = (answer: unknown) => isObject(fields(answer).data);
      const reading = call('GET', sessionId, '', { isAnswer }).then(conversationOf);
      return await orNull(reading, crisp.goneCodes);
    },
    async initiate(sessionId, beforeSending) {
      // Repeatable: a session that is a conversation already stays one.
      await call('POST', sessionId, '/initiate', { body: {}, beforeSending });
    },
    async sessionOfToken(token) {
      // Dots alone would make this the address of something else.
      if (/^\.+$/.test(token)) return null;
      const path = `/visitors/token/${encodeURIComponent(token)}`;
      return idOrNull(fields(await orNull(callWebsite('GET', path))).session_id);
    },
    async visitors(page) {
      const isAnswer = (answer: unknown) => Array.isArray(fields(answer).data);
      const listed = await callWebsite('GET', `/visitors/list/${page}`, undefined, { isAnswer });
      return list(listed).map((one) => {
        const { session_id, email, active } = fields(one);
        return { session_id: text(session_id), email: text(email), active: active === true };
      });
    },
    async isStaffed() {
      return fields(await callWebsite('GET', '/availability/status')).status !== 'offline';
    },
  };
}

/** @param codes the codes that mean there is none; by default, every 404 does */
async function orNull<T>(found: Promise<T>, codes?: readonly string[]): Promise<T | null> {
  return await found.catch((error: unknown) => {
    const isMissing =
      error instanceof ServiceError && (codes ? codes.includes(error.code) : error.status === 404);
    if (isMissing) return null;
    throw error;
  });
}

function conversationOf(value: unknown): CrispConversation {
  const conversation = fields(value);
  const { is_verified, verifications, availability, active, assigned, compose } = conversation;
  // Crisp may list what was verified, which may be something else than the address, which any visitor can type.
  const isOfEmail =
    (verifications ?? null) === null || list(verifications).map(fields).some(isEmail);
  return {
    state: text(conversation.state),
    isBlocked: conversation.is_blocked === true,
    isVerified: is_verified === true && isOfEmail,
    isOnline: onlineBy(text(availability), fields(active).now),
    isTyping: fields(fields(compose).visitor).type === 'start',
    isAssigned: textOrNull(fields(assigned).user_id) !== null,
    visitor: visitorOf(conversation.meta),
  };
}

/** By the availability if there is one, because a visitor who looks at another tab is on the site all the same. */
function onlineBy(availability: string, isActive: unknown): boolean | null {
  if (availability === 'online' || availability === 'offline') return availability === 'online';
  return typeof isActive === 'boolean' ? isActive : null;
}

function fingerprintOf(sent: unknown, { fingerprint }: NewMessage | NewPicker): number {
  return numberOrNull(fields(sent).fingerprint) ?? fingerprint;
}

const isEmail = ({ identity }: Record<string, unknown>) => identity === 'email';

/** Session data are flat. Of data that a site has nested, this many levels are kept. */
const MAX_DEPTH = 20;

function visitorOf(value: unknown): VisitorMeta {
  const meta = fields(value);
  return {
    nickname: text(meta.nickname),
    email: text(meta.email),
    phone: text(meta.phone),
    data: fields(shallow(meta.data, MAX_DEPTH)),
    segments: list(meta.segments).map(text),
  };
}

/** `{"error":true,"reason":"invalid_data","data":{"message":"…"}}` */
function readError(body: unknown): { code: string; message: string } {
  const { reason, data } = fields(body);
  const code = text(reason);
  return { code, message: text(fields(data).message) || code };
}

/** Crisp has been seen to refuse with status 200. */
function isRefusal(body: unknown): boolean {
  return fields(body).error === true;
}
