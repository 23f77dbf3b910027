import type { Clock } from '../../core/clock';
import { apiError, missing, notFound } from './errors';
import { sanitise, textToHtml } from './html';
import {
  type Admin,
  type Author,
  type Contact,
  type Conversation,
  type Part,
  REDACTED_BODY,
  type Snapshot,
  type Source,
} from './records';

/** Something that happened in the workspace. */
export type Change =
  | { kind: 'conversation-created'; conversation: Conversation }
  | { kind: 'part-created'; conversation: Conversation; part: Part }
  | { kind: 'redacted'; conversation: Conversation; part?: Part }
  | { kind: 'restored' };

export interface NewContact {
  external_id?: string | null | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
  role?: 'user' | 'lead' | undefined;
}

/** A workspace: people, conversations and the few ways in which they change. */
export type Store = ReturnType<typeof createStore>;

/**
 * @param announce called after each change
 */
export function createStore(
  clock: Clock,
  admins: readonly Admin[],
  announce: (change: Change) => void,
) {
  const contacts = new Map<string, Contact>();
  const conversations = new Map<string, Conversation>();
  let sequence = 0;

  const seconds = (): number => Math.floor(clock.now() / 1_000);
  const nextId = (base: number): string => String(base + (sequence += 1));

  /** @throws ApiError 404 */
  const conversation = (id: string): Conversation => {
    const found = conversations.get(id);
    if (!found) throw notFound('Resource');
    return found;
  };
  /** @throws ApiError 404 */
  const contact = (id: string): Contact => {
    const found = contacts.get(id);
    if (!found) throw notFound('User');
    return found;
  };
  const findContact = ({ external_id, email }: NewContact): Contact | undefined => {
    const all = [...contacts.values()];
    const byId = external_id ? all.find((one) => one.external_id === external_id) : undefined;
    return byId ?? (email ? all.find((one) => one.email === email) : undefined);
  };

  return {
    admins,
    conversation,
    contact,
    findContact,
    /** Latest activity first. */
    conversations: () =>
      [...conversations.values()].sort(
        (a, b) => b.updated_at - a.updated_at || Number(b.id) - Number(a.id),
      ),

    addContact({ external_id, email, name, role = 'user' }: NewContact): Contact {
      const serial = nextId(0).padStart(8, '0');
      const added: Contact = {
        id: `6762f1f81bb69f9f${serial}`,
        external_id: external_id ?? null,
        email: email ?? null,
        name: name ?? null,
        role,
        created_at: seconds(),
      };
      contacts.set(added.id, added);
      return added;
    },

    /**
     * @param text plain text; the API takes no HTML here
     * @param more who began it and how, if not the contact in the messenger
     * @param id the conversation's, in place of the next one
     */
    start(
      from: Contact,
      text: string,
      more: Partial<Source> = {},
      ticket = false,
      id = nextId(21_500_000),
    ): Conversation {
      const at = seconds();
      const started: Conversation = {
        id,
        created_at: at,
        updated_at: at,
        contactId: from.id,
        source: {
          id: nextId(403_900_000),
          body: textToHtml(text),
          author: authorOf(from),
          redacted: false,
          ...more,
        },
        ...(ticket && { ticket: { type: 'ticket', id: nextId(400), category: 'Customer' } }),
        parts: [],
      };
      conversations.set(started.id, started);
      announce({ kind: 'conversation-created', conversation: started });
      return started;
    },

    /** @throws ApiError 400 when nothing readable is left of the body of a message or note */
    addPart(
      to: Conversation,
      partType: Part['part_type'],
      author: Author,
      body: string,
      metadata?: Part['metadata'],
    ): Part {
      const stored = sanitise(body);
      const saysNothing = stored.replace(/<[^>]*>|\s/g, '') === '';
      if (saysNothing && ['comment', 'note'].includes(partType)) throw missing('body');
      const at = seconds();
      const part: Part = {
        type: 'conversation_part',
        id: nextId(31_000_000),
        part_type: partType,
        body: stored,
        created_at: at,
        updated_at: at,
        author,
        redacted: false,
        ...(metadata && { metadata }),
      };
      to.parts.push(part);
      to.updated_at = at;
      announce({ kind: 'part-created', conversation: to, part });
      return part;
    },

    /** @throws ApiError 404 for an unknown part or conversation, 400 when it is redacted already */
    redact(conversationId: string, what: { part: string } | { source: string }): Conversation {
      const within = conversations.get(conversationId);
      const part = 'part' in what ? within?.parts.find(({ id }) => id === what.part) : undefined;
      const source =
        'source' in what && within?.source.id === what.source ? within.source : undefined;
      const target = part ?? source;
      if (!within || !target) {
        const text = 'Conversation part or message not found';
        throw apiError(404, 'conversation_part_or_message_not_found', text);
      }
      if (target.redacted) {
        const text = 'Conversation part is not redactable';
        throw apiError(400, 'conversation_part_not_redactable', text);
      }
      target.redacted = true;
      target.body = REDACTED_BODY;
      within.updated_at = seconds();
      if (part) part.updated_at = within.updated_at;
      announce({ kind: 'redacted', conversation: within, ...(part && { part }) });
      return within;
    },

    snapshot: (): Snapshot =>
      structuredClone({
        version: 1,
        contacts: [...contacts.values()],
        conversations: [...conversations.values()],
        sequence,
      }),

    /** Replaces everything. */
    restore(snapshot: Snapshot): void {
      const saved = structuredClone(snapshot);
      contacts.clear();
      conversations.clear();
      for (const one of saved.contacts) contacts.set(one.id, one);
      for (const one of saved.conversations) conversations.set(one.id, one);
      sequence = saved.sequence;
      announce({ kind: 'restored' });
    },
  };
}

/** A contact as the author of what they wrote. */
export function authorOf({ id, name, email, role }: Contact): Author {
  return { type: role, id, name, email };
}
