import type { Crowd, Person } from '../connector';
import { chatAs, type Conversation, type CrispSimulator, type Message } from '../crisp';
import type { BotCalls } from './botCalls';
import type { Chat } from './chat';
import { messageChoices, messageHtml } from './crispContent';
import { type Entry, isOpen, type ListEntry, noteKind, previewOf } from './threads';

/** What the inbox does not show of a conversation. */
const UNSHOWN = ['page', 'presence', 'acknowledged', 'blocked', 'assigned'];

/** The operator that the inbox writes as. */
const OPERATOR = 'Sam Rivera';

/**
 * The simulated Crisp, seen from the inbox.
 *
 * @param silentMinutes for how long the bot makes way for an operator
 */
export function crispChat(
  crisp: CrispSimulator,
  crowd: Crowd,
  calls: Pick<BotCalls, 'of'>,
  silentMinutes: () => number,
): Chat {
  /** The demo visitor that the site's snippet named in the session's data. */
  const personOf = ({ meta }: Conversation): Person | undefined =>
    crowd.people.find(({ id }) => id === meta.data.posthog_distinct_id);

  const listEntry = (conversation: Conversation): ListEntry => {
    const { session_id, meta, messages, compose, state, updated_at } = conversation;
    const said = messages.findLast(
      ({ type, removed }) => type !== 'note' && type !== 'event' && !removed,
    );
    return {
      id: session_id,
      chat: 'crisp',
      personId: personOf(conversation)?.id ?? null,
      name: meta.nickname || meta.email || 'Visitor',
      preview: said ? previewOf(messageHtml(said)) : 'Has the chat open',
      saidBy: said?.from === 'operator' ? 'team' : 'visitor',
      offer: said !== undefined && isOpen(messageChoices(said)),
      updatedAt: updated_at,
      typing: compose.operator !== undefined,
      silentUntil: silentUntil(conversation, silentMinutes()),
      state,
    };
  };
  return {
    name: 'crisp',
    owns: (id) => id.startsWith('session_'),
    list: () => crisp.conversations().map(listEntry),
    thread(id) {
      const conversation = crisp.conversation(id);
      return {
        ...listEntry(conversation),
        email: conversation.meta.email || null,
        // The state shows what events report.
        entries: conversation.messages
          .filter(({ type }) => type !== 'event')
          .map((message) => entry(message, conversation, calls)),
      };
    },
    start: (person, text) => chatAs(crisp, crowd, person, text).conversation.session_id,
    reply(id, text) {
      const conversation = crisp.conversation(id);
      const person = personOf(conversation);
      // In this conversation, even if the visitor has another one from another browser.
      const here = { ...crisp, sessions: () => [conversation] };
      const message = person
        ? chatAs(here, crowd, person, text).message
        : crisp.visitorWrites(id, text);
      return { id: String(message.fingerprint), conversation: id };
    },
    choose: (id, entryId, choiceId) => void crisp.visitorPicks(id, Number(entryId), choiceId),
    answer: (id, text) => String(crisp.operatorWrites(id, text, OPERATOR).fingerprint),
    watch: (announce) =>
      crisp.onChange((change) => {
        if (change.kind === 'restored') return announce(null);
        if (!('conversation' in change) || UNSHOWN.includes(change.kind)) return;
        if (change.conversation.initiated !== false) announce(listEntry(change.conversation));
      }),
  };
}

/** The end of the silence that an operator's latest message begins, unless the conversation was resolved since. */
function silentUntil({ messages }: Conversation, minutes: number): number | null {
  const latest = messages.findLast(
    ({ from, type, automated, content }) =>
      (type === 'event' && (content as { namespace?: string }).namespace === 'state:resolved') ||
      (from === 'operator' && type !== 'event' && type !== 'note' && !automated),
  );
  if (!latest || latest.type === 'event' || minutes <= 0) return null;
  return latest.timestamp + minutes * 60_000;
}

function entry(
  message: Message,
  { session_id, meta }: Conversation,
  calls: Pick<BotCalls, 'of'>,
): Entry {
  const { fingerprint, from, user, removed = false } = message;
  const body = messageHtml(message);
  const visitor = from === 'user';
  return {
    id: String(fingerprint),
    kind: visitor ? 'message' : message.type === 'note' ? noteKind(body) : 'reply',
    // The API no longer returns it either.
    body: removed ? '<p><i>This message was removed</i></p>' : body,
    at: message.timestamp,
    author: (visitor && meta.nickname) || user.nickname || (visitor ? 'Visitor' : 'Operator'),
    redacted: removed,
    edited: message.edited,
    automated: message.automated,
    choices: removed ? [] : messageChoices(message),
    // A visitor may change their mind.
    open: !removed,
    avatar: user.avatar ?? null,
    call: (removed ? undefined : calls.of(session_id, fingerprint)) ?? null,
  };
}
