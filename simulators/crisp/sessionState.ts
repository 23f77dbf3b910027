import type { Clock } from '../../core/clock';
import type { Change, Conversation, Page, Presence, SessionData } from './types';

interface Parts {
  /** @throws ApiError 404 */
  session: (sessionId: string) => Conversation;
  acknowledge: (sessionId: string, from: 'operator', how: 'delivered') => void;
  clock: Clock;
  announce: (change: Change) => void;
}

/** What changes of a session besides its messages. Unknown sessions are an ApiError 404. */
export function createSessionState({ session, acknowledge, clock, announce }: Parts) {
  /** Sets what differs of a session, and announces that. */
  function set<Key extends 'blocked' | 'assignedTo' | 'presence' | 'page'>(
    sessionId: string,
    key: Key,
    value: Conversation[Key],
    kind: 'blocked' | 'assigned' | 'presence' | 'page',
  ): void {
    const one = session(sessionId);
    if (JSON.stringify(one[key]) === JSON.stringify(value)) return;
    if (value === undefined) delete one[key];
    else one[key] = value;
    announce({ kind, conversation: one });
  }

  return {
    compose(sessionId: string, typing: boolean): void {
      const one = session(sessionId);
      if (!typing && !one.compose.operator) return;
      if (typing) one.compose.operator = { timestamp: clock.now() };
      else delete one.compose.operator;
      announce({ kind: 'compose', conversation: one });
    },

    /** Adds to the data: what is not named stays. */
    setData(sessionId: string, data: SessionData): void {
      const one = session(sessionId);
      const { data: known } = one.meta;
      if (Object.entries(data).every(([key, value]) => known[key] === value)) return;
      Object.assign(known, data);
      announce({ kind: 'meta', conversation: one });
    },

    /** As anybody can type it. */
    setEmail(sessionId: string, email: string): void {
      const one = session(sessionId);
      if (one.meta.email === email) return;
      one.meta.email = email;
      announce({ kind: 'email', conversation: one });
    },

    setBlocked: (sessionId: string, blocked: boolean): void =>
      set(sessionId, 'blocked', blocked || undefined, 'blocked'),

    assign: (sessionId: string, operatorId: string | undefined): void =>
      set(sessionId, 'assignedTo', operatorId, 'assigned'),

    setPage(sessionId: string, page: Page): void {
      session(sessionId).seenAt = clock.now();
      set(sessionId, 'page', page, 'page');
    },

    /** A visitor who comes back gets what was written meanwhile. */
    setPresence(sessionId: string, presence: Presence): void {
      session(sessionId).seenAt = clock.now();
      set(sessionId, 'presence', presence === 'active' ? undefined : presence, 'presence');
      if (presence !== 'gone') acknowledge(sessionId, 'operator', 'delivered');
    },
  };
}
