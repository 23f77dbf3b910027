import type { Clock } from '../clock';
import { fields, idOrNull, isObject } from '../values';
import type { Budget, Pace } from '../http/pace';
import {
  createService,
  type CallOptions,
  type Send,
  type ServiceOptions,
  type ServiceRequest,
  type ServiceResponse,
} from '../http/service';
import { intercom } from './product';

/** The API version that this client was written for. A pinned version keeps its answers the same for years. */
const INTERCOM_VERSION = '2.14';

interface Admin {
  id: string;
  name: string;
  email: string;
}

/** One entry of a conversation: the fields that are used here. */
export interface ConversationPart {
  id: string;
  part_type: string;
  /** HTML; null or '' if it has none. */
  body: string | null;
  /** Epoch seconds. */
  created_at: number;
  author: { type: string; id: string };
  redacted?: boolean;
}

export interface Conversation {
  id: string;
  conversation_parts?: { conversation_parts?: ConversationPart[] };
}

/** The part of Intercom's REST API that is used here. All methods throw as {@link Service.call}. */
export interface IntercomApi {
  /** The admin that the access token belongs to, and the id of the workspace; null if Intercom does not name it. */
  me(): Promise<Admin & { workspace: string | null }>;
  admins(): Promise<Admin[]>;
  /** Gets any one conversation, which shows whether the token may read them. */
  tryReading(): Promise<void>;
  conversation(conversationId: string): Promise<Conversation>;
  /**
   * Sends a reply, once: after no answer it may have landed all the same.
   * @param beforeSending see {@link CallOptions}
   */
  reply(
    conversationId: string,
    reply: AdminReply,
    beforeSending?: () => Promise<void>,
  ): Promise<Conversation>;
  /** @param yieldFor see {@link TurnOptions}. @throws TooBusyError */
  redactPart(conversationId: string, noteId: string, yieldFor?: number): Promise<void>;
}

export interface AdminReply {
  message_type: 'note' | 'comment';
  admin_id: string;
  /** HTML. */
  body: string;
}

/** What a client is made of. */
export interface IntercomApiOptions {
  /** Without a slash at the end. */
  baseUrl: string;
  /** Adds the access token. */
  send: Send;
  pace: Pace;
  clock: Clock;
  random: () => number;
  isAway?: ServiceOptions['isAway'];
  /** See {@link ServiceOptions}. */
  attempts?: number;
}

/** One call of the API, repeatable unless the options say otherwise. Throws as {@link Service.call}. */
export type IntercomCall = (
  method: ServiceRequest['method'],
  path: string,
  body?: unknown,
  options?: Partial<CallOptions>,
) => Promise<unknown>;

/** @param version of the API whose answers the caller reads */
export function createIntercomCall(
  { baseUrl, ...rest }: IntercomApiOptions,
  version: string,
): IntercomCall {
  const service = createService({ name: intercom.name, readError, readBudget, ...rest });
  const headers = { Accept: 'application/json', 'Intercom-Version': version };
  return async (method, path, body, options) => {
    const request = { method, url: baseUrl + path, headers, body };
    return await service.call(request, { repeatable: true, ...options });
  };
}

export function createIntercomApi(options: IntercomApiOptions): IntercomApi {
  const call = createIntercomCall(options, INTERCOM_VERSION);

  return {
    async me() {
      const me = fields(await call('GET', '/me'));
      return { ...readAdmin(me), workspace: idOrNull(fields(me.app).id_code) };
    },
    async admins() {
      const { admins } = (await call('GET', '/admins')) as { admins?: unknown[] };
      return (admins ?? []).map(readAdmin);
    },
    async tryReading() {
      await call('GET', '/conversations?per_page=1');
    },
    async conversation(conversationId) {
      const options = { isAnswer: hasParts };
      const url = `/conversations/${path(conversationId)}`;
      return (await call('GET', url, undefined, options)) as Conversation;
    },
    async reply(conversationId, reply, beforeSending) {
      const options = { repeatable: false, beforeSending, isAnswer: isObject };
      const url = `/conversations/${path(conversationId)}/reply`;
      return (await call('POST', url, { ...reply, type: 'admin' }, options)) as Conversation;
    },
    async redactPart(conversationId, noteId, yieldFor) {
      // Repeatable: a part that is redacted already stays so.
      const part = {
        type: 'conversation_part',
        conversation_id: conversationId,
        conversation_part_id: noteId,
      };
      await call('POST', '/conversations/redact', part, { yieldFor });
    },
  };
}

const path = encodeURIComponent;

function readAdmin(value: unknown): Admin {
  const { id, name, email } = (value ?? {}) as Partial<Record<keyof Admin, unknown>>;
  return { id: String(id ?? ''), name: String(name ?? ''), email: String(email ?? '') };
}

/** An answer without a list of parts is no conversation without parts. */
function hasParts(body: unknown): boolean {
  return Array.isArray(fields(fields(body).conversation_parts).conversation_parts);
}

/** `{"type":"error.list","errors":[{code,message}]}` */
function readError(body: unknown): { code: string; message: string } {
  const { errors } = (body ?? {}) as { errors?: Array<{ code?: unknown; message?: unknown }> };
  const first = Array.isArray(errors) ? errors[0] : undefined;
  return { code: String(first?.code ?? ''), message: String(first?.message ?? '') };
}

/** Intercom divides its limit into windows of this length. */
const WINDOW_MS = 10_000;

/** What is left of the current window, by the headers. */
function readBudget({ headers }: ServiceResponse): Budget | undefined {
  const number = (name: string) => Number(headers[name] ?? Number.NaN);
  const limit = number('x-ratelimit-limit');
  const remaining = number('x-ratelimit-remaining');
  const resetAt = number('x-ratelimit-reset') * 1_000;
  if (!(limit > 0) || !Number.isFinite(remaining) || !Number.isFinite(resetAt)) return undefined;
  return { limit, remaining, resetAt, windowMs: WINDOW_MS };
}
