import type { Arrivals } from '../http/arrivals';

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
  /** The channels in which the other side got and read it, `chat` here; missing before that. */
  delivered?: 'chat';
  read?: 'chat';
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

/** Whether a visitor is on the site: in its window, in another one, or gone. */
export type Presence = 'active' | 'idle' | 'gone';

export interface Page {
  title: string;
  url: string;
}

/** A visitor's session, which is a conversation once it was initiated. */
export interface Conversation {
  /** `session_<uuid>` */
  session_id: string;
  /** Missing once it was. */
  initiated?: false;
  /** What the site continues the session with in other browsers. */
  token?: string;
  /** Missing for active. */
  presence?: Exclude<Presence, 'active'>;
  /** Where the visitor is, or was last. */
  page?: Page;
  /** When the visitor was on the site last, in epoch milliseconds; missing for the time of the latest change. */
  seenAt?: number;
  /** Missing for a visitor who may write. */
  blocked?: true;
  /** The operator it is assigned to. */
  assignedTo?: string;
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
  | {
      kind:
        | 'session-created'
        | 'conversation-created'
        | 'initiated'
        | 'state'
        | 'meta'
        | 'email'
        | 'compose'
        | 'presence'
        | 'page'
        | 'blocked'
        | 'assigned';
      conversation: Conversation;
    }
  | {
      kind: 'message' | 'edited' | 'picked' | 'removed';
      conversation: Conversation;
      message: Message;
    }
  | {
      kind: 'acknowledged';
      conversation: Conversation;
      how: 'delivered' | 'read';
      /** Whose messages. */
      from: 'user' | 'operator';
      fingerprints: number[];
    }
  | { kind: 'availability'; available: boolean }
  | { kind: 'restored' };

/** An operator, as far as their availability goes. */
export interface Operator {
  user_id: string;
  online: boolean;
  /** Since when, in epoch milliseconds. */
  since: number;
}

export interface NewVisitor {
  /** The conversation's id. Default: a random one. */
  session_id?: string;
  nickname?: string;
  email?: string;
  /** The address was, or else a phone number alone. */
  verified?: boolean | 'phone';
  data?: SessionData;
  token?: string;
  page?: Page;
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
  | 'session:set_email'
  | 'session:set_block'
  | 'session:set_routing'
  | 'session:sync:pages'
  | 'session:update_availability'
  | 'session:request:initiated'
  | 'message:acknowledge:delivered'
  | 'message:acknowledge:read:send'
  | 'message:acknowledge:read:received'
  | 'website:users:available';

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
  /** Lets hooks arrive late, twice, out of order, or never from now on. */
  setArrivals(arrivals: Arrivals): void;
  /** Sends an earlier hook again with the attempt counter one up, as after an answer that got lost. */
  redeliver(deliveryId: string): Promise<Delivery>;
  /** Resolves once no attempt is under way; retries that wait for their time do not count. */
  settled(): Promise<void>;
  readonly deliveries: Delivery[];
}
