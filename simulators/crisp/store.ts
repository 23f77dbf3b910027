import type { Clock } from '../../core/clock';
import { type Random, between } from '../random';
import { notFound } from './errors';
import { newSession } from './newSession';
import type { Quirks } from './quirks';
import { createSessionState } from './sessionState';
import type { Change, Conversation, Message, NewVisitor, Snapshot, State } from './types';

/** A message before it has a place: a fingerprint and a time are given to one that brings none. */
export type Draft = Pick<Message, 'type' | 'from' | 'origin' | 'content' | 'user'> &
  Partial<Pick<Message, 'fingerprint' | 'timestamp' | 'automated'>> & {
    /** Not shown to the visitor as it arrives. */
    stealth?: boolean;
  };

const RESOLVED: Draft = {
  type: 'event',
  from: 'operator',
  origin: 'chat',
  content: { namespace: 'state:resolved' },
  user: {},
};

/** The conversations and the few ways in which they change. */
export type Store = ReturnType<typeof createStore>;

/**
 * @param announce called after each change
 */
export function createStore(
  websiteId: string,
  clock: Clock,
  random: Random,
  quirks: Readonly<Quirks>,
  announce: (change: Change) => void,
) {
  const sessions = new Map<string, Conversation>();

  /** Whether it was initiated or not. @throws ApiError 404 */
  const session = (sessionId: string): Conversation => {
    const found = sessions.get(sessionId);
    if (!found) throw notFound('session');
    return found;
  };
  /** One that can be read through the API. @throws ApiError 404 */
  const conversation = (sessionId: string): Conversation => {
    const found = session(sessionId);
    if (found.initiated === false && !quirks.sessionsAreConversations) throw notFound('session');
    return found;
  };
  /** @throws ApiError 404, also for one that was removed */
  const message = (sessionId: string, fingerprint: number): Message => {
    const { messages } = session(sessionId);
    const found = messages.find((one) => one.fingerprint === fingerprint && !one.removed);
    if (!found) throw notFound('message');
    return found;
  };
  /** Fifteen digits, as the vendor's: the time and a few more. */
  const newFingerprint = ({ messages }: Conversation): number => {
    let next = clock.now() * 100 + between(random, 0, 99);
    while (messages.some(({ fingerprint }) => fingerprint === next)) next += 1;
    return next;
  };
  const touch = (one: Conversation): void => void (one.updated_at = clock.now());

  /** Makes a session a conversation, once. */
  const initiate = (sessionId: string): void => {
    const one = session(sessionId);
    if (one.initiated !== false) return;
    delete one.initiated;
    touch(one);
    announce({ kind: 'initiated', conversation: one });
  };

  /** The messages of one side reach the other side, or are read there: those that had not been yet. */
  const acknowledge = (
    sessionId: string,
    from: 'user' | 'operator',
    how: 'delivered' | 'read',
  ): void => {
    const one = session(sessionId);
    const affected = one.messages.filter(
      (message) => message.from === from && isSaid(message) && message[how] === undefined,
    );
    if (affected.length === 0) return;
    for (const message of affected) message[how] = 'chat';
    const fingerprints = affected.map(({ fingerprint }) => fingerprint);
    announce({ kind: 'acknowledged', conversation: one, how, from, fingerprints });
  };

  const setState = (sessionId: string, state: State): void => {
    const one = session(sessionId);
    if (one.state === state) return;
    one.state = state;
    touch(one);
    announce({ kind: 'state', conversation: one });
    // Documented as content of a message of this type; that it stands in the list is told by those
    // who export conversations. Of the other states they tell nothing.
    if (state === 'resolved') add(sessionId, RESOLVED);
  };

  /**
   * A fingerprint that exists already is taken all the same: nothing says that the vendor would
   * refuse it, and a client that relies on a refusal should find out here.
   */
  function add(sessionId: string, draft: Draft): Message {
    initiate(sessionId);
    const to = session(sessionId);
    const { stealth = false, ...given } = draft;
    const added: Message = {
      ...given,
      fingerprint: given.fingerprint ?? newFingerprint(to),
      timestamp: given.timestamp ?? clock.now(),
      session_id: sessionId,
      website_id: websiteId,
      automated: given.automated ?? false,
      edited: false,
      stamped: true,
    };
    const before = to.messages.findLastIndex(({ timestamp }) => timestamp <= added.timestamp);
    to.messages.splice(before + 1, 0, added);
    touch(to);
    announce({ kind: 'message', conversation: to, message: added });
    if (!isSaid(added)) return added;
    if (added.from === 'user' || to.presence !== 'gone') {
      acknowledge(sessionId, added.from, 'delivered');
    }
    // The chatbox shows the message instead of the dots. When states change by themselves is not
    // documented: an answer ends the waiting, and a visitor who writes again is not done.
    if (added.from === 'operator' && !stealth && to.compose.operator) {
      delete to.compose.operator;
      announce({ kind: 'compose', conversation: to });
    }
    if (to.state === (added.from === 'operator' ? 'pending' : 'resolved')) {
      setState(sessionId, 'unresolved');
    }
    return added;
  }

  const listed = (): Conversation[] =>
    [...sessions.values()].reverse().sort((a, b) => b.updated_at - a.updated_at);

  return {
    session,
    conversation,
    message,
    initiate,
    setState,
    acknowledge,
    add,
    ...createSessionState({ session, acknowledge, clock, announce }),
    /** Conversations, latest activity first. */
    conversations: () => listed().filter(({ initiated }) => initiated !== false),
    /** The same, and sessions that were not initiated. */
    sessions: listed,

    open(visitor: NewVisitor, initiated = true): Conversation {
      const opened = newSession(visitor, initiated, clock.now(), random);
      sessions.set(opened.session_id, opened);
      const kind = initiated ? 'conversation-created' : 'session-created';
      announce({ kind, conversation: opened });
      return opened;
    },

    /** @param how an operator's edit, which operators see, or a visitor's choice */
    change(
      sessionId: string,
      fingerprint: number,
      content: unknown,
      how: 'edited' | 'picked',
    ): Message {
      const changed = message(sessionId, fingerprint);
      changed.content = content;
      changed.edited ||= how === 'edited';
      const within = session(sessionId);
      touch(within);
      announce({ kind: how, conversation: within, message: changed });
      return changed;
    },

    remove(sessionId: string, fingerprint: number): void {
      const removed = message(sessionId, fingerprint);
      removed.removed = true;
      const within = session(sessionId);
      touch(within);
      announce({ kind: 'removed', conversation: within, message: removed });
    },

    snapshot: (): Snapshot =>
      structuredClone({ version: 1, conversations: [...sessions.values()] }),

    /** Replaces everything. */
    restore(snapshot: Snapshot): void {
      sessions.clear();
      for (const one of structuredClone(snapshot.conversations)) {
        // After a restart, no operator is typing.
        sessions.set(one.session_id, { ...one, compose: {} });
      }
      announce({ kind: 'restored' });
    },
  };
}

/** Whether a message is one that visitors see: no note, and no event. */
export function isSaid({ type, removed }: Pick<Message, 'type' | 'removed'>): boolean {
  return type !== 'note' && type !== 'event' && !removed;
}
