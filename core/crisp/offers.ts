import { comparableEmail } from '../identity';
import { ServiceError } from '../http/errors';
import type { Manners, Reason } from '../manners/types';
import { productOf } from '../memory/chatKey';
import {
  HeldBackError,
  objectsToOffers,
  type Addressee,
  type Offer,
  type OfferChannel,
  type Way,
} from '../offers/channel';
import { oneLine } from '../text/visible';
import { fields, list } from '../values';
import type { CrispApi, CrispConversation, NewPicker } from './api';
import { isRemovedAlready } from './destination';
import { makeFingerprint } from './fingerprint';
import { lastSpoken } from './operator';
import { crisp } from './product';
import { findSent, plainText } from './send';

/** How many pages of the visitors who are on the site are searched for an address. */
const MAX_PAGES = 3;

/**
 * Which visitors are found by their address, which they may have typed themselves: none; those whose address Crisp has
 * verified; or all.
 */
export type EmailMatch = 'none' | 'verified' | 'all';

export interface CrispOffersOptions {
  /** The chat product's key, with the website. */
  chat: string;
  /** The token's key, which the messages' fingerprints are made with. */
  secret: string;
  /** The author; '' for the website. */
  nickname: string;
  /** The visitor's session in Crisp, as their page said; '' for none. */
  sessionId: string;
  /** The token by which the site lets Crisp know the visitor; '' for none. */
  token: string;
  emailMatch: EmailMatch;
  /** Makes offers only while the team is there. */
  onlyWhileThere: boolean;
  clock: { now(): number };
}

/** Offers as pickers: a question with choices to tap. One message, found again by its fingerprint. */
export function createCrispOffers(api: CrispApi, options: CrispOffersOptions): OfferChannel {
  const { chat, secret, nickname, sessionId, token, emailMatch, onlyWhileThere, clock } = options;

  let ofToken: string | null | undefined;
  async function sessionByToken(): Promise<string | null> {
    return (ofToken ??= token === '' ? null : await api.sessionOfToken(token));
  }

  /** The visitor's session: that of the link first, because an earlier attempt may have sent the offer there. */
  async function sessionOf({ conversation_id, session }: Addressee): Promise<string | null> {
    const named = conversation_id || sessionId;
    if (named) return named;
    const known = await sessionByToken();
    if (known !== null || session.email === null || emailMatch === 'none') return known;
    return await sessionByEmail(session.email);
  }

  async function sessionByEmail(email: string): Promise<string | null> {
    const found = [];
    for (let page = 1; page <= MAX_PAGES; page++) {
      const visitors = await api.visitors(page);
      found.push(
        ...visitors.filter((one) => comparableEmail(one.email) === comparableEmail(email)),
      );
      if (visitors.length === 0 || found.some(({ active }) => active)) break;
    }
    return (found.find(({ active }) => active) ?? found[0])?.session_id ?? null;
  }

  /** Whether nothing but an address says whose session it is, which the visitor may have typed. */
  function isGuess(id: string, { session }: Addressee): boolean {
    return id !== session.links[productOf(chat)] && id !== sessionId;
  }

  async function isProven(id: string, to: Addressee, known?: CrispConversation): Promise<boolean> {
    if (!isGuess(id, to)) return true;
    if ((await sessionByToken()) === id) return true;
    const { isVerified, visitor } = known ?? (await api.verification(id));
    const { email } = to.session;
    return (
      isVerified && email !== null && comparableEmail(visitor.email) === comparableEmail(email)
    );
  }

  /** What Crisp says against an offer in a conversation. */
  async function against(
    id: string,
    conversation: CrispConversation,
    to: Addressee,
    { afterConversationMs }: Pick<Manners, 'afterConversationMs'>,
  ): Promise<Reason | null> {
    const { state, isAssigned, isBlocked, isOnline, isTyping, visitor } = conversation;
    if (isBlocked) return 'blocked';
    if (objectsToOffers(visitor.data.offers)) return 'opted_out';
    if (emailMatch !== 'all' && !(await isProven(id, to, conversation))) return 'unreachable';
    if (isOnline === false) return 'not_here';
    if (isTyping) return 'typing';
    const spoken = await lastSpoken(api, id, secret);
    if (!spoken) return null;
    // An offer may have opened it again, and an operator may write in one that is resolved.
    if (!(spoken.isResolved ?? state === 'resolved')) {
      return isAssigned || spoken.by === 'operator' ? 'operator' : 'conversation_open';
    }
    return clock.now() - spoken.at < afterConversationMs ? 'conversation_recent' : null;
  }

  function pickerOf({ offer_id, text, choices }: Offer): NewPicker {
    return {
      type: 'picker',
      content: {
        id: offer_id,
        text: plainText(text),
        required: false,
        choices: choices.map(({ value, label }) => ({
          value,
          label: plainText(oneLine(label)),
          selected: false,
        })),
      },
      fingerprint: makeFingerprint(offer_id, secret),
      automated: true,
      ...(nickname && { user: { nickname } }),
    };
  }

  return {
    chat,
    async find(offer, _to, conversation_id) {
      // No message of ours opens a conversation.
      if (conversation_id === null) return 'absent';
      const sought = { since: offer.since, secret };
      const looking = findSent(api, conversation_id, pickerOf(offer), sought);
      const found = await looking.catch((error: unknown) => {
        if (isGone(error)) return undefined;
        throw error;
      });
      return found === undefined ? 'absent' : { conversation_id, message_ref: String(found) };
    },
    async look(to, manners): Promise<Way | Reason> {
      const id = await sessionOf(to);
      if (id === null) return 'unreachable';
      const conversation = await api.conversation(id);
      const reason = conversation && (await against(id, conversation, to, manners));
      if (reason) return reason;
      if (onlyWhileThere && !(await api.isStaffed())) return 'nobody_there';
      return {
        conversation_id: id,
        async send(offer, beforeSending) {
          const send = async () => await api.send(id, pickerOf(offer), beforeSending);
          const initiated = async () => await initiate(id, to, manners, beforeSending).then(send);
          // A session may look like a conversation and take no message.
          const fingerprint = await (conversation ? send() : initiated()).catch(
            (error: unknown) => {
              if (!conversation || !isGone(error)) throw error;
              return initiated();
            },
          );
          return { conversation_id: id, message_ref: String(fingerprint) };
        },
      };
    },
    mayLink: (conversationId, to) => isProven(conversationId, to),
    async withdraw({ conversation_id, message_ref }) {
      if (message_ref === null) return false;
      const message = await api.message(conversation_id, Number(message_ref));
      if (!message) return true;
      const { choices } = fields(message.content);
      if (list(choices).some((one) => fields(one).selected === true)) return false;
      await api.removeMessage(conversation_id, message_ref).catch((error: unknown) => {
        if (!isRemovedAlready(error)) throw error;
      });
      return true;
    },
  };

  /** Only then does Crisp say what it knows of the visitor. */
  async function initiate(
    id: string,
    to: Addressee,
    manners: Pick<Manners, 'afterConversationMs'>,
    beforeSending: () => Promise<void>,
  ): Promise<void> {
    await api.initiate(id, beforeSending).catch((error: unknown) => {
      if (isGone(error)) throw new HeldBackError('unreachable');
      throw error;
    });
    const conversation = await api.conversation(id);
    const reason = conversation ? await against(id, conversation, to, manners) : 'unreachable';
    if (reason) throw new HeldBackError(reason);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ServiceError && crisp.goneCodes.includes(error.code);
}
