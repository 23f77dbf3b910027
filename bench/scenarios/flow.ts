import { latency } from '../measure/figures';
import { measureFlow, sessionsWithConversations, type FlowRun } from '../measure/flow';
import { AS_IT_COMES, withStage } from '../measure/stage';
import { growthInSecondHalf, residentMb } from '../measure/usage';
import type { Figure, Run, Scenario } from '../types';

const SESSIONS = 200;
/** Events a second, on a quiet afternoon and in a rush. */
const CALM = 20;
const RUSH = 1_000;

type Workflow = 'intercom' | 'sse';
type Runs = Record<'calm' | 'rush', FlowRun> & {
  /** n8n's resident memory before the first event, in MB. */
  freshMb: number;
};

export const flow: Scenario = {
  name: 'flow',
  title: 'Events to notes through n8n: 200 linked sessions, Intercom answers in 100 ms',
  quick: true,
  async run(run) {
    const runs: Array<[who: string, runs: Runs]> = [];
    runs.push([OURS, await measure('intercom', run)]);
    // n8n's own trigger takes minutes, and loses events.
    if (!run.quick) {
      runs.push(['n8n as it comes', await measure('intercom', run, AS_IT_COMES)]);
      runs.push(['SSE Trigger', await measure('sse', run)]);
    }
    const each = (figures: (who: string, runs: Runs) => Figure[]) =>
      runs.flatMap(([who, measured]) => figures(who, measured));
    return {
      figures: [
        ...each((who, { freshMb }) => [figure("n8n's memory, fresh", who, 'MB', freshMb)]),
        ...LOSSES.flatMap((what) => each((who, { calm }) => [loss('calm', what, who, calm)])),
        ...each((who, { calm }) => [eventToNote('calm', 0.5, who, calm, 300)]),
        ...each((who, { calm }) => [eventToNote('calm', 0.99, who, calm)]),
        ...LOSSES.flatMap((what) => each((who, { rush }) => [loss('rush', what, who, rush)])),
        ...each((who, { rush }) => [eventToNote('rush', 0.5, who, rush, 1_500)]),
        ...each((who, { rush }) => [eventToNote('rush', 0.99, who, rush, 5_000)]),
        ...each((who, { rush }) => [
          figure("rush, n8n's memory at most", who, 'MB', Math.max(...rush.usage.rssMb), 700),
        ]),
        ...each((who, { rush }) => [
          figure(
            "rush, n8n's memory, end of the second half to its begin",
            who,
            '×',
            growthInSecondHalf(rush.usage.rssMb),
            1.1,
          ),
        ]),
        ...each((who, { rush: { usage, outcome } }) => [
          figure('rush, CPU per event', who, 'µs', (usage.cpuMs * 1_000) / outcome.sent),
        ]),
        ...each((who, { rush: { usage } }) => [
          figure('rush, CPU', who, 'cores', usage.cpuMs / usage.wallMs),
        ]),
      ],
      remarks: [
        `Calm is ${CALM} events/s, rush ${RUSH}. The shipped Intercom workflow with summaries (model: 800 ms) and Intercom’s limit of 10,000 calls a minute, which notes, summaries and redactions share.`,
        'n8n has a heap of 512 MB (`NODE_OPTIONS=--max-old-space-size=512`), as in a container of 1 GB; with the SSE Trigger it has no limit, for it would not survive one.',
        'n8n has lazy sandboxes for expressions (N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true), except where it is as it comes; both are with this package.',
        'The SSE Trigger workflow posts a note for each event, without memory, summaries and order. What is not in a note 30 s after the load counts as lost.',
      ],
    };
  },
};

const OURS = 'this package';

const LOSSES = ['lost', 'doubled', 'disordered'] as const;
const LOSS_NAMES = { lost: 'lost', doubled: 'doubled', disordered: 'out of order' };

function loss(
  load: string,
  what: (typeof LOSSES)[number],
  who: string,
  { outcome }: FlowRun,
): Figure {
  return figure(`${load}, events ${LOSS_NAMES[what]}`, who, '', outcome[what], 0);
}

function eventToNote(
  load: string,
  share: number,
  who: string,
  { outcome }: FlowRun,
  target?: number,
): Figure {
  const value = latency(outcome, share);
  return figure(`${load}, event to note, p${share * 100}`, who, 'ms', value, target);
}

/** @param most the target, for this package only */
function figure(name: string, who: string, unit: string, value: number, most?: number): Figure {
  const hasTarget = most !== undefined && who === OURS;
  return {
    name: `${name}: ${who}`,
    value,
    unit,
    ...(hasTarget && { target: { is: 'at most' as const, value: most } }),
  };
}

async function measure(
  workflow: Workflow,
  { quick, progress, signal }: Run,
  env: Record<string, string> = {},
): Promise<Runs> {
  return await withStage({ workflow, env }, { progress, signal }, async (stage) => {
    const freshMb = residentMb(stage.pid);
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
    const seconds = quick ? 20 : 40;
    const rush = await measureFlow(stage, sessions, { rate: RUSH, seconds, waitMs, signal });
    return { calm, rush, freshMb };
  });
}
