import type { Clock } from '../../core/clock';
import { type Random, between, uuid } from '../random';
import { notFound } from './errors';
import type {
  Change,
  Conversation,
  Message,
  NewVisitor,
  SessionData,
  Snapshot,
  State,
  Verification,
} from './types';

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
  announce: (change: Change) => void,
) {
  const conversations = new Map<string, Conversation>();

  /** @throws ApiError 404 */
  const conversation = (sessionId: string): Conversation => {
    const found = conversations.get(sessionId);
    if (!found) throw notFound('session');
    return found;
  };
  /** @throws ApiError 404, also for one that was removed */
  const message = (sessionId: string, fingerprint: number): Message => {
    const { messages } = conversation(sessionId);
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

  const setState = (sessionId: string, state: State): void => {
    const one = conversation(sessionId);
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
    const to = conversation(sessionId);
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
    if (added.type === 'note' || added.type === 'event') return added;
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

  return {
    conversation,
    message,
    setState,
    /** Latest activity first. */
    conversations: () =>
      [...conversations.values()].reverse().sort((a, b) => b.updated_at - a.updated_at),

    open(visitor: NewVisitor): Conversation {
      const { nickname, email = '', verified = false, data = {} } = visitor;
      const at = clock.now();
      const opened: Conversation = {
        session_id: visitor.session_id ?? `session_${uuid(random)}`,
        created_at: at,
        updated_at: at,
        state: 'pending',
        is_verified: verified !== false,
        verifications: verified ? [verificationOf(verified === 'phone' ? 'phone' : 'email')] : [],
        meta: {
          nickname: nickname ?? `visitor${between(random, 100_000, 999_999)}`,
          email,
          phone: '',
          data: { ...data },
          segments: [],
        },
        compose: {},
        messages: [],
      };
      conversations.set(opened.session_id, opened);
      announce({ kind: 'conversation-created', conversation: opened });
      return opened;
    },

    add,

    /** @param edited whether operators see that the words changed; a tap on a choice does not show so */
    change(sessionId: string, fingerprint: number, content: unknown, edited = true): Message {
      const changed = message(sessionId, fingerprint);
      changed.content = content;
      changed.edited ||= edited;
      const within = conversation(sessionId);
      touch(within);
      announce({ kind: 'edited', conversation: within, message: changed });
      return changed;
    },

    remove(sessionId: string, fingerprint: number): void {
      const removed = message(sessionId, fingerprint);
      removed.removed = true;
      const within = conversation(sessionId);
      touch(within);
      announce({ kind: 'removed', conversation: within, message: removed });
    },

    compose(sessionId: string, typing: boolean): void {
      const one = conversation(sessionId);
      if (!typing && !one.compose.operator) return;
      if (typing) one.compose.operator = { timestamp: clock.now() };
      else delete one.compose.operator;
      announce({ kind: 'compose', conversation: one });
    },

    /** Adds to the data: what is not named stays. */
    setData(sessionId: string, data: SessionData): void {
      const one = conversation(sessionId);
      const { data: known } = one.meta;
      if (Object.entries(data).every(([key, value]) => known[key] === value)) return;
      Object.assign(known, data);
      announce({ kind: 'meta', conversation: one });
    },

    snapshot: (): Snapshot =>
      structuredClone({ version: 1, conversations: [...conversations.values()] }),

    /** Replaces everything. */
    restore(snapshot: Snapshot): void {
      conversations.clear();
      for (const one of structuredClone(snapshot.conversations)) {
        // After a restart, no operator is typing.
        conversations.set(one.session_id, { ...one, compose: {} });
      }
      announce({ kind: 'restored' });
    },
  };
}

/** As the website's server verifies, by a signature. */
function verificationOf(identity: string): Verification {
  return { identity, method: 'signature', annotation: '' };
}
