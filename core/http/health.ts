import type { Clock } from '../clock';
import type { Send } from './service';

/** So many calls in a row without an answer, and the service is taken to be away. */
const AWAY_AFTER = 10;
/** How often somebody finds out whether it is back, in milliseconds. */
const TRY_EVERY_MS = 5_000;

/**
 * Whether a service answers at all, as all calls with one token tell together. While it is away there is
 * nothing to be waited for: whoever waited for it would take up room that others need, for as long as it
 * stays away.
 */
export interface Health {
  /** A call begins; returns what says that it has ended. */
  asking(): () => void;
  /** A call was answered, be it with a refusal. */
  answered(): void;
  /** A call was not answered, or only with a server's error. */
  unanswered(): void;
  isAway(): boolean;
  /**
   * Whether the caller may call: always, while the service answers; else one caller every few seconds, and
   * nobody while somebody's call goes on: a service that says nothing at all would soon have many waiting for it.
   */
  mayTry(): boolean;
  /** A caller has ended: if it was let in to try and made no call after all, the next one may. */
  left(): void;
}

export function createHealth(clock: Clock): Health {
  let inVain = 0;
  let underWay = 0;
  let triedAt = -Infinity;
  /** Whether somebody was let in to try and has made no call yet. */
  let isUnused = false;
  const isAway = () => inVain >= AWAY_AFTER;
  return {
    asking() {
      underWay += 1;
      isUnused = false;
      return () => void (underWay -= 1);
    },
    answered() {
      inVain = 0;
    },
    unanswered() {
      inVain += 1;
      // Who found out that it is away has just tried.
      if (inVain === AWAY_AFTER) triedAt = clock.now();
    },
    isAway,
    mayTry() {
      if (!isAway()) return true;
      if (underWay > 0) return false;
      const since = clock.now() - triedAt;
      // Below zero, the clock has been set back.
      if (since >= 0 && since < TRY_EVERY_MS) return false;
      triedAt = clock.now();
      isUnused = true;
      return true;
    },
    left() {
      // Else those who have nothing to say could take up every try, and nobody would find out anything.
      if (isUnused) triedAt = -Infinity;
      isUnused = false;
    },
  };
}

/** The same way to send, telling `health` what became of each request. */
export function reporting(send: Send, health: Health): Send {
  return async (request) => {
    const ended = health.asking();
    try {
      const response = await send(request);
      if (response.status < 500) health.answered();
      else health.unanswered();
      return response;
    } catch (error) {
      health.unanswered();
      throw error;
    } finally {
      ended();
    }
  };
}
