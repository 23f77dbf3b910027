import type { Clock } from '../clock';
import type { Send } from './service';

/** After this many calls in a row without an answer, the service counts as away. */
const AWAY_AFTER = 10;
/** The pause between two calls that find out whether it is back, in milliseconds. */
const TRY_EVERY_MS = 5_000;

/**
 * Whether a service answers at all, by the outcome of all calls with one token. While it is away, waiting is pointless:
 * executions that waited for it would take the places of others for as long as it stays away.
 */
export interface Health {
  /** Records that a call begins; returns a function that records its end. */
  asking(): () => void;
  /** Records that a call was answered, also with a refusal. */
  answered(): void;
  /** Records that a call was not answered, or only with a server error. */
  unanswered(): void;
  isAway(): boolean;
  /**
   * Whether the caller may call. While the service answers, always; while it is away, one caller every few seconds, and
   * none while another call is under way: many calls would soon wait for a service that never answers.
   */
  mayTry(): boolean;
  /** Records that a caller has ended. If it was let in to try and made no call, the next one may try. */
  left(): void;
}

export function createHealth(clock: Clock): Health {
  let inVain = 0;
  let underWay = 0;
  let triedAt = -Infinity;
  /** Whether a caller was let in to try and has made no call yet. */
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
      // This call was a try.
      if (inVain === AWAY_AFTER) triedAt = clock.now();
    },
    isAway,
    mayTry() {
      if (!isAway()) return true;
      if (underWay > 0) return false;
      const since = clock.now() - triedAt;
      // Negative after the clock was set back.
      if (since >= 0 && since < TRY_EVERY_MS) return false;
      triedAt = clock.now();
      isUnused = true;
      return true;
    },
    left() {
      // Otherwise turns that make no call would use up every try, and the service would stay away.
      if (isUnused) triedAt = -Infinity;
      isUnused = false;
    },
  };
}

/** A `send` that reports the outcome of each request to `health`. */
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
