import { pauseAfter } from '../backoff';
import { timeUntil, wait, type Clock } from '../clock';
import { fields, text } from '../values';
import { retryPause } from '../http/retries';
import type { SessionMemory, SessionRef, SummaryCondition } from '../memory/types';
import { shorten, visible } from '../text/visible';
import { withoutReasoning } from '../text/reasoning';
import { EmptyAnswerError, restAskedFor, UnusableAnswerError } from './modelErrors';
import { renderPrompt } from './prompt';
import { createTurns, LONGEST_REST_MS, type Turns } from './turns';

/** Asks a language model; must stop when `signal` aborts. */
export type Model = (prompt: string, signal: AbortSignal) => Promise<string>;

interface SummaryParts {
  memory: SessionMemory;
  model: Model;
  clock: Clock;
  random: () => number;
  /** Decides when the model is asked; by default, at once. */
  turns?: Turns;
}

export interface SummaryOptions {
  /** The number of unsummarized actions from which on a summary is written. */
  threshold: number;
  /** Only for sessions that are linked to a conversation. */
  linkedOnly: boolean;
  /** Has passed `templateFault`. */
  template: string;
  /** The limit for one attempt, in milliseconds. */
  timeoutMs: number;
  /** Includes sessions that still pause because the model failed for them. */
  includePaused: boolean;
  /** The limit for everything together, in milliseconds; what is not done by then is left for later. */
  limitMs?: number | undefined;
  /** See {@link SummaryCondition.leave}. */
  leave?: SummaryCondition['leave'];
}

export interface SummaryOutcome {
  /** Whether a new summary was written now. */
  summarized: boolean;
  /** The session's rolling summary, new or old. */
  summary: string | null;
  /** The number of actions that no summary covers yet. */
  waiting: number;
  /** The model was busy with other sessions or too slow, so a later execution has to summarize this one. */
  leftForLater?: boolean;
}

/** A prompt has to fit into small models; a longer session is summarized in several rounds. */
const MAX_ACTIONS_PER_SUMMARY = 200;
/** There may be time for one round only. */
const MAX_ACTIONS_WITHIN_LIMIT = 500;
/** The same in characters: about 10,000 tokens. */
const MAX_PROMPT = 40_000;
const MAX_ROUNDS = 10;
const MAX_ATTEMPTS = 3;
/** In characters: a model that does not stop must not fill notes and prompts. */
const MAX_ANSWER = 20_000;
/**
 * How long a session waits for its turn, in milliseconds, and where many wait already. Executions that wait take the places
 * of others, which carry new activity: at 1,000 events a second, those that waited for 15 s took all places, and no note
 * was written for seconds. A wake-up takes no such place.
 */
const TURN_WAIT_MS = 15_000;
const TURN_WAIT_IN_CROWD_MS = 5_000;
/** How long a session that had no turn pauses. */
const LATER_MS = 30_000;
/** The longest pause asked for by the model's server that an attempt waits for. */
const REST_WAIT_MS = 30_000;

/**
 * Writes the session's next rolling summary if there are enough unsummarized actions.
 *
 * @throws the model's error at the last attempt; the actions then stay unsummarized
 */
export async function summarizeSession(
  parts: SummaryParts,
  session: SessionRef,
  options: SummaryOptions,
): Promise<SummaryOutcome> {
  const { memory, turns = createTurns(parts.clock)() } = parts;
  const left = timeLeft(parts.clock, options);
  let endTurn = turns.tryTake();
  if (!endTurn) {
    // Most sessions need no summary, so they do not wait for calls of others.
    const { waiting, summary } = await claim(memory, session, { ...options, threshold: Infinity });
    if (waiting < options.threshold) return { summarized: false, summary, waiting };
    const isCrowded = turns.isCrowded() && !options.includePaused;
    const longest = isCrowded ? TURN_WAIT_IN_CROWD_MS : TURN_WAIT_MS;
    endTurn = await turns.take(Math.min(longest, left()));
  }
  if (!endTurn) return await leaveForLater(memory, session, options);
  try {
    return await summarizeInTurn({ ...parts, turns, left }, session, options);
  } finally {
    endTurn();
  }
}

/** Makes the session due again a little later, because the model is busy with other sessions. */
async function leaveForLater(
  memory: SessionMemory,
  session: SessionRef,
  options: SummaryOptions,
): Promise<SummaryOutcome> {
  const claimed = await claim(memory, session, options);
  if (!('work' in claimed)) {
    return { summarized: false, summary: claimed.summary, waiting: claimed.waiting };
  }
  const { work } = claimed;
  await memory.releaseSummary(work, LATER_MS);
  const waiting = work.actions.length;
  return { summarized: false, summary: work.previousSummary, waiting, leftForLater: true };
}

/** What is left of the limit, in milliseconds. */
type Left = () => number;

function timeLeft(clock: Clock, { limitMs }: SummaryOptions): Left {
  if (limitMs === undefined) return () => Infinity;
  const end = clock.now() + limitMs;
  return () => timeUntil(clock, end, limitMs);
}

/** The limit for everything together has passed. */
class LimitError extends Error {}

type TurnParts = SummaryParts & { turns: Turns; left: Left };

/** @returns the claimed work, or, if there is none, the session's summary and number of unsummarized actions */
async function claim(
  memory: SessionMemory,
  session: SessionRef,
  { threshold, linkedOnly, timeoutMs, includePaused, leave }: SummaryOptions,
  maxActions = MAX_ACTIONS_PER_SUMMARY,
) {
  const claimed = await memory.claimSummary(session, {
    threshold,
    linkedOnly,
    maxActions,
    // All attempts with their pauses, and some more.
    leaseMs: MAX_ATTEMPTS * (timeoutMs + REST_WAIT_MS) + 15_000,
    includePaused,
    leave,
  });
  return claimed.status === 'claimed' ? { work: claimed.work, waiting: 0, summary: null } : claimed;
}

async function summarizeInTurn(
  parts: TurnParts,
  session: SessionRef,
  options: SummaryOptions,
): Promise<SummaryOutcome> {
  const { memory, clock } = parts;
  let summarized = false;
  let maxActions =
    options.limitMs === undefined ? MAX_ACTIONS_PER_SUMMARY : MAX_ACTIONS_WITHIN_LIMIT;
  for (let rounds = 0; ;) {
    // A visitor who is faster than the model must not keep this execution running for ever.
    const threshold = rounds < MAX_ROUNDS ? options.threshold : Infinity;
    const claimed = await claim(memory, session, { ...options, threshold }, maxActions);
    if (!('work' in claimed)) {
      return { summarized, summary: claimed.summary, waiting: claimed.waiting };
    }
    const { work } = claimed;
    const prompt = renderPrompt(options.template, work.actions, work.previousSummary);
    const mayShrink = work.actions.length > 1;
    const half = Math.ceil(work.actions.length / 2);
    if (mayShrink && prompt.length > MAX_PROMPT) {
      await memory.releaseSummary(work, 0);
      maxActions = half;
      continue;
    }
    try {
      const summary = await ask(parts, prompt, options.timeoutMs);
      if (await memory.commitSummary(work, summary)) summarized = true;
      rounds += 1;
    } catch (error) {
      const shrinks = mayShrink && isTooLarge(error, prompt);
      const pause = Math.max(pauseAfter(work.failures), restAskedFor(error, clock.now()) ?? 0);
      await memory.releaseSummary(work, shrinks ? 0 : Math.min(pause, LONGEST_REST_MS));
      if (error instanceof LimitError) {
        const waiting = work.actions.length;
        return { summarized, summary: work.previousSummary, waiting, leftForLater: true };
      }
      if (!shrinks) throw error;
      maxActions = half;
    }
  }
}

/** No model refuses a shorter prompt for its length. */
const LONG_PROMPT = 4_000;
const TOO_LARGE = [400, 413, 422];
/** Reasons for which a part of the prompt would be refused as well. */
const OTHER_REASON =
  /invalid model|model[^.]{0,80}(?:not found|does not exist)|api key|content[ _](?:filter|management)/i;

/**
 * Whether the model may accept half of a prompt that it refused. Servers have different words for a prompt that is too
 * long, so each refusal of a long prompt counts unless it names another reason.
 */
function isTooLarge(error: unknown, { length }: string): boolean {
  const { status, message } = fields(error);
  if (length <= LONG_PROMPT || !TOO_LARGE.includes(Number(status))) return false;
  return !OTHER_REASON.test(text(message).slice(0, 1_000));
}

async function ask(
  { model, clock, random, turns, left }: TurnParts,
  prompt: string,
  timeoutMs: number,
): Promise<string> {
  for (let attempts = 1; ; attempts++) {
    // Outside of the try: its error is of an earlier attempt. Counted as a new request to rest, it would never end.
    await turns.rested(REST_WAIT_MS);
    if (left() <= 0) throw new LimitError();
    try {
      const said = await withTimeout(clock, Math.min(timeoutMs, left()), (signal) =>
        model(prompt, signal),
      );
      // Reasoning is removed before the cut, because it may be longer than the answer that follows.
      const answer = visible(text(shorten(withoutReasoning(said), MAX_ANSWER))).trim();
      if (answer === '') throw new EmptyAnswerError();
      return answer;
    } catch (error) {
      const rest = restAskedFor(error, clock.now());
      if (rest !== undefined) turns.rest(rest, error);
      if (left() <= 0) throw new LimitError();
      if (attempts >= MAX_ATTEMPTS || isLasting(error) || (rest ?? 0) > REST_WAIT_MS) throw error;
      const pause = Math.max(retryPause(attempts, random), rest ?? 0);
      if (pause >= left()) throw new LimitError();
      await wait(clock, pause);
    }
  }
}

/** Whether another attempt would fail as well, as with a wrong key or model name. */
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
    // A race, because a model may ignore the signal.
    return await Promise.race([call(abort.signal), timeout]);
  } finally {
    cancel();
  }
}
