import { wait, type Clock } from '../clock';
import { text } from '../http/fields';
import { backoff, pauseAfter } from '../http/retries';
import type { SessionMemory, SessionRef, SummaryWork } from '../memory/types';
import { shorten } from '../text/shorten';
import { visible } from '../text/visible';
import { withoutReasoning } from '../text/reasoning';
import { EmptyAnswerError, UnusableAnswerError } from './modelErrors';
import { renderPrompt } from './prompt';

/** Asks a language model; must stop when `signal` aborts. */
export type Model = (prompt: string, signal: AbortSignal) => Promise<string>;

export interface SummaryParts {
  memory: SessionMemory;
  model: Model;
  clock: Clock;
  random: () => number;
}

export interface SummaryOptions {
  /** A summary is written when at least so many actions wait for one. */
  threshold: number;
  /** Only for sessions that are linked to a conversation. */
  linkedOnly: boolean;
  /** Has passed `templateFault`. */
  template: string;
  /** For one attempt, in milliseconds. */
  timeoutMs: number;
  /** Also when the model failed for this session a moment ago. */
  evenBackingOff: boolean;
}

export interface SummaryOutcome {
  /** Whether a new summary was written now. */
  summarized: boolean;
  /** The session's rolling summary, new or old. */
  summary: string | null;
  /** Actions that no summary covers yet. */
  waiting: number;
}

/** Keeps a prompt within what small models take; a longer session is summarized in several steps. */
const MAX_ACTIONS_PER_SUMMARY = 200;
const MAX_ROUNDS = 10;
const MAX_ATTEMPTS = 3;
/** Characters; a model that does not stop must not fill notes and prompts. */
const MAX_ANSWER = 20_000;

/**
 * Writes the session's next rolling summary when enough actions wait for it.
 *
 * @throws what the model threw at the last attempt; the actions then still wait
 */
export async function summarizeSession(
  parts: SummaryParts,
  session: SessionRef,
  options: SummaryOptions,
): Promise<SummaryOutcome> {
  let summarized = false;
  for (let round = 1; ; round++) {
    const claim = await parts.memory.claimSummary(session, {
      // A visitor who is faster than the model must not keep this execution for ever.
      threshold: round <= MAX_ROUNDS ? options.threshold : Infinity,
      linkedOnly: options.linkedOnly,
      maxActions: MAX_ACTIONS_PER_SUMMARY,
      // All attempts together, the pauses between them, and some more.
      leaseMs: MAX_ATTEMPTS * options.timeoutMs + 15_000,
      evenBackingOff: options.evenBackingOff,
    });
    if (claim.status !== 'claimed') {
      return { summarized, summary: claim.summary, waiting: claim.waiting };
    }
    try {
      const summary = await ask(parts, claim.work, options);
      if (await parts.memory.commitSummary(claim.work, summary)) summarized = true;
    } catch (error) {
      await parts.memory.releaseSummary(claim.work, pauseAfter(claim.work.failures));
      throw error;
    }
  }
}

async function ask(
  { model, clock, random }: SummaryParts,
  work: SummaryWork,
  { template, timeoutMs }: SummaryOptions,
): Promise<string> {
  const prompt = renderPrompt(template, work.actions, work.previousSummary);
  for (let attempts = 1; ; attempts++) {
    try {
      const said = await withTimeout(clock, timeoutMs, (signal) => model(prompt, signal));
      // Before it is cut: the reasoning may be longer than the answer that follows it.
      const answer = visible(text(shorten(withoutReasoning(said), MAX_ANSWER))).trim();
      if (answer === '') throw new EmptyAnswerError();
      return answer;
    } catch (error) {
      if (attempts >= MAX_ATTEMPTS || isLasting(error)) throw error;
      await wait(clock, backoff(attempts, random));
    }
  }
}

/** A wrong key or model name does not become right by asking again. */
function isLasting(error: unknown): boolean {
  if (error instanceof UnusableAnswerError) return error.isLasting;
  const status = (error as { status?: unknown } | null)?.status;
  return (
    typeof status === 'number' && status >= 400 && status < 500 && ![408, 409, 429].includes(status)
  );
}

async function withTimeout<T>(
  clock: Clock,
  ms: number,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let cancel = () => {};
  const timeout = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => {
      reject(new Error(`The model did not answer within ${Math.round(ms / 1000)} s`));
      abort.abort();
    });
  });
  try {
    // Raced, because a model may not heed the signal.
    return await Promise.race([call(abort.signal), timeout]);
  } finally {
    cancel();
  }
}
