import { systemClock, type Clock } from '../../core/clock';
import type { SessionMemory } from '../../core/memory/types';

const WHILE_IDLE_EVERY_MS = 600_000;
const BESIDE_WORK_EVERY_MS = 60_000;

interface Log {
  debug(message: string): void;
  warn(message: string): void;
}

/** Memories that are tidied for as long as the process lives. */
const tidied = new WeakSet<SessionMemory>();
/** When each was tidied beside work, in milliseconds since the epoch. */
const tidiedAt = new WeakMap<SessionMemory, number>();

/**
 * Erases what has outlived its retention for as long as the process lives, also while no workflow
 * runs: nobody may act for days. Further calls for the same memory do nothing.
 */
export function tidyWhileIdle(memory: SessionMemory, log: Log, clock: Clock = systemClock): void {
  if (tidied.has(memory)) return;
  tidied.add(memory);
  const tidyLater = () =>
    void clock.after(WHILE_IDLE_EVERY_MS, () => void tidyNow(memory, log).then(tidyLater));
  tidyLater();
}

/**
 * Erases what has outlived its retention, beside the caller's work and at most once a minute, however
 * often it is called.
 */
export function tidyNowAndThen(memory: SessionMemory, log: Log, clock: Clock = systemClock): void {
  const now = clock.now();
  if (now - (tidiedAt.get(memory) ?? 0) < BESIDE_WORK_EVERY_MS) return;
  tidiedAt.set(memory, now);
  void tidyNow(memory, log);
}

/** Never rejects: it runs beside other work. */
async function tidyNow(memory: SessionMemory, log: Log): Promise<void> {
  try {
    const sessions = await memory.expire();
    if (sessions > 0) log.debug(`Autoplay memory: ${sessions} sessions expired`);
  } catch (error) {
    log.warn(`Autoplay memory: expiry failed: ${(error as Error).message}`);
  }
}
