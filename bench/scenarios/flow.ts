import { setTimeout as sleep } from 'node:timers/promises';
import { demo } from '../../simulators/demo';
import { measureFlow, sessionsWithConversations, type FlowRun } from '../measure/flow';
import { createStage } from '../measure/stage';
import { percentile } from '../measure/statistics';
import { growthInSecondHalf } from '../measure/usage';
import type { Figure, Run, Scenario } from '../types';

const SESSIONS = 200;
/** Events a second: as on a quiet afternoon, and as in a rush. */
const CALM = 20;
const RUSH = 1_000;

type Workflow = 'intercom' | 'sse';
type Runs = Record<'calm' | 'rush', FlowRun>;

export const flow: Scenario = {
  name: 'flow',
  title: 'Events to notes through n8n: 200 linked sessions, Intercom answers in 100 ms',
  quick: true,
  async run(run) {
    const ours = await measure('intercom', run);
    const figures = [
      ...figuresOf('calm', ours.calm, { p50: 300 }),
      ...figuresOf('rush', ours.rush, { p50: 1_500, p99: 5_000 }),
      ...usageOf(ours.rush, { rssMb: 1_000, growth: 1.1 }),
    ];
    const remarks = [
      'The shipped Intercom workflow with summaries (model: 800 ms) and Intercom’s limit of 10,000 calls a minute, which notes, summaries and redactions share.',
    ];
    if (run.quick) return { figures, remarks };
    const theirs = await measure('sse', run);
    figures.push(
      ...figuresOf('calm, SSE Trigger', theirs.calm),
      ...figuresOf('rush, SSE Trigger', theirs.rush),
      ...usageOf(theirs.rush, {}, 'rush, SSE Trigger'),
    );
    remarks.push(
      'The SSE Trigger workflow posts a note for each event, without memory, summaries and order. What is not in a note 30 s after the load counts as lost.',
    );
    return { figures, remarks };
  },
};

async function measure(workflow: Workflow, { quick, progress, signal }: Run): Promise<Runs> {
  progress(`starting n8n (${workflow})`);
  const stage = await createStage({ workflow });
  try {
    while (stage.connector.stats(demo.productId).subscribers === 0)
      await sleep(50, null, { signal });
    const sessions = sessionsWithConversations(stage, SESSIONS);
    progress('linking the sessions');
    await measureFlow(stage, sessions, { rate: SESSIONS / 10, seconds: 10, signal });
    progress(`${CALM} events/s (${workflow})`);
    const calm = await measureFlow(stage, sessions, {
      rate: CALM,
      seconds: quick ? 10 : 30,
      signal,
    });
    progress(`${RUSH} events/s (${workflow})`);
    const waitMs = workflow === 'sse' ? 30_000 : 120_000;
    const seconds = quick ? 20 : 60;
    const rush = await measureFlow(stage, sessions, { rate: RUSH, seconds, waitMs, signal });
    return { calm, rush };
  } finally {
    await stage.stop();
  }
}

function figuresOf(
  name: string,
  { outcome }: FlowRun,
  targets: { p50?: number; p99?: number } = {},
): Figure[] {
  const { lost, doubled, disordered, latencies } = outcome;
  const count = (what: string, value: number): Figure => ({
    name: `${name}: ${what}`,
    value,
    unit: '',
    target: { is: 'at most', value: 0 },
  });
  const latency = (share: number, target: number | undefined): Figure => ({
    name: `${name}: event to note, p${share * 100}`,
    value: percentile(latencies, share),
    unit: 'ms',
    ...(target !== undefined && { target: { is: 'at most', value: target } }),
  });
  return [
    count('lost', lost),
    count('doubled', doubled),
    count('out of order', disordered),
    latency(0.5, targets.p50),
    latency(0.99, targets.p99),
  ];
}

function usageOf(
  { outcome, usage }: FlowRun,
  { rssMb, growth }: { rssMb?: number; growth?: number },
  name = 'rush',
): Figure[] {
  const atMost = (value: number | undefined) =>
    value === undefined ? {} : { target: { is: 'at most' as const, value } };
  return [
    {
      name: `${name}: n8n's memory, highest`,
      value: Math.max(...usage.rssMb),
      unit: 'MB',
      ...atMost(rssMb),
    },
    {
      name: `${name}: n8n's memory, end of the second half to its begin`,
      value: growthInSecondHalf(usage.rssMb),
      unit: '×',
      ...atMost(growth),
    },
    { name: `${name}: CPU per event`, value: (usage.cpuMs * 1_000) / outcome.sent, unit: 'µs' },
    { name: `${name}: CPU cores in use`, value: usage.cpuMs / usage.wallMs, unit: '' },
  ];
}
