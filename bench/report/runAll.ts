import type { Scenario } from '../types';
import type { Outcome } from './types';

interface RunAllOptions {
  scenarios: readonly Scenario[];
  quick: boolean;
  /** A scenario begins. */
  step(text: string): void;
  /** The same scenario, further on. */
  progress(text: string): void;
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  commit: string;
  load(): number;
}

/**
 * Runs the scenarios one after the other, because two at once would disturb each other. A failure does not
 * stop the others. An abort does, and the aborted scenario has no outcome.
 */
export async function runAll(options: RunAllOptions): Promise<Outcome[]> {
  const { scenarios, quick, signal, now, commit, load } = options;
  const outcomes: Outcome[] = [];
  for (const [i, { name, title, run }] of scenarios.entries()) {
    if (signal.aborted) break;
    const prefix = `[${i + 1}/${scenarios.length}] ${name}:`;
    const progress = (text: string) => options.progress(`${prefix} ${text}`);
    const began = now();
    const at = new Date(began).toISOString();
    const about = { name, title, quick, at, commit, loadBefore: load() };
    options.step(`${prefix} ${title}`);
    try {
      const result = await run({ quick, progress, signal });
      if (signal.aborted) break;
      outcomes.push({ ...about, seconds: (now() - began) / 1_000, result });
    } catch (error) {
      if (signal.aborted) break;
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      outcomes.push({ ...about, seconds: (now() - began) / 1_000, error: message });
    }
  }
  return outcomes;
}
