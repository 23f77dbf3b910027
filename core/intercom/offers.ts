import { ConversationGoneError, whileItExists } from '../delivery/destination';
import { choiceUuid } from '../manners/choiceUuid';
import type { Manners, Reason } from '../manners/types';
import { chatKey } from '../memory/chatKey';
import type { MadeOffer } from '../memory/offers';
import {
  NoConversationYetError,
  objectsToOffers,
  type Addressee,
  type Offer,
  type OfferChannel,
  type Way,
} from '../offers/channel';
import { textToHtml } from '../text/html';
import type { Contact, Conversation, ConversationPart, IntercomApi } from './api';
import { CLOCK_TOLERANCE_S, createIntercomDestination, partsOf, wordsOf } from './destination';
import { intercom } from './product';
import { isOpen, isVisitors, sinceClosed, teamWroteAt, threadOf } from './spoken';

/*
 * An offer has two parts: a message, and below it the options to tap. Where the message goes:
 *
 *   linked to a conversation in the Messenger ──> a reply in it, found again by its words
 *   otherwise ──> a message that opens a conversation, found again by a search, which is late by up to minutes
 *
 * So a message that a search does not find may be there all the same, and is never sent again.
 */

/** How long a search does not find a new conversation, in milliseconds: minutes at times. */
const SEARCH_DELAY_MS = 300_000;
/** The reference of a message that Intercom accepted and did not show. Nothing has this id. */
const NOT_SHOWN = '0';

export interface IntercomOffersOptions {
  /** The id of the admin who makes the offers. */
  author: () => Promise<string>;
  /** The workspace of the token; null if it is not known. */
  workspace: string | null;
  /** Makes offers only while the team can answer. */
  onlyWhileThere: boolean;
  clock: { now(): number };
}

/** A contact to whom Intercom says nothing against an offer. */
interface Reachable {
  contact: Contact;
  /** The conversation that the session is linked to, if the contact alone reads it, in the Messenger. */
  linked: Conversation | undefined;
}

function createLook(api: IntercomApi, { author, onlyWhileThere, clock }: IntercomOffersOptions) {
  async function linkedConversation(id: string | null): Promise<Conversation | undefined> {
    if (!id) return undefined;
    const reading = whileItExists(id, intercom.goneCodes, () => api.conversation(id));
    return await reading.catch((error: unknown) => {
      if (error instanceof ConversationGoneError) return undefined;
      throw error;
    });
  }

  async function contactOf({ session }: Addressee, linked: Conversation | undefined) {
    const contacts = linked?.contacts?.contacts ?? [];
    if (contacts.length === 1) return await api.contact(String(contacts[0]?.id));
    const known = session.user_id === null ? null : await api.userByExternalId(session.user_id);
    if (known || session.email === null) return known;
    return likeliest(await api.contactsByEmail(session.email));
  }

  /** Who speaks in the contact's open conversations. */
  async function speaker(contact: Contact, linked: Conversation | undefined) {
    const others = await api.conversationsOf(contact.id, { open: true });
    const all = linked ? [linked, ...others.filter(({ id }) => !isSame(id, linked.id))] : others;
    for (const one of all.filter(isOpen)) {
      const reason = await speakerIn(one);
      if (reason) return reason;
    }
    return null;
  }

  /** Null where only an offer or a campaign waits for an answer. */
  async function speakerIn(conversation: Conversation): Promise<Reason | null> {
    const { conversation_parts, id, waiting_since, admin_assignee_id } = conversation;
    const talk = admin_assignee_id ? 'operator' : 'conversation_open';
    if (waiting_since) return talk;
    const whole = conversation_parts ? conversation : await api.conversation(String(id));
    const thread = sinceClosed(threadOf(whole));
    if (thread.some(isVisitors)) return talk;
    return teamWroteAt(thread) > 0 ? 'operator' : null;
  }

  return {
    linkedConversation,
    async reach(
      to: Addressee,
      { afterConversationMs }: Pick<Manners, 'afterConversationMs'>,
    ): Promise<Reachable | Reason> {
      const conversation = await linkedConversation(to.conversation_id);
      const contact = await contactOf(to, conversation);
      if (!contact) return 'unreachable';
      const { isUnsubscribed, custom_attributes, last_replied_at } = contact;
      if (isUnsubscribed || objectsToOffers(custom_attributes.offers)) return 'opted_out';
      const reason = await speaker(contact, conversation);
      if (reason) return reason;
      const wroteAt = conversation ? teamWroteAt(threadOf(conversation)) : 0;
      const spokeAt = Math.max(last_replied_at ?? 0, wroteAt);
      const ago = clock.now() - spokeAt * 1_000;
      // They may have begun a conversation that a search does not find yet.
      if (ago < Math.max(afterConversationMs, SEARCH_DELAY_MS)) return 'conversation_recent';
      if (onlyWhileThere && !(await api.admins()).some(({ isThere }) => isThere)) {
        return 'nobody_there';
      }
      const isUsable = conversation && isInMessenger(conversation);
      return { contact, linked: isUsable ? conversation : undefined };
    },
    /** The conversation that the offer's message has opened, if a search finds it already. */
    async openedBy(offer: Offer, to: Addressee, messageId?: string) {
      const contact = await contactOf(to, await linkedConversation(to.conversation_id));
      if (!contact) return undefined;
      const admin = await author();
      for (const one of await api.conversationsOf(contact.id, { startedBy: admin })) {
        if (messageId !== undefined && isSame(one.source?.id, messageId)) return one;
        if (!beganWith(one, admin, offer)) continue;
        if (!isOfAnother(await api.conversation(String(one.id)), offer)) return one;
      }
      return undefined;
    },
  };
}

/** Offers as messages in the name of an admin, with options to tap. */
export function createIntercomOffers(
  api: IntercomApi,
  options: IntercomOffersOptions,
): OfferChannel {
  const { author, workspace } = options;
  const { linkedConversation, reach, openedBy } = createLook(api, options);

  function replyIn(linked: Conversation): Way {
    const conversation_id = String(linked.id);
    return {
      conversation_id,
      async send(offer, beforeSending) {
        const admin_id = await author();
        const body = textToHtml(offer.text);
        const reply = { message_type: 'comment' as const, admin_id, body };
        const answer = await api.reply(conversation_id, reply, beforeSending);
        return { conversation_id, message_ref: ownComment(answer, admin_id, offer) ?? NOT_SHOWN };
      },
    };
  }

  function messageTo(contact: Contact): Way {
    return {
      conversation_id: null,
      async send(offer, beforeSending) {
        const message = { admin_id: await author(), contact, body: textToHtml(offer.text) };
        const { id, conversation_id } = await api.message(message, beforeSending);
        return { conversation_id: conversation_id ?? '', message_ref: id || NOT_SHOWN };
      },
    };
  }

  return {
    chat: chatKey(intercom.chat, workspace),
    async find(offer, to, into) {
      if (into !== null) {
        const conversation = await linkedConversation(into);
        const message_ref = conversation && ownComment(conversation, await author(), offer);
        return message_ref ? { conversation_id: into, message_ref } : 'absent';
      }
      const opened = await openedBy(offer, to);
      if (!opened) return 'unknown';
      return { conversation_id: String(opened.id), message_ref: sourceOf(opened) };
    },
    async look(to, manners) {
      const found = await reach(to, manners);
      if (typeof found === 'string') return found;
      return found.linked ? replyIn(found.linked) : messageTo(found.contact);
    },
    async complete(offer, to, sent, mayHaveLanded, beforeSending) {
      const { message_ref } = sent;
      const opened = sent.conversation_id
        ? undefined
        : await openedBy(offer, to, message_ref ?? undefined);
      const conversation_id = sent.conversation_id || (opened ? String(opened.id) : '');
      if (!conversation_id) throw new NoConversationYetError(intercom.name);
      const admin_id = await author();
      const quickReply = {
        message_type: 'quick_reply' as const,
        admin_id,
        reply_options: offer.choices.map(({ value, label }) => ({
          text: label,
          uuid: choiceUuid(offer.offer_id, value),
        })),
      };
      await whileItExists(conversation_id, intercom.goneCodes, async () => {
        const read = async () => await api.conversation(conversation_id);
        if (mayHaveLanded && hasOptions(await read(), admin_id, offer, message_ref)) return;
        await api.reply(conversation_id, quickReply, beforeSending);
      });
      return { conversation_id, message_ref };
    },
    // As where visitors write by themselves: Intercom knows a contact by what the site says.
    mayLink: async () => true,
    withdraw: (offer) => withdraw(offer),
  };

  async function withdraw({ conversation_id, message_ref }: MadeOffer): Promise<boolean> {
    const conversation = await linkedConversation(conversation_id || null);
    if (!conversation) return conversation_id !== '';
    if (message_ref === null || message_ref === NOT_SHOWN) return false;
    const thread = threadOf(conversation);
    const at = thread.findIndex(({ id }) => isSame(id, message_ref));
    if (at < 0 || thread.slice(at).some(isVisitors)) return false;
    if (!isSame(conversation.source?.id, message_ref)) {
      return await createIntercomDestination(api, { author }).redact(conversation_id, message_ref);
    }
    // Intercom redacts no message that begins a conversation, so the conversation goes if it has nothing else in it.
    const maker = conversation.source?.author?.id;
    if (thread.some(({ body, author: by }) => body && !isSame(by?.id, maker))) return false;
    await api.deleteConversation(conversation_id);
    return true;
  }
}

/**
 * Offers as data events. What a contact sees, if anything, the team decides in Intercom, where messages, workflows and tours start
 * on an event.
 *
 * @param eventName the same for all offers that start the same; Intercom allows 120 names
 */
export function createIntercomEvents(
  api: IntercomApi,
  options: IntercomOffersOptions & { eventName: string },
): OfferChannel {
  const { reach } = createLook(api, options);
  return {
    chat: chatKey(intercom.chat, options.workspace),
    // Intercom drops a second event of the same name and second.
    find: async () => 'absent',
    async look(to, manners) {
      const found = await reach(to, manners);
      if (typeof found === 'string') return found;
      return {
        conversation_id: null,
        async send({ moment, since }, beforeSending) {
          const event = {
            event_name: options.eventName,
            contact: found.contact,
            created_at: Math.floor(since / 1_000),
            metadata: { rule: moment.name, page: moment.page },
          };
          await api.event(event, beforeSending);
          return { conversation_id: '', message_ref: null };
        },
      };
    },
    mayLink: async () => false,
    withdraw: async () => false,
  };
}

/** Of several contacts with one address, the one who is on the site: users before leads, then who was seen last. */
function likeliest(contacts: readonly Contact[]): Contact | null {
  const rank = ({ role, last_seen_at }: Contact) => [Number(role === 'user'), last_seen_at ?? 0];
  const [first] = [...contacts].sort((a, b) => {
    const [roleA = 0, seenA = 0] = rank(a);
    const [roleB = 0, seenB = 0] = rank(b);
    return roleB - roleA || seenB - seenA;
  });
  return first ?? null;
}

/** Whether a reply in it is read by its contact alone, and in the Messenger: others of ours may not be delivered. */
function isInMessenger({ source, contacts }: Conversation): boolean {
  return source?.type === 'conversation' && contacts?.contacts?.length === 1;
}

/** When the offer's message was sent at the earliest, in epoch seconds. */
function earliest({ since }: Offer): number {
  return since / 1_000 - CLOCK_TOLERANCE_S;
}

/**
 * The id of the reply with the offer's words; null if there is none. The same words may have been offered before: then the options
 * of that offer follow them.
 */
function ownComment(conversation: Conversation, admin: string, offer: Offer): string | null {
  let found: string | null = null;
  for (const part of threadOf(conversation)) {
    if (part.part_type === 'quick_reply' && !isOptionsOf(part, offer)) found = null;
    if (part.part_type !== 'comment' || part.redacted || !isSame(part.author?.id, admin)) continue;
    // What began the conversation is no reply.
    if (isSame(part.id, conversation.source?.id)) continue;
    if (part.created_at >= earliest(offer) && hasWords(part.body, offer)) found = String(part.id);
  }
  return found;
}

/** Whether a message with the offer's words began the conversation, perhaps that of an earlier offer with the same ones. */
function beganWith({ source, created_at }: Conversation, admin: string, offer: Offer): boolean {
  const isRecent = (created_at ?? 0) >= earliest(offer);
  return isRecent && isSame(source?.author?.id, admin) && hasWords(source?.body, offer);
}

function isOfAnother(conversation: Conversation, offer: Offer): boolean {
  const options = partsOf(conversation).filter(({ part_type }) => part_type === 'quick_reply');
  return options.length > 0 && !options.some((part) => isOptionsOf(part, offer));
}

/** Whether the offer's options are there. Where Intercom does not show the options of a part, its place decides. */
function hasOptions(
  conversation: Conversation,
  admin: string,
  offer: Offer,
  messageRef: string | null,
): boolean {
  const thread = threadOf(conversation);
  const after = thread.slice(thread.findIndex(({ id }) => isSame(id, messageRef)) + 1);
  return after.some(
    (part) =>
      part.part_type === 'quick_reply' &&
      isSame(part.author?.id, admin) &&
      (optionsOf(part).length === 0 || isOptionsOf(part, offer)),
  );
}

function isOptionsOf(part: ConversationPart, { offer_id, choices }: Offer): boolean {
  const own = choices.map(({ value }) => choiceUuid(offer_id, value));
  return optionsOf(part).some(({ uuid }) => uuid !== undefined && own.includes(uuid));
}

function optionsOf({ metadata }: ConversationPart) {
  return metadata?.quick_reply_options ?? [];
}

function hasWords(html: string | null | undefined, { text }: Offer): boolean {
  return wordsOf(html ?? '') === wordsOf(textToHtml(text));
}

const sourceOf = ({ source }: Conversation) => String(source?.id ?? NOT_SHOWN);

/** Ids come as numbers or texts. */
function isSame(a: unknown, b: unknown): boolean {
  return a !== undefined && a !== null && String(a) === String(b);
}
