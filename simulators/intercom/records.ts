import type { DataConnector } from './connectors';

export interface Admin {
  id: string;
  name: string;
  email: string;
}

export interface Contact {
  id: string;
  external_id: string | null;
  email: string | null;
  name: string | null;
  role: 'user' | 'lead';
  /** Epoch seconds, as everywhere in the API. */
  created_at: number;
  /** When they were in the messenger, wrote, and were written to. Missing for never. */
  last_seen_at?: number;
  last_replied_at?: number;
  last_contacted_at?: number;
  /** Missing for false. */
  unsubscribed_from_emails?: boolean;
  marked_email_as_spam?: boolean;
  has_hard_bounced?: boolean;
  /** What the site says of them. Missing for nothing. */
  custom_attributes?: Record<string, string | number | boolean>;
}

/** A button under a message. */
export interface ReplyOption {
  text: string;
  uuid: string;
}

export interface Author {
  type: 'admin' | 'team' | 'bot' | 'user' | 'lead';
  id: string;
  name: string | null;
  email: string | null;
  /** Of bots. */
  from_ai_agent?: boolean;
  is_ai_answer?: boolean;
}

export interface Part {
  type: 'conversation_part';
  id: string;
  part_type:
    'note' | 'comment' | 'quick_reply' | 'assignment' | 'open' | 'close' | 'snoozed' | 'unsnoozed';
  /** HTML; '' for what has none, which the API shows as null. */
  body: string;
  created_at: number;
  updated_at: number;
  author: Author;
  redacted: boolean;
  /** Of quick replies, and of what was tapped instead of typed; as the API shows it. */
  metadata?: Record<string, unknown>;
  /** The buttons of a quick reply. */
  options?: ReplyOption[];
  /** The button that was tapped. */
  tapped?: string;
  /** Stored, and never sent to the visitor. */
  unsent?: true;
}

/** A message of an admin that opens no conversation until the contact answers. */
export interface Outreach {
  id: string;
  created_at: number;
  contactId: string;
  /** HTML. */
  body: string;
  author: Author;
}

/** A data event. Its time is in epoch seconds. */
export interface DataEvent {
  event_name: string;
  created_at: number;
  contactId: string;
  metadata: Record<string, unknown>;
}

/** A conversation's first message. */
export interface Source {
  id: string;
  body: string;
  author: Author;
  redacted: boolean;
  /** Missing for a message of a contact in the messenger. */
  delivered_as?: string;
  type?: 'conversation' | 'email';
  subject?: string;
}

export interface Conversation {
  id: string;
  created_at: number;
  updated_at: number;
  contactId: string;
  source: Source;
  /** The contacts of a group after the first, as far as the conversation names them. */
  joined?: { id: string; external_id: string | null }[];
  /** There was a message only, until the contact answered it. */
  byAnswer?: true;
  /** The admin it is assigned to. Missing for nobody. */
  assigneeId?: string;
  /** Missing for what is no ticket. */
  ticket?: { type: 'ticket'; id: string; category: 'Customer' };
  /** Oldest first; what the API shows is another matter. */
  parts: Part[];
}

/** Everything worth keeping from one run to the next. Plain JSON. */
export interface Snapshot {
  version: 1;
  contacts: Contact[];
  conversations: Conversation[];
  /** Missing in a snapshot from before there were any. */
  connectors?: DataConnector[];
  /** The last number given to anything. */
  sequence: number;
  /** Missing in what was saved before there were any. */
  messages?: Outreach[];
  events?: DataEvent[];
}

export const REDACTED_BODY = '<p><i>This message was deleted</i></p>';
