import { setTimeout as sleep } from 'node:timers/promises';
import type { Effect } from '../../../simulators/intercom';
import { mostWithin } from '../../measure/calls';
import { amount, atMost, losses, reported } from '../../measure/figures';
import { measureFlow, sessionsWithConversations, type FlowStage } from '../../measure/flow';
import type { Services } from '../../measure/services';
import { growthInSecondHalf } from '../../measure/usage';
import type { Result, Run } from '../../types';

interface OutageSize {
  /** Seconds of load before, during and after. */
  before: number;
  down: number;
  after: number;
  sessions: number;
  rate: number;
  /** The effects on the calls meanwhile, in turn. Default: {@link AWAY}. */
  effects?: readonly Effect[];
  /** Called for each event. */
  onSend?(): void;
}

const WINDOW_MS = 10_000;
/** Calls that Intercom allows in a window. */
const ALLOWED = 1_666;

/** An unavailable service refuses a call, cuts its connection or does not answer. */
const AWAY: readonly Effect[] = [
  { kind: 'status', status: 503 },
  { kind: 'reset-before' },
  { kind: 'hang' },
];

/** Activity continues while Intercom is away; afterwards all of it goes into notes, at Intercom's pace. */
export async function outage(
  stage: FlowStage & Pick<Services, 'calls'>,
  { progress, signal }: Run,
  { before, down, after, sessions: count, rate, effects = AWAY, onSend }: OutageSize,
): Promise<Required<Result>> {
  progress(`Intercom away for ${down} s`);
  const sessions = sessionsWithConversations(stage, count, 'outage');
  const missed = Math.round((before + down) * rate);
  const waiting = new Set(Array.from({ length: missed }, (_, serial) => serial));
  let backAt = Infinity;
  let caughtUpAt = Infinity;
  const plan = (async () => {
    await sleep(before * 1_000, null, { signal });
    let calls = 0;
    // The faults are tried in order until one matches, so one count serves all of them.
    const mend = effects.map((effect, i) =>
      stage.intercom.faults.add({
        match() {
          if (i === 0) calls += 1;
          return calls % effects.length === i;
        },
        times: Infinity,
        effect,
      }),
    );
    await sleep(down * 1_000, null, { signal });
    for (const takeAway of mend) takeAway();
    backAt = Date.now();
    progress('Intercom is back');
  })();
  const [run] = await Promise.all([
    measureFlow(stage, sessions, {
      rate,
      seconds: before + down + after,
      waitMs: 400_000,
      patienceMs: 120_000,
      signal,
      ...(onSend && { onSend }),
      onNote(serials) {
        for (const serial of serials) waiting.delete(serial);
        if (waiting.size === 0) caughtUpAt = Math.min(caughtUpAt, Date.now());
      },
    }),
    plan,
  ]);
  const calls = stage.calls();
  const downCalls = calls.filter((at) => at > backAt - down * 1_000 && at < backAt);
  const backCalls = calls.filter((at) => at >= backAt);
  const rss = [...run.usage.rssMb, ...run.settling.rssMb];
  return {
    figures: [
      ...losses('Intercom away', run.outcome),
      reported("Intercom away, n8n's memory at most", Math.max(...rss), 'MB'),
      atMost(
        "Intercom away, n8n's memory, end of the second half to its begin",
        growthInSecondHalf(run.usage.rssMb),
        '×',
        1.1,
      ),
      reported('Intercom away, calls that it got all the same', downCalls.length / down, 'calls/s'),
      atMost('Until everything missed was told', (caughtUpAt - backAt) / 1_000, 's', 90),
      atMost('Then, most calls within any 10 s', mostWithin(backCalls, WINDOW_MS), '', ALLOWED),
    ],
    curves: [
      {
        name: "n8n's memory",
        x: { name: `Time (Intercom is away from second ${before} to ${before + down})`, unit: 's' },
        y: { name: 'Memory', unit: 'MB' },
        points: rss.map((mb, second) => [second, mb]),
      },
    ],
    remarks: [
      `Away for ${down} s of ${amount(rate)} events/s on ${count} sessions: ${effects === AWAY ? 'a call in three is answered with 503, one is cut off, one is never answered' : 'no call is answered'}. Intercom allows ${amount(ALLOWED)} calls in 10 s.`,
    ],
  };
}
