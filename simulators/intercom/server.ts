import { createServer } from 'node:http';

import { type Clock, systemClock } from '../../core/clock';
import { createFaults, type Faults, type Latency } from '../http/faults';
import { type CarryOut, createHandler } from '../http/handler';
import { createJournal } from '../http/journal';
import { type Address, closeServer, listenOn } from '../http/listen';
import { bearerToken } from '../http/messages';
import { type Random, createRandom } from '../random';
import type { Workspace } from './call';
import { type Beginning, refOf, sourceOf } from './beginnings';
import { checkRequest } from './checks';
import { type Connectors, createConnectorStore } from './connectors';
import { apiError } from './errors';
import { escapeHtml, textToHtml } from './html';
import { type Journal, type Mutation, mutationOf } from './journal';
import { createManners } from './manners';
import { createRateLimit } from './rateLimit';
import type { Admin, Contact, Conversation, Part, Snapshot } from './records';
import { adminAuthor } from './reply';
import { route } from './routes';
import { authorOf, type Change, createStore, type NewContact } from './store';
import { createWebhooks, type Webhooks } from './webhooks';

export interface IntercomOptions {
  accessToken: string;
  /** The token's own admin first. Default: one. */
  admins?: readonly Admin[];
  workspace?: Workspace;
  /** Requests a minute, spread over 10 s windows. Default 10 000; false lifts the limit. */
  rateLimit?: number | false;
  latency?: Latency;
  /** Entries kept of each kind in the journal. Default 10 000. */
  journalSize?: number;
  /** How long a webhook waits for its answer, in milliseconds; by default as long as Intercom does. */
  hookPatienceMs?: number | undefined;
  clock?: Clock;
  random?: Random;
}

/** How a visitor opens a conversation, if not by a message in the messenger. */
interface Opening {
  /** By email, with this subject. */
  subject?: string;
  /** By a ticket's form. */
  ticket?: boolean;
  /** The conversation's id. Default: the next one. */
  id?: string;
}

/** How a visitor replies, if not the first one in words. */
export interface Reply {
  /** Another contact, who joins the conversation. */
  by?: NewContact;
  /** The option of a quick reply that was tapped. */
  quickReply?: string;
}

export interface IntercomSimulator {
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
  faults: Faults;
  webhooks: Webhooks;
  journal: Journal;
  setLatency(latency: Latency): void;
  /** A visitor opens a conversation in the messenger; an unknown one becomes a contact. */
  visitorStarts(visitor: NewContact & { text: string } & Opening): Conversation;
  /** The workspace writes to a visitor first. */
  teamStarts(visitor: NewContact & { text: string; as: Beginning }): Conversation;
  /** The conversation's visitor writes again. */
  visitorReplies(conversationId: string, text: string, how?: Reply): Part;
  /** A teammate writes a note in Intercom's own inbox. */
  adminNotes(conversationId: string, adminId: string, text: string): Part;
  /** A teammate writes to the visitor, or changes the conversation's state, which says nothing. */
  adminDoes(
    conversationId: string,
    adminId: string,
    does: Exclude<Part['part_type'], 'note'>,
    text?: string,
  ): Part;
  addContact(contact: NewContact): Contact;
  /** By external id, else by email. */
  findContact(who: NewContact): Contact | undefined;
  contact(id: string): Contact;
  /** Latest activity first. */
  conversations(): Conversation[];
  /** Parts oldest first. @throws ApiError 404 for an unknown one */
  conversation(id: string): Conversation;
  /** The workspace's data connectors, and what people do with them. */
  connectors: Connectors;
  /** Calls the listener after each change; returns a function that ends this. */
  onChange(listener: (change: Change) => void): () => void;
  snapshot(): Snapshot;
  /** Replaces all contacts, conversations and data connectors. */
  restore(snapshot: Snapshot): void;
}

const ONE_ADMIN: Admin = {
  id: '9912674',
  name: 'Autoplay',
  email: 'autoplay@northwindboards.example',
};
const WORKSPACE: Workspace = { id: 'nwboards', name: 'Northwind Boards' };

/** Intercom's REST API, as far as conversations, contacts and data connectors go, and its webhooks. */
export function createIntercomSimulator(options: IntercomOptions): IntercomSimulator {
  const { accessToken, admins = [ONE_ADMIN], workspace = WORKSPACE } = options;
  const { clock = systemClock, random = createRandom(1), journalSize = 10_000 } = options;
  const faults = createFaults();
  const listeners = new Set<(change: Change) => void>();
  const { journal, noteMutation, noteRequest, noteViolation } =
    createJournal<Mutation>(journalSize);
  let latency: Latency = options.latency ?? 0;

  const store = createStore(clock, admins, (change) => {
    const mutation = mutationOf(change, clock.now());
    if (mutation) noteMutation(mutation);
    notify(change);
    listeners.forEach((listener) => listener(change));
  });
  const connectors = createConnectorStore(clock, (admins[0] ?? ONE_ADMIN).id);
  const { webhooks, notify, stop } = createWebhooks({
    clock,
    random,
    workspaceId: workspace.id,
    patienceMs: options.hookPatienceMs,
    contactOf: ({ conversation }) => store.contact(conversation.contactId),
  });

  const contactFor = (visitor: NewContact): Contact =>
    store.findContact(visitor) ?? store.addContact(visitor);

  const carryOut: CarryOut = (request, rawBody, query) => {
    const token = bearerToken(request);
    if (token === undefined) throw apiError(401, 'unauthorized', 'Access Token Invalid');
    if (token !== accessToken) throw apiError(401, 'token_not_found', 'Access Token Invalid');
    const body = checkRequest(request, rawBody, query, noteViolation);
    const { handle, id } = route(request.method, request.path);
    return handle({ store, connectors, workspace, random, body, query, id });
  };
  const answer = createHandler({
    faults,
    manners: createManners(createRateLimit(options.rateLimit ?? 10_000, clock)),
    latency: () => latency,
    carryOut,
    noteRequest,
    clock,
    random,
  });

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });

  return {
    listen: (port = 0, host = '127.0.0.1') =>
      listenOn(server, { service: 'Intercom', variable: 'INTERCOM_PORT', host, port }),
    close() {
      stop();
      return closeServer(server);
    },
    faults,
    webhooks,
    journal,
    setLatency: (next) => void (latency = next),
    visitorStarts({ text, subject, ticket, id, ...visitor }) {
      const more = subject === undefined ? {} : { type: 'email' as const, subject };
      return store.start(contactFor(visitor), text, more, ticket, id);
    },
    teamStarts({ text, as, ...visitor }) {
      const admin = { type: 'admin' as const, ...(store.admins.at(-1) ?? ONE_ADMIN) };
      return store.start(contactFor(visitor), text, sourceOf(as, admin));
    },
    visitorReplies(conversationId, text, { by, quickReply } = {}) {
      const conversation = store.conversation(conversationId);
      const contact = by ? contactFor(by) : store.contact(conversation.contactId);
      const { contactId, joined = [] } = conversation;
      const isThere = [contactId, ...joined.map(({ id }) => id)].includes(contact.id);
      if (!isThere) conversation.joined = [...joined, refOf(contact)];
      const metadata = quickReply === undefined ? undefined : { quick_reply_uuid: quickReply };
      return store.addPart(conversation, 'comment', authorOf(contact), escapeHtml(text), metadata);
    },
    adminNotes(conversationId, adminId, text) {
      const author = adminAuthor(store, { admin_id: adminId });
      return store.addPart(store.conversation(conversationId), 'note', author, textToHtml(text));
    },
    adminDoes(conversationId, adminId, does, text = '') {
      const author = adminAuthor(store, { admin_id: adminId });
      return store.addPart(store.conversation(conversationId), does, author, textToHtml(text));
    },
    addContact: store.addContact,
    findContact: store.findContact,
    contact: store.contact,
    conversations: store.conversations,
    conversation: store.conversation,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connectors,
    snapshot: () => ({ ...store.snapshot(), connectors: connectors.snapshot() }),
    restore(snapshot) {
      store.restore(snapshot);
      connectors.restore(snapshot.connectors ?? []);
    },
  };
}
