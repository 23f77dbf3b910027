import { median } from '../measure/statistics';
import type { Figure, Result, Scenario } from '../types';
import { sameFigure } from './figures';
import type { Outcome } from './types';

interface RunAllOptions {
  scenarios: readonly Scenario[];
  quick: boolean;
  /** How often each scenario runs. */
  repeat: number;
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
 * Runs the scenarios one after the other, because two at once would disturb each other; repeated ones in rounds, because
 * a machine is slower for a while. A failure does not stop the others. An abort does, and the aborted scenario has no
 * outcome.
 */
export async function runAll(options: RunAllOptions): Promise<Outcome[]> {
  const { scenarios, quick, repeat, signal, now, commit, load } = options;
  const outcomes = new Map<string, Outcome>();
  for (let round = 0; round < repeat; round += 1) {
    for (const [i, { name, title, run }] of scenarios.entries()) {
      if (signal.aborted) break;
      const count = `${i + 1 + round * scenarios.length}/${scenarios.length * repeat}`;
      const prefix = `[${count}] ${name}:`;
      const progress = (text: string) => options.progress(`${prefix} ${text}`);
      const began = now();
      const at = new Date(began).toISOString();
      const about = { name, title, quick, at, commit, loadBefore: load() };
      options.step(`${prefix} ${title}`);
      const outcome: Outcome = { ...about, seconds: 0 };
      try {
        outcome.result = await run({ quick, progress, signal });
      } catch (error) {
        outcome.error = error instanceof Error ? (error.stack ?? error.message) : String(error);
      }
      if (signal.aborted) break;
      outcome.seconds = (now() - began) / 1_000;
      const before = outcomes.get(name);
      outcomes.set(name, before ? joined(before, outcome) : outcome);
    }
  }
  return [...outcomes.values()];
}

/** The outcome of one more run added to that of the runs before. */
function joined(before: Outcome, outcome: Outcome): Outcome {
  const all = {
    ...before,
    seconds: before.seconds + outcome.seconds,
    loadBefore: Math.max(before.loadBefore, outcome.loadBefore),
  };
  if (!before.result || !outcome.result) return { ...all, ...outcome, seconds: all.seconds };
  return { ...all, result: joinedResults(before.result, outcome.result) };
}

/** Figures become medians; curves and remarks are those of the first run. */
function joinedResults(before: Result, { figures }: Result): Result {
  return {
    ...before,
    figures: before.figures.map((figure): Figure => {
      const again = sameFigure(figures, figure);
      if (!again) return figure;
      const runs = [...(figure.runs ?? [figure.value]), again.value];
      return { ...figure, value: median(runs), runs };
    }),
  };
}
