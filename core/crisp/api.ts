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
import { fields, isObject, list, numberOrNull, shallow, text } from '../values';
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
    message: NewMessage,
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
  /** Whether the conversation contains a message with this fingerprint. */
  hasMessage(conversationId: string, fingerprint: number): Promise<boolean>;
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
  verification(conversationId: string): Promise<{ visitor: VisitorMeta; isVerified: boolean }>;
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
    { user, ...message }: NewMessage,
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
    async hasMessage(conversationId, fingerprint) {
      try {
        await call('GET', conversationId, `/message/${fingerprint}`, { isAnswer: isObject });
        return true;
      } catch (error) {
        if (error instanceof ServiceError && error.status === 404) return false;
        throw error;
      }
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
      const { meta, is_verified, verifications } = fields(await call('GET', conversationId, ''));
      // Crisp may list what was verified, which may be something else than the address, which any visitor can type.
      const isOfEmail =
        (verifications ?? null) === null || list(verifications).map(fields).some(isEmail);
      return { visitor: visitorOf(meta), isVerified: is_verified === true && isOfEmail };
    },
  };
}

function fingerprintOf(sent: unknown, { fingerprint }: NewMessage): number {
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
