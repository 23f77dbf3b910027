import { createRandom } from '../../simulators/random';
import {
  idleShare,
  withCostStage,
  type Cost,
  type CostStage,
  type Product,
  type Visitor,
} from '../measure/costStage';
import { answerVisitors, type Answers } from '../measure/crispAnswers';
import { measureEmpty, type EmptyExecutions } from '../measure/emptyExecutions';
import { amount, atMost, reported } from '../measure/figures';
import { FAST } from '../measure/services';
import { AS_IT_COMES } from '../measure/stage';
import { median, percentile } from '../measure/statistics';
import { live, momentsOf, type Habit } from '../measure/visits';
import type { Figure, Result, Run, Scenario } from '../types';

interface Size {
  visitors: number;
  warmUpS: number;
  idleS: number;
  silentS: number;
  talkingS: number;
  /** Answers to one visitor at a time, and rounds of many at once. */
  alone: number;
  rounds: number;
  /** Empty executions of each kind. */
  empty: number;
}
const SIZE: Record<'full' | 'quick', Size> = {
  full: {
    ...{ visitors: 50, warmUpS: 8, idleS: 10, silentS: 25, talkingS: 90 },
    ...{ alone: 12, rounds: 3, empty: 300 },
  },
  quick: {
    ...{ visitors: 30, warmUpS: 1, idleS: 3, silentS: 4, talkingS: 8 },
    ...{ alone: 2, rounds: 1, empty: 40 },
  },
};
const SEED = 11;
/** How often visitors act and, in a conversation, write: in milliseconds, from and to. */
const ACTS_MS = [3_000, 10_000] as const;
const WRITES_MS = [30_000, 60_000] as const;
/** Visitors have done up to this many things less one before they write: after so many, a summary is due in Intercom. */
const EARLIER = 20;
const AT_ONCE = 20;
/** The aim for an answer in Crisp without the model's own time, in milliseconds. */
const ANSWER_MS = 300;
const THOUSAND = 1_000;

/** What people pay for: processor time, calls to the chat product, tokens and disk. */
export const cost: Scenario = {
  name: 'cost',
  title: 'What a thousand actions and a thousand answers cost',
  quick: true,
  async run(run) {
    const size = SIZE[run.quick ? 'quick' : 'full'];
    const start = async <T>(product: Product, work: (stage: CostStage) => Promise<T>, env = {}) =>
      await withCostStage(product, run, createRandom(SEED), work, env);
    const measure = async (...stages: CostStage[]): Promise<Result> => {
      const [inIntercom, inCrisp, asItComes] = await measureVisits(run, size, stages);
      const crisp = stages[1]!;
      const answers = await measureAnswers(run, size, crisp);
      const empty = await measureEmpty(crisp, inCrisp!.idle, { ...run, count: size.empty });
      return {
        figures: [
          ...visitFigures('Intercom', inIntercom!, empty),
          ...visitFigures('Crisp', inCrisp!, empty),
          ...answerFigures(inCrisp!, answers[0]!, empty),
          ...answers.flatMap(([who, one]) => timeFigures(who, one)),
          ...emptyFigures(empty),
          ...(asItComes ? asItComesFigures(asItComes) : []),
        ],
        remarks: remarks(size),
      };
    };
    return await start('intercom', async (intercom) =>
      start('crisp', async (crisp) =>
        // One n8n more takes time to start.
        run.quick
          ? measure(intercom, crisp)
          : start('intercom', (asItComes) => measure(intercom, crisp, asItComes), AS_IT_COMES),
      ),
    );
  },
};

/** What visits cost, without what n8n takes anyway. */
interface Visits {
  /** The share of a core that n8n takes if nothing happens. */
  idle: number;
  /** Of visitors who do not write, and then of the same ones in a conversation. */
  silent: Cost;
  talking: Cost;
}

/** The same visits to all stages at the same time; CPU is that of each n8n, so they hardly disturb each other. */
async function measureVisits(
  { progress, signal }: Run,
  { visitors: count, warmUpS, idleS, silentS, talkingS }: Size,
  stages: readonly CostStage[],
): Promise<Visits[]> {
  const acts = (seconds: number) =>
    ({ what: 'act', visitors: count, seconds, everyMs: ACTS_MS }) as const;
  const writes = (seconds: number) =>
    ({ what: 'write', visitors: count, seconds, everyMs: WRITES_MS }) as const;
  const newCrowds = () => stages.map(({ newVisitor }) => Array.from({ length: count }, newVisitor));
  const everywhere = async (
    crowds: Visitor[][],
    ...habits: Array<Habit<'act' | 'write'>>
  ): Promise<Cost[]> => {
    const moments = momentsOf(habits, createRandom(SEED));
    const visit = async ({ costOf }: CostStage, i: number) =>
      await costOf(() =>
        live(moments, ({ visitor, what }) => void crowds[i]![visitor]![what](), signal),
      );
    return await Promise.all(stages.map(visit));
  };
  progress('warming up');
  await everywhere(newCrowds(), acts(warmUpS), {
    ...writes(warmUpS),
    // Each writes once.
    everyMs: [warmUpS * 1_000, Infinity],
  });
  progress('n8n by itself');
  const idle = await idleShare(stages, idleS, signal);
  const crowds = newCrowds();
  progress(`${count} visitors who do not write`);
  const silent = await everywhere(crowds, acts(silentS));
  progress('earlier actions');
  const actBefore = ({ act }: Visitor, visitor: number) => {
    for (let acted = 0; acted < visitor % EARLIER; acted += 1) act();
  };
  const prepare = async ({ costOf }: CostStage, i: number) =>
    await costOf(async () => crowds[i]!.forEach(actBefore));
  await Promise.all(stages.map(prepare));
  progress(`${count} visitors in conversations`);
  const talking = await everywhere(crowds, acts(talkingS), writes(talkingS));
  return stages.map((_, i) => {
    const without = (one: Cost) => ({ ...one, cpuMs: one.cpuMs - idle[i]! * one.wallMs });
    return { idle: idle[i]!, silent: without(silent[i]!), talking: without(talking[i]!) };
  });
}

async function measureAnswers(
  { progress, signal }: Run,
  { alone, rounds }: Size,
  crisp: CostStage,
): Promise<Array<[who: string, answers: Answers]>> {
  const measured: Array<[string, Answers]> = [];
  for (const [who, atOnce, count] of [
    ['One visitor at a time', 1, alone],
    [`${AT_ONCE} visitors at once`, AT_ONCE, AT_ONCE * rounds],
  ] as const) {
    progress(`answers, ${who.toLowerCase()}`);
    measured.push([who, await answerVisitors(crisp, { count, atOnce, signal })]);
  }
  return measured;
}

/** Per thousand actions. */
function visitFigures(
  product: string,
  { idle, silent, talking }: Visits,
  { trigger, webhook }: Record<'trigger' | 'webhook', EmptyExecutions>,
): Figure[] {
  const each = (who: string, used: Cost) => {
    const figure = (name: string, value: number, unit: string) =>
      reported(`${product}, ${who}, ${name}`, (value * THOUSAND) / used.actions, unit);
    // Each message starts one by the webhook.
    const own = (used.executions - used.messages) * trigger.cpuMs + used.messages * webhook.cpuMs;
    return [
      figure('CPU of n8n', used.cpuMs, 'ms'),
      figure('executions', used.executions, ''),
      reported(`${product}, ${who}, of it as many empty executions`, (100 * own) / used.cpuMs, '%'),
      figure('disk for the memory', used.memoryBytes / 1e3, 'kB'),
      figure('disk in n8n for an hour', used.n8nBytes / 1e3, 'kB'),
      ...(who === SILENT || product === 'Crisp'
        ? []
        : [
            figure('notes posted', used.posts, ''),
            figure('notes redacted', used.redactions, ''),
            figure('lookups', used.lookups, ''),
          ]),
      ...(who === SILENT
        ? [
            figure('calls to the chat product', callsOf(used), ''),
            figure('calls of the model', used.summaryCalls + used.answerCalls, ''),
          ]
        : [
            figure('summaries', used.summaryCalls, ''),
            figure('tokens in, summaries', used.summaryInput, ''),
            figure('tokens out, summaries', used.summaryOutput, ''),
          ]),
    ];
  };
  return [
    reported(`${product}, n8n by itself`, idle * 100, '% of a core'),
    ...each(SILENT, silent),
    ...each(TALKING, talking),
  ];
}

const SILENT = '1,000 actions without a conversation';
const TALKING = '1,000 actions in conversations';

function asItComesFigures({ silent, talking }: Visits): Figure[] {
  return [[SILENT, silent] as const, [TALKING, talking] as const].map(([who, { cpuMs, actions }]) =>
    reported(`Intercom, n8n as it comes, ${who}, CPU of n8n`, (cpuMs * THOUSAND) / actions, 'ms'),
  );
}

const callsOf = ({ posts, redactions, typing, lookups }: Cost) =>
  posts + redactions + typing + lookups;

/** Per thousand answers: the CPU of those to one visitor at a time, and what conversations took otherwise. */
function answerFigures(
  { idle, talking }: Visits,
  [, { cost: alone, times }]: [who: string, answers: Answers],
  { webhook }: Record<'webhook', EmptyExecutions>,
): Figure[] {
  const figure = (name: string, value: number, unit: string) =>
    reported(`Crisp, 1,000 answers, ${name}`, (value * THOUSAND) / talking.posts, unit);
  const cpuMs = (alone.cpuMs - idle * alone.wallMs) / times.length;
  return [
    reported('Crisp, 1,000 answers, CPU of n8n', cpuMs * THOUSAND, 'ms'),
    reported(
      'Crisp, 1,000 answers, of it as many empty executions',
      (100 * webhook.cpuMs) / cpuMs,
      '%',
    ),
    figure('calls to Crisp', callsOf(talking), ''),
    figure('replies', talking.posts, ''),
    figure('typing indicators', talking.typing, ''),
    figure('reads', talking.lookups, ''),
    figure('tokens in, answers', talking.answerInput, ''),
    figure('tokens out, answers', talking.answerOutput, ''),
    figure('summaries', talking.summaryCalls, ''),
    figure('tokens in, summaries', talking.summaryInput, ''),
    figure('tokens out, summaries', talking.summaryOutput, ''),
  ];
}

function timeFigures(who: string, { times, crispMs, startMs, callsBefore }: Answers): Figure[] {
  const name = (what: string) => `Answer in Crisp, ${who.toLowerCase()}, ${what}`;
  const rest = times.map((time, i) => time - crispMs[i]!);
  return [
    atMost(name('without the model, p50'), median(times), 'ms', ANSWER_MS),
    reported(name('without the model, p99'), percentile(times, 0.99), 'ms'),
    reported(name('calls to Crisp until the reply'), median(callsBefore), ''),
    reported(name('of it waiting for Crisp, p50'), median(crispMs), 'ms'),
    reported(name('of it n8n and its nodes, p50'), median(rest), 'ms'),
    reported(name('of that until the first call to Crisp, p50'), median(startMs), 'ms'),
  ];
}

const EMPTY = { webhook: 'Webhook node', trigger: 'Autoplay Stream' };

function emptyFigures(empty: Record<keyof typeof EMPTY, EmptyExecutions>): Figure[] {
  return Object.entries(EMPTY).flatMap(([key, label]) => {
    const { cpuMs, perSecond, bytes } = empty[key as keyof typeof EMPTY];
    return [
      reported(`CPU of an empty execution: ${label}`, cpuMs, 'ms'),
      reported(`Empty executions a second: ${label}`, perSecond, ''),
      reported(`Bytes in n8n of an empty execution: ${label}`, bytes, ''),
    ];
  });
}

function remarks({ visitors, silentS, talkingS }: Size): string[] {
  const seconds = ([from, to]: readonly [number, number]) => `${from / 1_000} to ${to / 1_000} s`;
  return [
    `Both shipped workflows as they are, each in an n8n of its own, at the same time and with the same ${amount(visitors)} visitors: each acts every ${seconds(ACTS_MS)}, for ${silentS} s without writing and for ${talkingS} s in a conversation, in which they write every ${seconds(WRITES_MS)}. Visitors and teammates close no conversation. What n8n takes when nothing happens is not in the CPU.`,
    `The simulated model counts a token for four characters and takes ${FAST.modelMs} ms; its answers are shorter than a real model's. Intercom and Crisp answer in ${FAST.intercomMs} ms.`,
    'Per thousand answers, CPU is that of answers to one visitor at a time, without summaries; calls and tokens are those of the conversations, with summaries.',
    'Answers in Crisp: from the message to the reply in Crisp, less one call of the model. New visitors with four actions each. While a call to Crisp is under way counts as waiting for it.',
    'Empty executions: a workflow with one node. Requests of 8 callers, each of whom calls again when answered; events at a fixed rate. n8n deletes executions that are not kept after an hour. n8n has N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true, except where it is as it comes.',
  ];
}
