import type { Clock } from '../../core/clock';
import { createCrispApi } from '../../core/crisp/api';
import { createCrispOffers } from '../../core/crisp/offers';
import { createPace } from '../../core/http/pace';
import type { Send } from '../../core/http/service';
import { createIntercomApi } from '../../core/intercom/api';
import { createIntercomOffers } from '../../core/intercom/offers';
import type { OfferReply } from '../../core/memory/offers';
import type { OfferChannel } from '../../core/offers/channel';
import { createCrispSimulator } from '../../simulators/crisp';
import type { Faults } from '../../simulators/http/faults';
import { createIntercomSimulator } from '../../simulators/intercom';
import { pick, type Random } from '../../simulators/random';
import type { Process } from './time';

/** Is called at the moment at which a visitor gets a part of an offer. */
export interface OfferWatcher {
  /** @param html as the chat product shows it */
  text(visitor: number, conversationId: string, html: string): void;
  options(visitor: number, conversationId: string, labels: readonly string[]): void;
}

/** A simulated chat product with some visitors, and our client of it. */
export interface OfferChat {
  name: string;
  faults: Faults;
  authentication: Record<string, string>;
  /** Requests that the vendor's API does not allow. */
  violations(): unknown[];
  /** The conversation of each visitor that is over; null for those who have never written. */
  conversations: Array<string | null>;
  /** The client of one process, for the offers to one visitor. */
  channel(process: Process, send: Send, random: Random, visitor: number): OfferChannel;
  /** The visitor writes; returns the conversation. */
  writes(visitor: number): string;
  /** Somebody of the team writes, in a conversation with the visitor if there is one. */
  teamWrites(visitor: number): boolean;
  /** The team is done with everything that the visitor has written. */
  closes(visitor: number): string[];
  /** The visitor taps a choice that they see; what the trigger then reports, and whether they have spoken by that. */
  taps(visitor: number): { reply: Omit<OfferReply, 'chat'>; isSpoken: boolean } | undefined;
  close(): Promise<void>;
}

interface Options {
  clock: Clock;
  random: Random;
  watcher: OfferWatcher;
  visitors: number;
}

const CALLS_AT_ONCE = 5;
/** Every third visitor has a conversation, every third is known by more than an address. */
const hasConversation = (visitor: number) => visitor % 3 === 0;
const isKnownById = (visitor: number) => visitor % 3 !== 2;

export const emailOf = (visitor: number) => `v${visitor}@example.com`;

export async function createOfferChat(
  setting: 'intercom' | 'crisp',
  options: Options,
): Promise<OfferChat> {
  return await (setting === 'crisp' ? crisp(options) : intercom(options));
}

async function intercom({ clock, random, watcher, visitors }: Options): Promise<OfferChat> {
  const [own, other] = ['1', '2'].map((id) => ({ id, name: `Admin ${id}`, email: '' }));
  const simulator = createIntercomSimulator({
    accessToken: 'token',
    admins: [own!, other!],
    rateLimit: false,
    ...{ clock, random },
    quirks: {
      optionsInMetadata: random() < 0.5,
      messageNamesConversation: random() < 0.5,
      conversationDelayMs: pick(random, [0, 5_000, 20_000]),
    },
  });
  const { url } = await simulator.listen();
  const who = (n: number) => ({
    external_id: isKnownById(n) ? `u${n}` : null,
    email: emailOf(n),
  });
  const all = Array.from({ length: visitors }, (_, n) => n);
  const contacts = all.map((n) => simulator.addContact(who(n)).id);
  const conversations = all.map((n) => {
    if (!hasConversation(n)) return null;
    const { id } = simulator.visitorStarts({ ...who(n), text: 'Hello' });
    simulator.adminDoes(id, other!.id, 'close');
    return id;
  });
  const visitorOf = (contactId: string) => contacts.indexOf(contactId);
  const of = (visitor: number) =>
    simulator.conversations().filter(({ contactId }) => contactId === contacts[visitor]);
  const spokenIn = (visitor: number) =>
    of(visitor).filter(({ source, parts }) =>
      [source, ...parts].some(({ author }) => author.id === contacts[visitor]),
    );
  simulator.onChange((change) => {
    if (change.kind !== 'conversation-created' && change.kind !== 'part-created') return;
    const { conversation } = change;
    const visitor = visitorOf(conversation.contactId);
    if (change.kind === 'conversation-created') {
      const { author, body } = conversation.source;
      if (author.id === own!.id) watcher.text(visitor, conversation.id, body);
      return;
    }
    const { author, body, options, part_type } = change.part;
    if (author.id !== own!.id) return;
    if (part_type === 'comment') watcher.text(visitor, conversation.id, body);
    const labels = (options ?? []).map(({ text }) => text);
    if (labels.length > 0) watcher.options(visitor, conversation.id, labels);
  });
  return {
    name: 'intercom',
    faults: simulator.faults,
    authentication: { Authorization: 'Bearer token' },
    violations: () => [...simulator.journal.violations],
    conversations,
    channel({ clock: own_ }, send, random_) {
      const pace = createPace({ clock: own_, maxConcurrent: CALLS_AT_ONCE });
      const api = createIntercomApi({ baseUrl: url, send, pace, clock: own_, random: random_ });
      const author = async () => own!.id;
      return createIntercomOffers(api, {
        ...{ author, workspace: null, onlyWhileThere: false, clock: own_ },
      });
    },
    writes(visitor) {
      const [known] = of(visitor);
      if (!known) return simulator.visitorStarts({ ...who(visitor), text: 'Help!' }).id;
      simulator.visitorReplies(known.id, 'Help!');
      return known.id;
    },
    teamWrites(visitor) {
      const [known] = spokenIn(visitor);
      if (known) simulator.adminDoes(known.id, other!.id, 'comment', 'How can I help?');
      return known !== undefined;
    },
    closes: (visitor) =>
      of(visitor).map(({ id }) => {
        simulator.adminDoes(id, other!.id, 'close');
        return id;
      }),
    taps(visitor) {
      const seen = simulator
        .visitorSees(contacts[visitor]!)
        .findLast(({ options }) => options.length > 0);
      if (!seen?.conversationId) return undefined;
      const { uuid: value } = pick(random, seen.options);
      const { id: reply_id } = simulator.visitorTaps(seen.conversationId, value);
      const reply = { conversation_id: seen.conversationId, value, reply_id };
      return { reply, isSpoken: true };
    },
    close: () => simulator.close(),
  };
}

async function crisp({ clock, random, watcher, visitors }: Options): Promise<OfferChat> {
  const websiteId = '5e1a6a3c-8d0e-4f4b-9c55-3d2a1c7b9e10';
  const token = { tier: 'plugin' as const, identifier: 'identifier', key: 'key' };
  const simulator = createCrispSimulator({
    ...{ websiteId, tokens: [token], dailyQuota: false, clock, random },
    quirks: {
      earlyMessage: pick(random, ['initiates', 'refused'] as const),
      sessionsAreConversations: random() < 0.5,
    },
  });
  const { url } = await simulator.listen();
  const all = Array.from({ length: visitors }, (_, n) => n);
  const sessions = all.map((n) => {
    const tokened = isKnownById(n) ? { token: `token ${n}` } : {};
    const visitor = { email: emailOf(n), verified: true, ...tokened };
    return simulator.visitorArrives(visitor).session_id;
  });
  const conversations = all.map((n) => {
    if (!hasConversation(n)) return null;
    simulator.visitorWrites(sessions[n]!, 'Hello');
    simulator.operatorResolves(sessions[n]!);
    return sessions[n]!;
  });
  simulator.onChange((change) => {
    if (change.kind !== 'message' || change.message.type !== 'picker') return;
    const { session_id } = change.conversation;
    const visitor = sessions.indexOf(session_id);
    const content = change.message.content as { text: string; choices: { label: string }[] };
    watcher.text(visitor, session_id, content.text);
    watcher.options(
      visitor,
      session_id,
      content.choices.map(({ label }) => label),
    );
  });
  const basic = Buffer.from(`${token.identifier}:${token.key}`).toString('base64');
  return {
    name: 'crisp',
    faults: simulator.faults,
    authentication: { Authorization: `Basic ${basic}`, 'X-Crisp-Tier': token.tier },
    violations: () => [...simulator.journal.violations],
    conversations,
    channel({ clock: own }, send, random_, visitor) {
      const pace = createPace({ clock: own, maxConcurrent: CALLS_AT_ONCE });
      const parts = { baseUrl: `${url}/v1`, websiteId, send, pace, clock: own, random: random_ };
      return createCrispOffers(createCrispApi(parts), {
        ...{ chat: 'crisp', secret: token.key, nickname: '', sessionId: '', clock: own },
        token: isKnownById(visitor) ? `token ${visitor}` : '',
        ...{ emailMatch: 'verified', onlyWhileThere: false },
      });
    },
    writes(visitor) {
      simulator.visitorWrites(sessions[visitor]!, 'Help!');
      return sessions[visitor]!;
    },
    teamWrites(visitor) {
      simulator.operatorWrites(sessions[visitor]!, 'How can I help?');
      return true;
    },
    closes(visitor) {
      simulator.operatorResolves(sessions[visitor]!);
      return [sessions[visitor]!];
    },
    taps(visitor) {
      const conversation_id = sessions[visitor]!;
      const seen = simulator
        .visitorSees(conversation_id)
        .findLast(({ choices }) => choices.length > 0);
      if (!seen) return undefined;
      const { value } = pick(random, seen.choices);
      simulator.visitorPicks(conversation_id, seen.fingerprint, value);
      const message_ref = String(seen.fingerprint);
      return { reply: { conversation_id, message_ref, value }, isSpoken: false };
    },
    close: () => simulator.close(),
  };
}
