import { systemClock, type Clock } from '../../core/clock';
import type { SessionMemory } from '../../core/memory/types';

const EVERY_MS = 600_000;

interface Log {
  debug(message: string): void;
  warn(message: string): void;
}

const tidied = new WeakSet<SessionMemory>();

/**
 * Erases what has outlived its retention for as long as the process lives, also while no workflow
 * runs: nobody may act for days. Further calls for the same memory do nothing.
 */
export function tidyWhileIdle(memory: SessionMemory, log: Log, clock: Clock = systemClock): void {
  if (tidied.has(memory)) return;
  tidied.add(memory);
  const tidyLater = () =>
    void clock.after(EVERY_MS, () => void tidyNow(memory, log).then(tidyLater));
  tidyLater();
}

/** Erases what has outlived its retention. Never rejects: it runs beside other work. */
export async function tidyNow(memory: SessionMemory, log: Log): Promise<void> {
  try {
    const sessions = await memory.expire();
    if (sessions > 0) log.debug(`Autoplay memory: ${sessions} sessions expired`);
  } catch (error) {
    log.warn(`Autoplay memory: expiry failed: ${(error as Error).message}`);
  }
}
