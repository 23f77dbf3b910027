import { amount, atMost, reported } from '../measure/figures';
import { measureFlow, type FlowRun } from '../measure/flow';
import { withStage } from '../measure/stage';
import { growthInSecondHalf } from '../measure/usage';
import type { WorkflowJson } from '../../tools/n8n';
import type { Run, Scenario } from '../types';

const SIZE = {
  full: { sessions: 10_000, rate: 1_000, seconds: 30, rounds: 2 },
  quick: { sessions: 2_000, rate: 1_000, seconds: 20, rounds: 1 },
};
/** Time to finish the work that the load leaves behind. */
const CALM_MS = 6_000;

/** What five rules for each session cost beside the same flow without them. */
export const moments: Scenario = {
  name: 'moments',
  title: 'Five rules for each session, beside the flow without rules',
  quick: true,
  async run(run) {
    const size = run.quick ? SIZE.quick : SIZE.full;
    const plain: FlowRun[] = [];
    const watched: FlowRun[] = [];
    // In turns, because other programs on the machine come and go.
    for (let round = 0; round < size.rounds; round++) {
      plain.push(await measure(run, size, undefined));
      watched.push(await measure(run, size, detectMoments));
    }
    const cost = ({ usage, settling, outcome }: FlowRun) =>
      ((usage.cpuMs + settling.cpuMs) * 1_000) / outcome.sent;
    const all = (runs: readonly FlowRun[]) => mean(runs.map(cost));
    const memory = watched.map(({ usage }) => growthInSecondHalf(usage.rssMb));
    return {
      figures: [
        reported('CPU per event: without rules', all(plain), 'µs'),
        reported('CPU per event: with five rules', all(watched), 'µs'),
        atMost('CPU with rules to CPU without', all(watched) / all(plain), '×', 1.15),
        atMost("n8n's memory, end of the second half to its begin", Math.max(...memory), '×', 1.1),
      ],
      remarks: [
        `${amount(size.sessions)} sessions at ${amount(size.rate)} events/s. The shipped Intercom workflow, with and without a step that detects moments, in an n8n of its own each time.`,
      ],
    };
  },
};

async function measure(
  run: Run,
  { sessions: count, rate, seconds }: (typeof SIZE)['full'],
  change: ((json: WorkflowJson) => void) | undefined,
): Promise<FlowRun> {
  const crowd = (name: string, size: number) =>
    Array.from({ length: size }, (_, i) => ({
      ...{ id: `${name}-${i}`, userId: `${name}-${i}` },
    }));
  const wait = { waitMs: CALM_MS, patienceMs: CALM_MS };
  return await withStage(
    { workflow: 'intercom', ...(change && { change }) },
    run,
    async (stage) => {
      run.progress('warming up');
      const warm = { rate, seconds: run.quick ? 3 : 10, ...wait };
      await measureFlow(stage, crowd('warm-up', 500), warm);
      run.progress(`${change ? 'with' : 'without'} rules, ${amount(rate)} events/s`);
      return await measureFlow(stage, crowd('crowd', count), { rate, seconds, ...wait });
    },
  );
}

/** Adds a step with the rules of an untouched node beside what follows Remember. */
function detectMoments({ nodes, connections }: WorkflowJson): void {
  const remember = nodes.find(({ name }) => name === 'Remember Actions');
  if (!remember) throw new Error('The shipped workflow has no step Remember Actions');
  const name = 'Detect Moments';
  nodes.push({
    ...{ id: name, name, type: 'n8n-nodes-autoplay.autoplayDetectMoments', typeVersion: 1.1 },
    ...{ position: [0, 0], parameters: {} },
  });
  const { main } = connections[remember.name] as { main: object[][] };
  main[0]!.push({ node: name, type: 'main', index: 0 });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
