import { setTimeout as sleep } from 'node:timers/promises';
import { profiled } from '../measure/cost';
import { amount, atMost, reported } from '../measure/figures';
import { measureFlow, sessionsWithoutConversation } from '../measure/flow';
import type { LoadSession } from '../measure/load';
import { withStage, type Stage } from '../measure/stage';
import { growthInSecondHalf } from '../measure/usage';
import type { Curve, Scenario } from '../types';

const SIZE = {
  full: { sessions: 10_000, rate: 1_000, seconds: 60 },
  quick: { sessions: 2_000, rate: 1_000, seconds: 15 },
};
/** Time to finish the work that the load leaves behind. */
const CALM_MS = 6_000;

/** The cost of visitors who never open a chat, which are most of them. */
export const unlinkedCrowd: Scenario = {
  name: 'unlinkedCrowd',
  title: 'A crowd that never opens a chat',
  quick: false,
  async run(run) {
    const { sessions: count, rate, seconds } = run.quick ? SIZE.quick : SIZE.full;
    return await withStage({ workflow: 'intercom' }, run, async (stage) => {
      run.progress('warming up');
      await send(stage, sessionsWithoutConversation(500, 'warm-up'), {
        rate,
        seconds: run.quick ? 3 : 10,
      });
      const before = await state(stage);
      run.progress(`${amount(count)} sessions, ${amount(rate)} events/s`);
      const {
        run: measured,
        figures,
        remarks,
      } = await profiled(stage, 'CPU per event', () =>
        send(stage, sessionsWithoutConversation(count, 'crowd'), { rate, seconds }),
      );
      const after = await state(stage);
      const { usage, settling, outcome } = measured;
      const per = (what: (of: typeof before) => number) => (what(after) - what(before)) / count;
      return {
        figures: [
          atMost('Notes', outcome.arrived, '', 0),
          atMost(
            'Events dropped before they were remembered',
            lacking(before, after, outcome.sent),
            '',
            0,
          ),
          reported('Executions', after.executions - before.executions, ''),
          reported(
            'Events per execution',
            outcome.sent / Math.max(1, after.executions - before.executions),
            '',
          ),
          reported("n8n's memory at most", Math.max(...usage.rssMb), 'MB'),
          atMost(
            "n8n's memory, end of the second half to its begin",
            growthInSecondHalf(usage.rssMb),
            '×',
            1.1,
          ),
          reported('CPU', usage.cpuMs / usage.wallMs, 'cores'),
          reported(
            'CPU per event, in all',
            ((usage.cpuMs + settling.cpuMs) * 1_000) / outcome.sent,
            'µs',
          ),
          ...figures,
          reported(
            'A session holds in memory afterwards',
            per(({ held }) => held),
            'bytes',
          ),
          reported(
            'A session on disk: memory',
            per(({ memoryBytes }) => memoryBytes),
            'bytes',
          ),
          reported(
            'A session on disk: executions',
            per(({ n8nBytes }) => n8nBytes),
            'bytes',
          ),
        ],
        curves: [memoryCurve(usage.rssMb)],
        remarks: [
          `${amount(count)} sessions, ${amount(rate)} events/s: each session acts every ${count / rate} s, ${(rate * seconds) / count} times in all. The shipped workflow.`,
          'On disk: the memory’s database with the actions, and n8n’s own, in which it saves its executions (as it does unless told otherwise).',
          ...remarks,
        ],
      };
    });
  },
};

/** These loads produce no notes to wait for. */
async function send(
  stage: Stage,
  sessions: readonly LoadSession[],
  { rate, seconds }: { rate: number; seconds: number },
) {
  const measured = await measureFlow(stage, sessions, {
    rate,
    seconds,
    waitMs: CALM_MS,
    patienceMs: CALM_MS,
  });
  return measured;
}

async function state(stage: Stage) {
  await sleep(1_000);
  const inspector = await stage.inspect();
  try {
    const held = await inspector.heldBytes();
    return { held, ...stage.disk() };
  } finally {
    await inspector.close();
  }
}

type State = Awaited<ReturnType<typeof state>>;

function lacking(before: State, after: State, sent: number): number {
  return sent - (after.actions - before.actions);
}

function memoryCurve(rssMb: readonly number[]): Curve {
  return {
    name: "n8n's memory",
    x: { name: 'Time', unit: 's' },
    y: { name: 'Memory', unit: 'MB' },
    points: rssMb.map((mb, second) => [second, mb]),
  };
}
