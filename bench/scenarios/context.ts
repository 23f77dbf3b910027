import { askAll, type Answers } from '../measure/askers';
import { withContextStage, type ContextStage } from '../measure/contextStage';
import { amount, atMost, reported } from '../measure/figures';
import { median, percentile } from '../measure/statistics';
import type { Figure, Run, Scenario } from '../types';

const SIZE = {
  full: { actions: 1_000_000, sessions: 20_000, questions: 10_000, alone: 2_000, warmUp: 500 },
  quick: { actions: 100_000, sessions: 4_000, questions: 500, alone: 100, warmUp: 50 },
};
const AT_ONCE = 50;
/** The aim at a million actions, in milliseconds. */
const P99_MS = 50;

/** Agents ask the Context Server in a real n8n, beside what n8n itself takes for a webhook. */
export const context: Scenario = {
  name: 'context',
  title: 'Answers to AI agents, in a real n8n',
  quick: true,
  async run(run) {
    const size = run.quick ? SIZE.quick : SIZE.full;
    return await withContextStage(run, size, async (stage) => {
      const figures: Figure[] = [];
      for (const [atOnce, count] of [
        [1, size.alone],
        [AT_ONCE, size.questions],
      ] as const) {
        const way = await ways(run, stage, { atOnce, count, warmUp: size.warmUp });
        figures.push(...figuresOf(way, atOnce));
      }
      return { figures, remarks: remarks(size) };
    });
  },
};

interface Ways {
  answers: Answers;
  refusals: Answers;
  plain: Answers;
}

async function ways(
  { progress, signal }: Run,
  { url, plainUrl, pid, token }: ContextStage,
  { atOnce, count, warmUp }: { atOnce: number; count: number; warmUp: number },
): Promise<Ways> {
  const measure = async (
    name: string,
    to: URL,
    bearer: () => string,
    expected: { status: number; contains?: string },
  ) => {
    progress(`${name}, ${atOnce} at once`);
    const asking = { pid, atOnce, signal, ...expected };
    await askAll(to, bearer, { ...asking, count: warmUp });
    return await askAll(to, bearer, { ...asking, count });
  };
  const found = { status: 200, contains: '"found":true' };
  return {
    answers: await measure('answers', url, token, found),
    refusals: await measure('refusals', url, () => `${token()}x`, { status: 401 }),
    plain: await measure('plain Webhook node', plainUrl, token, { status: 200 }),
  };
}

function figuresOf({ answers, refusals, plain }: Ways, atOnce: number): Figure[] {
  const who = atOnce === 1 ? '1 asker' : `${atOnce} askers at once`;
  const perSecond = ({ times, seconds }: Answers) => times.length / seconds;
  const cpu = ({ times, cpuMs }: Answers) => cpuMs / times.length;
  const p99 = percentile(answers.times, 0.99);
  return [
    reported(`Answer, ${who}, p50`, median(answers.times), 'ms'),
    atOnce === 1
      ? reported(`Answer, ${who}, p99`, p99, 'ms')
      : atMost(`Answer, ${who}, p99`, p99, 'ms', P99_MS),
    reported(`Answers, ${who}`, perSecond(answers), 'answers/s'),
    reported(`CPU per answer, ${who}`, cpu(answers), 'ms'),
    reported(`Refusal (401), ${who}, p50`, median(refusals.times), 'ms'),
    reported(`Plain Webhook node, ${who}, p50`, median(plain.times), 'ms'),
    reported(`Plain Webhook node, ${who}, p99`, percentile(plain.times, 0.99), 'ms'),
    reported(`CPU per request, plain Webhook node, ${who}`, cpu(plain), 'ms'),
    reported(
      `Share of n8n’s webhook handling in an answer, ${who}`,
      (100 * median(refusals.times)) / median(answers.times),
      '%',
    ),
  ];
}

function remarks({ actions, sessions, questions, alone }: (typeof SIZE)['full']): string[] {
  return [
    `The memory holds ${amount(actions)} actions of ${amount(sessions)} sessions. ${amount(alone)} questions of one asker, then ${amount(questions)} of ${AT_ONCE}, each of whom asks again when answered: the server is never idle. Who is asked about is chosen by chance.`,
    'A refusal is what n8n takes for a webhook without an execution: the node only checks the token, and asks no memory. A plain Webhook node answers at once, and starts an execution as well.',
  ];
}
