import { systemClock, type Clock } from '../../../core/clock';
import type { SessionMemory } from '../../../core/memory/types';

const WHILE_IDLE_EVERY_MS = 600_000;
const BESIDE_WORK_EVERY_MS = 60_000;

interface Log {
  debug(message: string): void;
  warn(message: string): void;
}

/** A damaged database is kept for a week and then erased. The slack is for work that was under way at the last use. */
const AT_LEAST_MS = 7 * 24 * 3_600_000;
const SLACK_MS = 3_600_000;

/** Until when each memory is tidied: by then, everything in it has expired. */
const tidiedUntil = new WeakMap<SessionMemory, number>();
/** When each memory was last tidied beside other work, in milliseconds since the epoch. */
const tidiedAt = new WeakMap<SessionMemory, number>();
/** The last failure that was logged for each memory that cannot be tidied. */
const troubles = new WeakMap<SessionMemory, string>();

/**
 * Erases what has outlived its retention even while no workflow runs, because visitors may stay away for days. Call it
 * with each use of a memory. A memory that is not used any more, because the credential names another one, is left
 * alone once everything in it has expired.
 *
 * @param retentionMs how long what is stored now is kept
 */
export function tidyWhileIdle(
  memory: SessionMemory,
  log: Log,
  clock: Clock = systemClock,
  retentionMs = 24 * 3_600_000,
): void {
  const before = tidiedUntil.get(memory);
  const until = clock.now() + Math.max(retentionMs, AT_LEAST_MS) + SLACK_MS;
  tidiedUntil.set(memory, Math.max(before ?? 0, until));
  if (before !== undefined) return;
  const tidyLater = () => {
    if (clock.now() <= tidiedUntil.get(memory)!) clock.after(WHILE_IDLE_EVERY_MS, tidyAndGoOn);
    else tidiedUntil.delete(memory);
  };
  const tidyAndGoOn = () => void tidyNow(memory, log).then(tidyLater);
  tidyLater();
}

/**
 * Erases what has outlived its retention in the background, at most once a minute however often it is called.
 */
export function tidyNowAndThen(memory: SessionMemory, log: Log, clock: Clock = systemClock): void {
  const now = clock.now();
  if (now - (tidiedAt.get(memory) ?? 0) < BESIDE_WORK_EVERY_MS) return;
  tidiedAt.set(memory, now);
  void tidyNow(memory, log);
}

/** Never rejects, because it runs in the background. */
async function tidyNow(memory: SessionMemory, log: Log): Promise<void> {
  try {
    const sessions = await memory.expire();
    if (sessions > 0) log.debug(`Autoplay memory: ${sessions} sessions expired`);
    troubles.delete(memory);
  } catch (error) {
    const { message } = error as Error;
    // It is tried again and again; only a new failure is logged.
    if (troubles.get(memory) === message) return;
    troubles.set(memory, message);
    log.warn(`Autoplay memory: expiry failed: ${message}`);
  }
}
