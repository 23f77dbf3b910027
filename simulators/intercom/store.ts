import type { Clock } from '../../core/clock';
import { isContact } from './beginnings';
import { createContacts } from './contacts';
import { missing, notFound } from './errors';
import { sanitise, textToHtml } from './html';
import { createOutreach } from './outreach';
import type { Quirks } from './quirks';
import type {
  Admin,
  Author,
  Contact,
  Conversation,
  Outreach,
  Part,
  Snapshot,
  Source,
} from './records';
import { type Redacted, redactIn } from './redaction';
import { createSearchIndex } from './searchIndex';

export type { NewContact } from './contacts';

/** Something that happened in the workspace. */
export type Change =
  | { kind: 'conversation-created'; conversation: Conversation }
  | { kind: 'part-created'; conversation: Conversation; part: Part }
  | { kind: 'redacted'; conversation: Conversation; part?: Part }
  | { kind: 'deleted'; conversation: Conversation }
  | { kind: 'message-sent'; message: Outreach }
  | { kind: 'restored' };

/** What a part has besides its words and author. */
export type PartExtras = Partial<Pick<Part, 'metadata' | 'options' | 'tapped' | 'unsent'>>;

/** A workspace: people, conversations and the few ways in which they change. */
export type Store = ReturnType<typeof createStore>;

/**
 * @param announce called after each change
 */
export function createStore(
  clock: Clock,
  admins: readonly Admin[],
  quirks: Readonly<Quirks>,
  announce: (change: Change) => void,
) {
  const conversations = new Map<string, Conversation>();
  const index = createSearchIndex<Conversation>(clock, () => quirks.conversationDelayMs);
  const outreach = createOutreach();
  const away = new Set<string>();
  let sequence = 0;

  const seconds = (): number => Math.floor(clock.now() / 1_000);
  const nextId = (base: number): string => String(base + (sequence += 1));
  const contacts = createContacts(
    clock,
    () => nextId(0),
    () => quirks.contactDelayMs,
  );

  /** Lets searches know of a change: of a copy where they lag behind. */
  const indexChange = (one: Conversation): void => {
    const isBehind = quirks.conversationDelayMs > 0;
    index.changed(one.id, isBehind ? { ...one, parts: [...one.parts] } : one);
  };

  /** @throws ApiError 404 */
  const conversation = (id: string): Conversation => {
    const found = conversations.get(id);
    if (!found) throw notFound('Resource');
    return found;
  };

  /** @param byAnswer whether the contact's answer opens it, which is then reported instead */
  function openFrom(message: Outreach, byAnswer = false): Conversation {
    const { id, body, author, contactId, created_at } = message;
    const opened: Conversation = {
      id: nextId(21_500_000),
      created_at,
      updated_at: seconds(),
      contactId,
      source: { id, body, author, redacted: false, delivered_as: 'admin_initiated' },
      ...(byAnswer && { byAnswer }),
      parts: [],
    };
    conversations.set(opened.id, opened);
    indexChange(opened);
    if (!byAnswer) announce({ kind: 'conversation-created', conversation: opened });
    return opened;
  }

  return {
    admins,
    contacts,
    outreach,
    conversation,
    /** Notes that a contact is there now. @throws ApiError 404 */
    see: (id: string): void => void contacts.change(id, { last_seen_at: seconds() }),
    isAway: (adminId: string): boolean => away.has(adminId),
    setAway: (adminId: string, isAway: boolean): void =>
      void (isAway ? away.add(adminId) : away.delete(adminId)),
    /** Latest activity first. */
    conversations: (): Conversation[] => [...conversations.values()].sort(byActivity),

    /** As searches find them, in the order of {@link conversations}. */
    searchable: (): Conversation[] => index.entries().sort(byActivity),

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
      if (isContact(started.source.author)) {
        contacts.change(from.id, { last_replied_at: at, last_seen_at: at });
      }
      indexChange(started);
      announce({ kind: 'conversation-created', conversation: started });
      return started;
    },

    /**
     * An admin writes to a contact first.
     *
     * @param html the message as it was sent
     * @param opens whether a conversation is opened at once; otherwise the contact's answer opens it
     */
    reachOut(to: Contact, author: Author, html: string, opens: boolean) {
      const id = nextId(403_900_000);
      const body = sanitise(html);
      const message: Outreach = { id, created_at: seconds(), contactId: to.id, body, author };
      to.last_contacted_at = message.created_at;
      if (opens) return { message, conversation: openFrom(message) };
      outreach.keep(message);
      announce({ kind: 'message-sent', message });
      return { message };
    },

    /** Opens the conversation of a message that has none. @throws ApiError 404 */
    openMessage(id: string): Conversation {
      const message = outreach.message(id);
      if (!message) throw notFound('Resource');
      outreach.remove(id);
      return openFrom(message, true);
    },

    /** @throws ApiError 400 when nothing readable is left of the body of a message or note */
    addPart(
      to: Conversation,
      partType: Part['part_type'],
      author: Author,
      body: string,
      extras: PartExtras = {},
    ): Part {
      const stored = body === '' ? '' : sanitise(body);
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
        ...extras,
      };
      to.parts.push(part);
      to.updated_at = at;
      if (isContact(author)) {
        contacts.change(author.id, { last_replied_at: at, last_seen_at: at });
      } else if (partType === 'comment') {
        contacts.change(to.contactId, { last_contacted_at: at });
      }
      indexChange(to);
      announce({ kind: 'part-created', conversation: to, part });
      return part;
    },

    /** @param adminId undefined for nobody */
    assign(to: Conversation, adminId: string | undefined, by: Author): Part {
      delete to.assigneeId;
      if (adminId !== undefined) to.assigneeId = adminId;
      return this.addPart(to, 'assignment', by, '');
    },

    /** @throws ApiError 404 for an unknown part or conversation, 400 when it is redacted already */
    redact(conversationId: string, what: Redacted): Conversation {
      const within = conversations.get(conversationId);
      const { redacted, part } = redactIn(within, what, seconds());
      indexChange(redacted);
      announce({ kind: 'redacted', conversation: redacted, ...(part && { part }) });
      return redacted;
    },

    /** For good. @throws ApiError 404 */
    remove(id: string): void {
      const removed = conversation(id);
      conversations.delete(id);
      index.changed(id, undefined);
      announce({ kind: 'deleted', conversation: removed });
    },

    snapshot: (): Snapshot =>
      structuredClone({
        version: 1,
        contacts: contacts.all(),
        conversations: [...conversations.values()],
        sequence,
        messages: outreach.messages(),
        events: [...outreach.events()],
      }),

    /** Replaces everything. */
    restore(snapshot: Snapshot): void {
      const saved = structuredClone(snapshot);
      contacts.restore(saved.contacts);
      conversations.clear();
      index.clear();
      for (const one of saved.conversations) {
        conversations.set(one.id, one);
        indexChange(one);
      }
      outreach.restore(saved);
      sequence = saved.sequence;
      announce({ kind: 'restored' });
    },
  };
}

const byActivity = (a: Conversation, b: Conversation): number =>
  b.updated_at - a.updated_at || Number(b.id) - Number(a.id);

/** A contact as the author of what they wrote. */
export function authorOf({ id, name, email, role }: Contact): Author {
  return { type: role, id, name, email };
}
