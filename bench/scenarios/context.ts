import { askAll, type Answers } from '../measure/askers';
import { withContextStage, type ContextStage } from '../measure/contextStage';
import { amount, atMost, reported } from '../measure/figures';
import { LAZY_SANDBOXES } from '../measure/stage';
import { median, percentile } from '../measure/statistics';
import type { Figure, Run, Scenario } from '../types';

const SIZE = {
  full: { actions: 1_000_000, sessions: 20_000, questions: 2_000, alone: 500, warmUp: 100 },
  quick: { actions: 100_000, sessions: 4_000, questions: 300, alone: 100, warmUp: 50 },
};
const AT_ONCE = 50;
/** The aim at a million actions, in milliseconds. */
const P99_MS = 50;
const ROUNDS = 5;

/** Agents ask the Context Server in a real n8n, beside what n8n itself takes for a webhook. */
export const context: Scenario = {
  name: 'context',
  title: 'Answers to AI agents, in a real n8n',
  quick: true,
  async run(run) {
    const size = run.quick ? SIZE.quick : SIZE.full;
    return await withContextStage(run, size, async (stage) => {
      run.progress('answers without n8n');
      const without = await stage.askWithoutN8n({
        ...{ count: size.questions, atOnce: AT_ONCE, warmUp: size.questions },
      });
      const figures = [
        reported(`Answer without n8n, ${AT_ONCE} at once, p50`, median(without), 'ms'),
        atMost(
          `Answer without n8n, ${AT_ONCE} at once, p99`,
          percentile(without, 0.99),
          'ms',
          P99_MS,
        ),
      ];
      const measure = async (name: string) => {
        for (const [atOnce, count] of [
          [1, size.alone],
          [AT_ONCE, size.questions],
        ] as const) {
          const way = await ways(run, stage, { atOnce, count, warmUp: size.warmUp });
          figures.push(...figuresOf(way, name, atOnce));
        }
      };
      await measure('n8n as it comes');
      await stage.restart(LAZY_SANDBOXES);
      await measure('n8n, lazy sandboxes');
      return { figures, remarks: remarks(size) };
    });
  },
};

interface Ways {
  answers: Answers;
  refusals: Answers;
  plain: Answers;
}

/** In turns, so that other work on the machine disturbs all equally. */
async function ways(
  { progress, signal }: Run,
  { url, plainUrl, pid, token }: ContextStage,
  { atOnce, count, warmUp }: { atOnce: number; count: number; warmUp: number },
): Promise<Ways> {
  const measure = {
    answers: { to: url, bearer: token, status: 200, contains: '"found":true' },
    refusals: { to: url, bearer: () => `${token()}x`, status: 401 },
    plain: { to: plainUrl, bearer: token, status: 200 },
  };
  const rounds: Record<keyof Ways, Answers[]> = { answers: [], refusals: [], plain: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, { to, bearer, ...expected }] of Object.entries(measure)) {
      progress(`${name}, ${atOnce} at once, round ${round} of ${ROUNDS}`);
      const ask = {
        pid,
        atOnce,
        signal,
        ...expected,
        count: round === 0 ? warmUp : count / ROUNDS,
      };
      const answers = await askAll(to, bearer, ask);
      if (round > 0) rounds[name as keyof Ways].push(answers);
    }
  }
  const all = (of: readonly Answers[]): Answers => ({
    times: of.flatMap(({ times }) => times),
    seconds: of.reduce((sum, { seconds }) => sum + seconds, 0),
    cpuMs: of.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  });
  return {
    answers: all(rounds.answers),
    refusals: all(rounds.refusals),
    plain: all(rounds.plain),
  };
}

function figuresOf({ answers, refusals, plain }: Ways, n8n: string, atOnce: number): Figure[] {
  const group = `${n8n}, ${atOnce === 1 ? '1 asker' : `${atOnce} at once`}`;
  const perSecond = ({ times, seconds }: Answers) => times.length / seconds;
  const cpu = ({ times, cpuMs }: Answers) => cpuMs / times.length;
  const p99 = percentile(answers.times, 0.99);
  return [
    reported(`${group}: answer, p50`, median(answers.times), 'ms'),
    // Those who ask at once wait for each other's handling by n8n.
    atOnce === 1
      ? atMost(`${group}: answer, p99`, p99, 'ms', P99_MS)
      : reported(`${group}: answer, p99`, p99, 'ms'),
    reported(`${group}: answers`, perSecond(answers), 'answers/s'),
    reported(`${group}: CPU per answer`, cpu(answers), 'ms'),
    reported(`${group}: of it n8n’s own handling`, (100 * cpu(refusals)) / cpu(answers), '%'),
    reported(`${group}: refusal (401), p50`, median(refusals.times), 'ms'),
    reported(`${group}: plain Webhook node, p50`, median(plain.times), 'ms'),
    reported(`${group}: plain Webhook node, p99`, percentile(plain.times, 0.99), 'ms'),
    reported(`${group}: CPU per request, plain Webhook node`, cpu(plain), 'ms'),
  ];
}

function remarks({ actions, sessions, questions, alone }: (typeof SIZE)['full']): string[] {
  return [
    `The memory holds ${amount(actions)} actions of ${amount(sessions)} sessions. ${amount(alone)} questions of one asker, then ${amount(questions)} of ${AT_ONCE}, each of whom asks again when answered: the server is never idle. Who is asked about is chosen by chance.`,
    'Without n8n: what the node does for an answer, with the same memory. A refusal is what n8n takes for a webhook without an execution: the node only checks the token, and asks no memory. A plain Webhook node answers at once, and starts an execution as well.',
    'As it comes, n8n starts a sandbox for expressions for each request; lazy sandboxes are its N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true.',
  ];
}
