import { reported, atMost } from '../measure/figures';
import { withQueueStage, type QueueStage } from '../measure/queueStage';
import { residentMb } from '../measure/usage';
import type { Figure, Scenario } from '../types';
import { outage } from './slow/outage';

const OUTAGE = {
  full: { before: 10, down: 120, after: 20, sessions: 50, rate: 80 },
  quick: { before: 5, down: 45, after: 5, sessions: 50, rate: 40 },
};
const SAMPLE_MS = 1_000;
/** Seconds of activity that may wait to be remembered: a session that never pauses waits for 3 s. */
const BEHIND_S = 10;

/** Queue mode while Intercom does not answer, and afterwards. */
export const queue: Scenario = {
  name: 'queue',
  title: 'Queue mode, and Intercom out of order',
  quick: false,
  async run(run) {
    const size = OUTAGE[run.quick ? 'quick' : 'full'];
    return await withQueueStage({ workers: 2 }, run, async (stage) => {
      const watch = watchBacklog(stage);
      const { figures, curves, remarks } = await outage(stage, run, {
        ...size,
        effects: [{ kind: 'hang' }],
        onSend: watch.sent,
      });
      return {
        figures: [...figures, ...(await watch.figures(size.rate))],
        curves,
        remarks: [
          'A main process and two workers. The memory in the figures is the main process’s, unless they say otherwise.',
          ...remarks,
        ],
      };
    });
  },
};

/** Measures once a second how much work waits and how much memory the workers use. */
function watchBacklog(stage: QueueStage) {
  let sent = 0;
  const most = { unremembered: 0, waiting: 0, workerMb: 0 };
  const look = async () => {
    const remembered = await stage.remembered();
    most.unremembered = Math.max(most.unremembered, sent - remembered);
    most.waiting = Math.max(most.waiting, await stage.waitingExecutions());
    most.workerMb = Math.max(most.workerMb, ...stage.workerPids.map(residentMb));
  };
  let looks: Promise<void> | undefined;
  let failure: unknown;
  const timer = setInterval(() => {
    // The tables are made by the first execution.
    if (sent === 0) return;
    looks ??= look()
      .catch((error: unknown) => void (failure ??= error))
      .finally(() => (looks = undefined));
  }, SAMPLE_MS);
  return {
    sent: () => void (sent += 1),
    async figures(rate: number): Promise<Figure[]> {
      clearInterval(timer);
      await looks;
      if (failure) throw failure as Error;
      return [
        reported('Intercom away, a worker’s memory at most', most.workerMb, 'MB'),
        reported('Intercom away, executions that waited for a worker at most', most.waiting, ''),
        atMost(
          'Intercom away, events that were not remembered yet at most',
          most.unremembered,
          '',
          BEHIND_S * rate,
        ),
      ];
    },
  };
}
