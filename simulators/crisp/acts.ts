import type { Clock } from '../../core/clock';
import { type Seen, seenIn } from './chatbox';
import { withChoice } from './content';
import { invalid, isBlocked } from './errors';
import type { Draft, Store } from './store';
import type {
  Change,
  Conversation,
  Message,
  NewVisitor,
  Operator,
  Page,
  Presence,
  SessionData,
} from './types';

/** What visitors do on the site and in its chatbox, and operators in Crisp's inbox. Unknown sessions are an ApiError 404. */
export interface Acts {
  /** The site is opened with its chatbox: a session that is no conversation yet. */
  visitorArrives(visitor: NewVisitor): Conversation;
  /** The same, in a conversation that was initiated and has no messages. */
  visitorOpens(visitor: NewVisitor): Conversation;
  /** The visitor goes to a page, and is there. */
  visitorVisits(sessionId: string, page: Page): void;
  /** The visitor leaves, looks elsewhere, or comes back, and then gets what was written meanwhile. */
  setPresence(sessionId: string, presence: Presence): void;
  /** What the visitor sees in the chatbox, oldest first. */
  visitorSees(sessionId: string): Seen[];
  /** The visitor opens the chatbox and reads everything. */
  visitorReads(sessionId: string): void;
  /** @throws ApiError 400 for a blocked visitor */
  visitorWrites(sessionId: string, text: string): Message;
  /** A tap on a picker's choice: the message changes, and a `message:updated` hook goes out. Each tap does so. */
  visitorPicks(sessionId: string, fingerprint: number, value: string): Message;
  /** What the site's snippet pushes as `session:data`: anybody can push anything. */
  setSessionData(sessionId: string, data: SessionData): void;
  /** What the site or the visitor says is the address. */
  setEmail(sessionId: string, email: string): void;
  /**
   * A person answers from Crisp's own inbox.
   * @param timestamp when they did, in milliseconds since the epoch; now by default
   */
  operatorWrites(sessionId: string, text: string, nickname?: string, timestamp?: number): Message;
  /** The same, for operators' eyes only. */
  operatorNotes(sessionId: string, text: string, nickname?: string, timestamp?: number): Message;
  operatorReads(sessionId: string): void;
  /** An operator marks the conversation as resolved; the next message reopens it. */
  operatorResolves(sessionId: string): void;
  operatorBlocks(sessionId: string, blocked: boolean): void;
  /** An operator takes the conversation; undefined gives it back. */
  operatorTakes(sessionId: string, operatorId: string | undefined): void;
  /** An operator, known by now, is there or not. */
  setOperator(operatorId: string, online: boolean): void;
}

interface Parts {
  store: Store;
  clock: Clock;
  websiteName: string;
  operators: Operator[];
  announce: (change: Change) => void;
}

export function createActs({ store, clock, websiteName, operators, announce }: Parts): Acts {
  const reads = (sessionId: string): void => store.acknowledge(sessionId, 'operator', 'read');
  /** A blocked visitor's chatbox sends nothing; who writes or taps has read. */
  const acting = (sessionId: string): Conversation => {
    const session = store.session(sessionId);
    if (session.blocked) throw isBlocked();
    reads(sessionId);
    return session;
  };
  const isAnyoneThere = (): boolean => operators.some(({ online }) => online);

  return {
    visitorArrives: (visitor) => store.open(visitor, false),
    visitorOpens: (visitor) => store.open(visitor),
    visitorVisits(sessionId, page) {
      store.setPresence(sessionId, 'active');
      store.setPage(sessionId, page);
    },
    setPresence: store.setPresence,
    visitorSees: (sessionId) => seenIn(store.session(sessionId)),
    visitorReads: reads,
    visitorWrites(sessionId, content) {
      const { nickname } = acting(sessionId).meta;
      const user = { user_id: sessionId, nickname };
      return store.add(sessionId, { type: 'text', from: 'user', origin: 'chat', content, user });
    },
    visitorPicks(sessionId, fingerprint, value) {
      const { type, content } = store.message(sessionId, fingerprint);
      if (type !== 'picker') throw invalid('There is nothing to choose from');
      const chosen = withChoice(content, value);
      acting(sessionId);
      return store.change(sessionId, fingerprint, chosen, 'picked');
    },
    setSessionData: store.setData,
    setEmail: store.setEmail,
    operatorWrites: (sessionId, content, nickname = websiteName, timestamp = clock.now()) =>
      store.add(sessionId, { ...byHand('text', content, nickname), timestamp }),
    operatorNotes: (sessionId, content, nickname = websiteName, timestamp = clock.now()) =>
      store.add(sessionId, { ...byHand('note', content, nickname), timestamp }),
    operatorReads: (sessionId) => store.acknowledge(sessionId, 'user', 'read'),
    operatorResolves: (sessionId) => store.setState(sessionId, 'resolved'),
    operatorBlocks: store.setBlocked,
    operatorTakes: store.assign,
    setOperator(operatorId, online) {
      const before = isAnyoneThere();
      const others = operators.filter(({ user_id }) => user_id !== operatorId);
      operators.splice(0, Infinity, ...others, { user_id: operatorId, online, since: clock.now() });
      const available = isAnyoneThere();
      if (available !== before) announce({ kind: 'availability', available });
    },
  };
}

/** What a person writes in Crisp's own inbox. */
function byHand(type: 'text' | 'note', content: string, nickname: string): Draft {
  return { type, from: 'operator', origin: 'chat', content, user: { type: 'operator', nickname } };
}
