import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../types';
import { PATIENCE_MS, type Cost, type CostStage } from './costStage';
import { FAST } from './services';
import { coveredMs } from './visits';

/** How soon visitors got answers. Times in milliseconds. */
export interface Answers {
  /** Of each answer: from the message to the reply in Crisp, without the model's own time. */
  times: number[];
  /** Of each: how much of that at least one call to Crisp was under way, and until the first of them came. */
  crispMs: number[];
  startMs: number[];
  /** Calls to Crisp until the reply was there. */
  callsBefore: number[];
  cost: Cost;
}

/** Actions of each visitor before they write. */
const ACTIONS = 4;

/** New visitors act and then write once each, so many at once; each of the others waits until one has an answer. */
export async function answerVisitors(
  stage: CostStage,
  { count, atOnce, signal }: { count: number; atOnce: number } & Pick<Run, 'signal'>,
): Promise<Answers> {
  const visitors = Array.from({ length: count }, stage.newVisitor);
  await stage.costOf(async () => {
    for (let i = 0; i < ACTIONS * count; i += 1) {
      visitors[i % count]!.act();
      await sleep(5, null, { signal });
    }
  });
  const answers: Omit<Answers, 'cost'> = { times: [], crispMs: [], startMs: [], callsBefore: [] };
  const one = async (visitor: (typeof visitors)[number]) => {
    const writtenAt = Date.now();
    const modelCalls = stage.model.requests.length;
    const conversationId = visitor.write();
    const repliedAt = await reply(stage, conversationId, signal);
    const calls = stage.crisp.journal.requests
      .filter(({ path }) => path.includes(conversationId))
      .map(({ at }) => at)
      .sort((a, b) => a - b);
    // Only the one that answers is asked before: these visitors have done nothing that a summary would cover.
    if (stage.model.requests.length === modelCalls) throw new Error('Answered without the model');
    answers.times.push(repliedAt - writtenAt - FAST.modelMs);
    answers.crispMs.push(coveredMs(calls, FAST.crispMs));
    answers.startMs.push(calls[0]! - writtenAt);
    answers.callsBefore.push(calls.length);
  };
  const left = [...visitors];
  const cost = await stage.costOf(async () => {
    const asker = async () => {
      for (let next = left.pop(); next; next = left.pop()) await one(next);
    };
    await Promise.all(Array.from({ length: atOnce }, asker));
  });
  return { ...answers, cost };
}

/** When the visitor's next reply is in Crisp. @throws Error when none comes */
async function reply({ crisp }: CostStage, conversationId: string, signal: AbortSignal) {
  const came = Promise.withResolvers<number>();
  const unwatch = crisp.onChange((change) => {
    if (change.kind !== 'message' || change.message.session_id !== conversationId) return;
    if (change.message.from === 'operator') came.resolve(Date.now());
  });
  const late = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const giveUp = () => came.reject(signal.aborted ? signal.reason : new Error('No answer came'));
  late.addEventListener('abort', giveUp, { once: true });
  try {
    return await came.promise;
  } finally {
    late.removeEventListener('abort', giveUp);
    unwatch();
  }
}
