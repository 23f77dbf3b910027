import { createServer } from 'node:http';

import { type Clock, systemClock } from '../../core/clock';
import { createFaults, type Faults, type Latency } from '../http/faults';
import { type CarryOut, createHandler } from '../http/handler';
import { createJournal } from '../http/journal';
import { type Address, closeServer, listenOn } from '../http/listen';
import { bearerToken } from '../http/messages';
import { type Random, createRandom } from '../random';
import { type Acts, createActs } from './acts';
import type { Workspace } from './call';
import { checkRequest } from './checks';
import { type Connectors, createConnectorStore } from './connectors';
import type { ContactChanges } from './contacts';
import { apiError } from './errors';
import { type Journal, type Mutation, mutationOf } from './journal';
import { createManners } from './manners';
import { type Quirks, QUIRKS } from './quirks';
import { createRateLimit } from './rateLimit';
import type { Admin, Contact, Conversation, DataEvent, Outreach, Snapshot } from './records';
import { route } from './routes';
import { type Change, createStore, type NewContact } from './store';
import type { OfficeHours } from './teamRoutes';
import { USUAL_VERSION } from './versions';
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
  /** By default what is most probable. */
  quirks?: Partial<Quirks>;
  clock?: Clock;
  random?: Random;
}

export interface IntercomSimulator extends Acts {
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
  faults: Faults;
  webhooks: Webhooks;
  journal: Journal;
  setLatency(latency: Latency): void;
  /** What Intercom does where that is not certain. Changes take effect at once. */
  quirks: Quirks;
  setOfficeHours(hours: readonly OfficeHours[]): void;
  /** Switches an admin's away mode. */
  setAway(adminId: string, isAway: boolean): void;
  /** The messages that no contact has answered yet, oldest first. */
  messages(): Outreach[];
  /** The data events, each repetition left out. */
  events(): readonly DataEvent[];
  addContact(contact: NewContact): Contact;
  /** Changes a contact, such as that they unsubscribed. @throws ApiError 404 */
  changeContact(id: string, changes: ContactChanges): Contact;
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

  const quirks: Quirks = { ...QUIRKS, ...options.quirks };
  let officeHours: readonly OfficeHours[] = [];

  const store = createStore(clock, admins, quirks, (change) => {
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
    quirks,
    contactOf: ({ conversation }) => store.contacts.contact(conversation.contactId),
  });

  const carryOut: CarryOut = (request, rawBody, query) => {
    const token = bearerToken(request);
    if (token === undefined) throw apiError(401, 'unauthorized', 'Access Token Invalid');
    if (token !== accessToken) throw apiError(401, 'token_not_found', 'Access Token Invalid');
    const body = checkRequest(request, rawBody, query, noteViolation);
    const { handle, id } = route(request.method, request.path);
    const version = String(request.headers['intercom-version'] ?? USUAL_VERSION);
    return handle({
      ...{ store, connectors, workspace, random, quirks, officeHours },
      ...{ version, body, query, id },
    });
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
    quirks,
    setOfficeHours: (hours) => void (officeHours = hours),
    setAway: store.setAway,
    messages: store.outreach.messages,
    events: store.outreach.events,
    ...createActs(store, admins, quirks),
    addContact: store.contacts.add,
    changeContact: store.contacts.change,
    findContact: store.contacts.find,
    contact: store.contacts.contact,
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
