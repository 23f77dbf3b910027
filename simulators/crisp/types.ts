import type { Faults, Latency } from '../http/faults';
import type { Address } from '../http/listen';
import type { Journal } from './journal';

export type MessageType =
  'text' | 'note' | 'file' | 'animation' | 'audio' | 'picker' | 'field' | 'carousel' | 'event';

export interface Message {
  fingerprint: number;
  session_id: string;
  website_id: string;
  type: MessageType;
  from: 'user' | 'operator';
  origin: string;
  /** A string for a text and a note; for the other types an object of theirs. */
  content: unknown;
  /** Epoch milliseconds, as everywhere in the API. */
  timestamp: number;
  user: { type?: string; user_id?: string; nickname?: string; avatar?: string };
  automated: boolean;
  edited: boolean;
  stamped: boolean;
  /** Taken away by DELETE; the API does not show it any more, the inbox shows that something stood there. */
  removed?: boolean;
}

export type State = 'pending' | 'unresolved' | 'resolved';

/** What the site's snippet may put into the chat, for operators and the API to see. */
export type SessionData = Record<string, string | number | boolean>;

/** As Crisp's own client types it. */
export interface Verification {
  identity: string;
  method: string;
  annotation: string;
}

export interface Conversation {
  /** `session_<uuid>` */
  session_id: string;
  created_at: number;
  updated_at: number;
  state: State;
  /** Whether the visitor's email was verified by the site. */
  is_verified: boolean;
  /** What of the visitor was verified; missing in what was saved before it was kept. */
  verifications?: Verification[];
  meta: { nickname: string; email: string; phone: string; data: SessionData; segments: string[] };
  /** What the visitor's chatbox shows: an operator is typing. Ends with a stop or with an operator's message. */
  compose: { operator?: { timestamp: number } };
  /** Oldest first, removed ones included. */
  messages: Message[];
}

/** A change, as listeners get it. */
export type Change =
  | { kind: 'conversation-created' | 'state' | 'meta' | 'compose'; conversation: Conversation }
  | { kind: 'message' | 'edited' | 'removed'; conversation: Conversation; message: Message }
  | { kind: 'restored' };

export interface NewVisitor {
  /** The conversation's id. Default: a random one. */
  session_id?: string;
  nickname?: string;
  email?: string;
  /** The address was, or else a phone number alone. */
  verified?: boolean | 'phone';
  data?: SessionData;
}

/** Everything worth keeping from one run to the next. Plain JSON. */
export interface Snapshot {
  version: 1;
  conversations: Conversation[];
}

export type HookEvent =
  | 'message:send'
  | 'message:received'
  | 'message:updated'
  | 'message:removed'
  | 'session:set_state'
  | 'session:set_data'
  | 'session:set_email';

/** A subscriber. A website's hook is unsigned and proves itself by its URL; a plugin's hook is signed. */
export type Subscription = {
  /** Listens only now and then, as the editor of n8n does: it is tried once, and a failure is no news. Default false. */
  occasional?: boolean;
} & (
  | { kind: 'website'; url: string; events?: HookEvent[] }
  | { kind: 'plugin'; url: string; secret: string; events?: HookEvent[] }
);

/** One attempt at delivering a hook, newest last in `deliveries`. */
export interface Delivery {
  /** Epoch milliseconds at which it ended. */
  at: number;
  /** The same for all attempts at one hook. */
  id: string;
  event: HookEvent;
  url: string;
  attempt: number;
  /** 0 when there was no answer within 2 s, or none at all. */
  status: number;
  /** Milliseconds until the answer. */
  ms: number;
}

export interface Hooks {
  /** Sends hooks from now on, by default `message:send`; returns a function that ends the subscription. */
  subscribe(subscription: Subscription): () => void;
  /** Whether there is a subscriber that always listens. */
  subscribed(): boolean;
  /** Sends an earlier hook again with the attempt counter one up, as after an answer that got lost. */
  redeliver(deliveryId: string): Promise<Delivery>;
  /** Resolves once no attempt is under way; retries that wait for their time do not count. */
  settled(): Promise<void>;
  readonly deliveries: Delivery[];
}

export interface CrispSimulator {
  /** Resolves to the server's origin; the API is below `${url}/v1`. */
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
  faults: Faults;
  hooks: Hooks;
  journal: Journal;
  setLatency(latency: Latency): void;
  /** The chatbox is opened on the site: a conversation without messages. */
  visitorOpens(visitor: NewVisitor): Conversation;
  visitorWrites(sessionId: string, text: string): Message;
  /** A tap on a picker's choice: the message changes, and a `message:updated` hook goes out. */
  visitorPicks(sessionId: string, fingerprint: number, value: string): Message;
  /** What the site's snippet pushes as `session:data`. */
  setSessionData(sessionId: string, data: SessionData): void;
  /**
   * A person answers from Crisp's own inbox.
   * @param timestamp when they did, in milliseconds since the epoch; now by default
   */
  operatorWrites(sessionId: string, text: string, nickname?: string, timestamp?: number): Message;
  /** The same, for operators' eyes only. */
  operatorNotes(sessionId: string, text: string, nickname?: string, timestamp?: number): Message;
  /** An operator marks the conversation as resolved; the next message reopens it. */
  operatorResolves(sessionId: string): void;
  /** Latest activity first. */
  conversations(): Conversation[];
  /** @throws ApiError 404 for an unknown one */
  conversation(sessionId: string): Conversation;
  /** Calls the listener after each change; returns a function that ends this. */
  onChange(listener: (change: Change) => void): () => void;
  snapshot(): Snapshot;
  /** Replaces all conversations. */
  restore(snapshot: Snapshot): void;
}
