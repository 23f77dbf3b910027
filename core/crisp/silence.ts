import type { Clock } from '../clock';
import type { CrispApi } from './api';
import { operatorWroteAt } from './operator';

/** After waiting longer than this for its turn, in milliseconds, a message needs another look. */
const STALE_MS = 5_000;
/** A message that Crisp tells to wait again and again gets no more looks, so that it comes to an end. */
const MAX_LOOKS = 8;

/** An operator has the conversation: nothing was sent. */
export class OperatorWroteError extends Error {
  /** @param at when they wrote, in milliseconds since the epoch */
  constructor(readonly at: number) {
    super('An operator has written in this conversation; nothing was sent');
    this.name = 'OperatorWroteError';
  }
}

/** The message had to wait since the conversation was looked at: look again. Nothing was sent. */
export class LookTooOldError extends Error {}

/**
 * Looks into the conversation before a message is sent.
 *
 * @returns what is called right before the request leaves, and throws a LookTooOldError
 * @throws OperatorWroteError
 */
export type Look = (api: Pick<CrispApi, 'messages'>) => Promise<() => Promise<void>>;

/** When to be silent. */
export interface Silence {
  /** How long after an operator's message, in milliseconds. */
  silenceMs: number;
  /** The token's key, by which our own messages are known. */
  secret: string;
  clock: Clock;
  /**
   * Told why Crisp did not say who wrote. The message is sent then: whoever asks should not stay without
   * an answer for that.
   */
  onUnknown: (error: unknown) => void;
}

/** Keeps a message back where an operator has written, also while it waited for its turn. */
export function unlessOperatorWrote(
  conversationId: string,
  { silenceMs, secret, clock, onUnknown }: Silence,
): Look {
  let looks = 0;
  return async (api) => {
    const lookedAt = clock.now();
    looks += 1;
    const sought = { since: lookedAt - silenceMs, secret };
    const at = await operatorWroteAt(api, conversationId, sought).catch((error: unknown) => {
      onUnknown(error);
      return null;
    });
    if (at !== null) throw new OperatorWroteError(at);
    return async () => {
      const isStale = clock.now() - lookedAt > STALE_MS;
      if (isStale && looks < MAX_LOOKS) throw new LookTooOldError();
    };
  };
}
