import type { IExecuteFunctions } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { templateFault } from '../../core/summary/prompt';
import { summarizeSession, type SummaryOptions } from '../../core/summary/summarize';
import { asError, text } from '../../core/values';
import { sessionOf } from '../shared/items';
import { openMemory } from '../shared/memory/open';
import { parametersOf } from '../shared/operations/parameters';
import type { Item, Outcome, Work } from '../shared/operations/run';
import { releaseSessions } from '../shared/release';
import {
  callsAtOnce,
  leaveOutMinutes,
  prompt,
  sessions,
  threshold,
  timeout,
  waitAtMost,
} from './description';
import { modelFor } from './model';

/** Each item with the session's `summary`, whether it is new (`summarized`), and `actions_since_summary`. */
export const summarize: Work = {
  retried: true,
  async begin(context) {
    const begun = begin(context);
    // Each item reports it.
    begun.catch(() => undefined);
    return async (item) => {
      const work = async () => await (await begun)(item);
      return item.options.has(waitAtMost) ? await work().catch(withoutSummary) : await work();
    };
  },
};

/** Sets up what all items need; returns what to do with one. */
async function begin(context: IExecuteFunctions): Promise<(item: Item) => Promise<Outcome>> {
  // Summaries are claimed, so what the visitors do meanwhile need not wait for the model.
  await releaseSessions(context);
  const { storage, memoryOf } = await openMemory(context);
  const { model, turnsOf } = await modelFor(context);
  const turns = turnsOf(parametersOf(context, 0).options.count(callsAtOnce));
  const parts = { memory: storage, model, turns, clock: systemClock, random: Math.random };
  return async (item) => {
    const options = optionsOf(item);
    const session = sessionOf(memoryOf(item.index), item);
    // A visitor who has not been seen yet has nothing to sum up.
    if (!session) return { json: {}, toModel: { summary: null, summarized: false } };
    const outcome = await summarizeSession(parts, session, options);
    const { summary, summarized, waiting, leftForLater } = outcome;
    const json = { summary, summarized, actions_since_summary: waiting };
    return { json, leftForLater, worked: summarized };
  };
}

/**
 * The outcome for a visitor who waits for an answer: they get it without a summary. As an item with an error it would lose
 * its fields, or be left out where the cause has been shown before.
 */
function withoutSummary(error: unknown): Outcome {
  return {
    json: { summarized: false },
    leftForLater: true,
    hint: `Not summed up: ${asError(error).message}. A later execution tries again.`,
  };
}

/** How many actions Recall lists unless it is told otherwise. */
const LISTED = 20;

/** @throws NodeOperationError for a prompt or a number that cannot be used */
function optionsOf(item: Item): SummaryOptions {
  const { options } = item;
  const template = text(item.raw(prompt));
  const fault = templateFault(template);
  if (fault) throw item.fault(fault, 'Nothing is lost: the actions wait for the next summary.');
  return {
    threshold: item.count(threshold),
    linkedOnly: item.choice(sessions) === 'linked',
    template,
    timeoutMs: options.milliseconds(timeout, 1_000),
    includePaused: item.json.resumed === true,
    ...(options.has(waitAtMost) && { limitMs: options.milliseconds(waitAtMost, 1_000) }),
    ...(options.has(leaveOutMinutes) && {
      leave: { windowMs: options.milliseconds(leaveOutMinutes, 60_000), maxActions: LISTED },
    }),
  };
}
