import type { Clock } from '../clock';
import { fields, idOrNull, isObject, list, numberOrNull, text, textOrNull } from '../values';
import { ServiceError } from '../http/errors';
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

interface Teammate extends Admin {
  /** Whether they can answer in the inbox, and are not away. */
  isThere: boolean;
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
  metadata?: { quick_reply_options?: Array<{ uuid?: string }> } | null;
}

/** A conversation: the fields that are used here. Times are epoch seconds. A search returns no parts. */
export interface Conversation {
  id: string;
  created_at?: number;
  open?: boolean;
  state?: string;
  source?: {
    type?: string;
    id?: string;
    /** Who or what began it, such as `admin_initiated`. */
    delivered_as?: string;
    body?: string | null;
    author?: ConversationPart['author'];
  } | null;
  contacts?: { contacts?: Array<{ id: string; external_id?: string | null }> };
  /** Since when the contact has waited for an answer. */
  waiting_since?: number | null;
  admin_assignee_id?: number | null;
  conversation_parts?: { conversation_parts?: ConversationPart[] };
}

/** A person, a user or a lead. Times are epoch seconds. */
export interface Contact {
  id: string;
  role: string;
  external_id: string | null;
  last_seen_at: number | null;
  /** When they wrote last. */
  last_replied_at: number | null;
  /** They unsubscribed from emails, or marked one as spam. */
  isUnsubscribed: boolean;
  custom_attributes: Record<string, unknown>;
}

/** Which conversations of a contact to find: open ones, or those that an admin began. */
export type ConversationFilter = { open: true } | { startedBy: string };

/** A message that opens a conversation in the inbox, shown in the Messenger. */
export interface AdminMessage {
  admin_id: string;
  contact: Pick<Contact, 'id' | 'role'>;
  /** HTML. */
  body: string;
}

/** Something that happened to a contact. The team's own messages, workflows and tours can start on it. */
export interface DataEvent {
  event_name: string;
  contact: Pick<Contact, 'id' | 'external_id'>;
  /** Epoch seconds. Intercom ignores a second event of the same contact with the same name and time. */
  created_at: number;
  /** At most ten keys, not nested. */
  metadata: Record<string, string>;
}

/** The part of Intercom's REST API that is used here. All methods throw as {@link Service.call}. */
export interface IntercomApi {
  /** The admin that the access token belongs to, and the id of the workspace; null if Intercom does not name it. */
  me(): Promise<Admin & { workspace: string | null }>;
  admins(): Promise<Teammate[]>;
  /** Gets any one conversation, which shows whether the token may read them. */
  tryReading(): Promise<void>;
  conversation(conversationId: string): Promise<Conversation>;
  /**
   * Sends a reply, once: after no answer it may have landed all the same.
   * @param beforeSending see {@link CallOptions}
   */
  reply(
    conversationId: string,
    reply: AdminReply | QuickReply,
    beforeSending?: () => Promise<void>,
  ): Promise<Conversation>;
  /** @param yieldFor see {@link TurnOptions}. @throws TooBusyError */
  redactPart(conversationId: string, noteId: string, yieldFor?: number): Promise<void>;
  /** Deletes a conversation for everybody, for good. */
  deleteConversation(conversationId: string): Promise<void>;
  /** Null for a contact that there is not (any more). */
  contact(contactId: string): Promise<Contact | null>;
  /** The user with this id of the site's; null if there is none. Leads have no such id. */
  userByExternalId(externalId: string): Promise<Contact | null>;
  /** Users and leads. A new contact is found minutes later. */
  contactsByEmail(email: string): Promise<Contact[]>;
  /** A contact's conversations, without their parts. A new conversation is found a while later. */
  conversationsOf(contactId: string, filter: ConversationFilter): Promise<Conversation[]>;
  /**
   * Sends a message, once: after no answer it may have landed all the same.
   * @param beforeSending see {@link CallOptions}
   * @returns its id, which is that of the conversation's source; and the conversation, null if Intercom does not name it
   */
  message(
    message: AdminMessage,
    beforeSending?: () => Promise<void>,
  ): Promise<{ id: string; conversation_id: string | null }>;
  /** Reports an event. Intercom drops repetitions, so it is repeated where its outcome is unknown. */
  event(event: DataEvent, beforeSending?: () => Promise<void>): Promise<void>;
}

/** An option of a quick reply. A tap on it comes back as the contact's reply, with the UUID in its metadata. */
export interface ReplyOption {
  text: string;
  uuid: string;
}

export interface AdminReply {
  message_type: 'note' | 'comment';
  admin_id: string;
  /** HTML. */
  body: string;
}

/** Options to tap, below what was said before. Intercom documents no text for them, and may refuse one. */
export interface QuickReply {
  message_type: 'quick_reply';
  admin_id: string;
  reply_options: readonly ReplyOption[];
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
      return (admins ?? []).map(readTeammate);
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
    async deleteConversation(conversationId) {
      // Repeatable: once deleted, it is not found.
      await call('DELETE', `/conversations/${path(conversationId)}`);
    },
    async contact(contactId) {
      return await orNull(contactAt(`/contacts/${path(contactId)}`));
    },
    async userByExternalId(externalId) {
      // Dots alone would make this the address of something else.
      if (externalId.replaceAll('.', '') === '') return null;
      return await orNull(contactAt(`/contacts/find_by_external_id/${path(externalId)}`));
    },
    async contactsByEmail(email) {
      const found = await search('contacts', { field: 'email', operator: '=', value: email });
      return list(found.data).map(readContact);
    },
    async conversationsOf(contactId, filter) {
      const conditions = [
        { field: 'contact_ids', operator: '=', value: contactId },
        'open' in filter
          ? { field: 'open', operator: '=', value: true }
          : { field: 'source.author.id', operator: '=', value: filter.startedBy },
      ];
      const query = { operator: 'AND', value: conditions };
      const found = await search('conversations', query);
      return list(found.conversations).filter(isObject) as unknown as Conversation[];
    },
    async message({ admin_id, contact, body }, beforeSending) {
      const from = { type: 'admin', id: Number(admin_id) };
      const to = { type: contact.role === 'lead' ? 'lead' : 'user', id: contact.id };
      const options = { repeatable: false, beforeSending, isAnswer: isObject };
      const message = { body, from, to, create_conversation_without_contact_reply: true };
      const send = (message_type: string) =>
        call('POST', '/messages', { message_type, ...message }, options);
      // The description of the API has both names. A message that was refused was not sent.
      const sent = fields(
        await send('in_app').catch((error: unknown) => {
          if (!isOfBadRequest(error)) throw error;
          return send('inapp');
        }),
      );
      return { id: text(sent.id), conversation_id: idOrNull(sent.conversation_id) };
    },
    async event({ contact: { id, external_id }, ...event }, beforeSending) {
      const whose = external_id === null ? { id } : { user_id: external_id };
      // The answer has no body.
      await call('POST', '/events', { ...event, ...whose }, { beforeSending });
    },
  };

  async function contactAt(url: string): Promise<Contact> {
    const isAnswer = (body: unknown) => idOrNull(fields(body).id) !== null;
    return readContact(await call('GET', url, undefined, { isAnswer }));
  }

  async function search(what: 'contacts' | 'conversations', query: object) {
    const body = { query, pagination: { per_page: MOST_FOUND } };
    const name = what === 'contacts' ? 'data' : what;
    const isAnswer = (answer: unknown) => Array.isArray(fields(answer)[name]);
    return fields(await call('POST', `/${what}/search`, body, { isAnswer }));
  }
}

/** How many contacts or conversations are looked at. One person has fewer. */
const MOST_FOUND = 50;

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  return await found.catch((error: unknown) => {
    if (error instanceof ServiceError && error.status === 404) return null;
    throw error;
  });
}

function isOfBadRequest(error: unknown): boolean {
  return error instanceof ServiceError && [400, 422].includes(error.status);
}

const path = encodeURIComponent;

function readAdmin(value: unknown): Admin {
  const { id, name, email } = fields(value);
  return { id: text(id), name: text(name), email: text(email) };
}

function readTeammate(value: unknown): Teammate {
  const { has_inbox_seat, away_mode_enabled } = fields(value);
  const isThere = has_inbox_seat !== false && away_mode_enabled !== true;
  return { ...readAdmin(value), isThere };
}

function readContact(value: unknown): Contact {
  const contact = fields(value);
  return {
    id: text(contact.id),
    role: text(contact.role),
    external_id: textOrNull(contact.external_id),
    last_seen_at: numberOrNull(contact.last_seen_at),
    last_replied_at: numberOrNull(contact.last_replied_at),
    isUnsubscribed:
      contact.unsubscribed_from_emails === true || contact.marked_email_as_spam === true,
    custom_attributes: fields(contact.custom_attributes),
  };
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
