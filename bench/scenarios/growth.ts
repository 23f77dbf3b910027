import { setTimeout as sleep } from 'node:timers/promises';
import { amount, atMost, latency, losses, reported } from '../measure/figures';
import { measureFlow, sessionsWithConversations, type FlowRun } from '../measure/flow';
import { exponentOf } from '../measure/growth';
import { withStage } from '../measure/stage';
import { watchUsage } from '../measure/usage';
import type { Curve, Figure, Run, Scenario } from '../types';

const SESSIONS = { full: [100, 1_000, 10_000], quick: [10, 100, 1_000] };
const RATES = { full: [100, 1_000, 10_000], quick: [10, 100, 1_000] };
const AT = { sessions: 200, rate: 1_000 };
const SECONDS = { full: 12, quick: 5 };
const IDLE_MS = 5_000;
/** Few enough actions that no session gets a summary. */
const WARM_UP = { rate: 1_000, seconds: 3 };
/** Above 1, twice the work takes more than twice as long. The margin is for scatter. */
const LINEAR = 1.1;

interface Point {
  /** Sessions, or events a second. */
  of: number;
  run: FlowRun;
  /** CPU that n8n used for it beyond its idle use, in milliseconds. */
  cpuMs: number;
}

/** Whether twice as much costs more than twice as much. */
export const growth: Scenario = {
  name: 'growth',
  title: 'How cost grows with sessions and with events',
  quick: false,
  async run(run) {
    const size = run.quick ? 'quick' : 'full';
    const measure = async (of: number, sessions: number, rate: number): Promise<Point> => ({
      of,
      ...(await measureCost(run, { sessions, rate, seconds: SECONDS[size] })),
    });
    const byRate: Point[] = [];
    for (const rate of RATES[size]) byRate.push(await measure(rate, AT.sessions, rate));
    const bySessions: Point[] = [];
    for (const count of SESSIONS[size]) bySessions.push(await measure(count, count, AT.rate));
    const rates = { name: `Load on ${AT.sessions} sessions`, unit: 'events/s' };
    const sessions = { name: `Sessions at ${amount(AT.rate)} events/s`, unit: '' };
    return {
      figures: [...figuresOf('events/s', byRate), ...figuresOf('sessions', bySessions)],
      curves: [...curvesOf(rates, byRate), ...curvesOf(sessions, bySessions)],
      remarks: [
        `${SECONDS[size]} s of each load, in an n8n of its own. CPU until n8n has nothing to do any more, without what n8n takes when nothing happens. All sessions are linked.`,
        'The exponent is the slope in decades of all CPU over events or sessions: 1 is in proportion, 0 is not at all.',
        'Intercom takes 166 notes a second, which is what many sessions wait for.',
      ],
    };
  },
};

/** Each load gets a fresh n8n, because work that one load leaves behind would count for the next. */
async function measureCost(
  { progress, signal }: Run,
  { sessions: count, rate, seconds }: { sessions: number; rate: number; seconds: number },
): Promise<Omit<Point, 'of'>> {
  const name = `${amount(count)} sessions, ${amount(rate)} events/s`;
  const report = (text: string) => progress(`${name}: ${text}`);
  return await withStage({ workflow: 'intercom' }, { progress: report, signal }, async (stage) => {
    const calm = () => stage.finished(60_000, signal);
    report('warming up');
    const others = sessionsWithConversations(stage, AT.sessions, 'warm-up');
    await measureFlow(stage, others, { ...WARM_UP, signal });
    await calm();
    report('n8n by itself');
    const watched = watchUsage(stage.pid);
    await sleep(IDLE_MS, null, { signal });
    const idle = watched();
    report('the load');
    const sessions = sessionsWithConversations(stage, count);
    const used = watchUsage(stage.pid);
    const run = await measureFlow(stage, sessions, {
      rate,
      seconds,
      waitMs: 300_000,
      patienceMs: 90_000,
      signal,
    });
    // Summaries and redactions continue after the last note.
    await calm();
    const { cpuMs, wallMs } = used();
    const anyway = (idle.cpuMs / idle.wallMs) * wallMs;
    // One tick of the kernel's clock is the smallest measurable amount.
    return { run, cpuMs: Math.max(10, cpuMs - anyway) };
  });
}

function figuresOf(what: string, points: readonly Point[]): Figure[] {
  const total = (of: 'lost' | 'doubled' | 'disordered') =>
    points.reduce((sum, { run }) => sum + run.outcome[of], 0);
  const all = { lost: total('lost'), doubled: total('doubled'), disordered: total('disordered') };
  return [
    atMost(
      `CPU over ${what}, exponent`,
      exponentOf(points.map(({ of, cpuMs }) => [of, cpuMs])),
      '',
      LINEAR,
    ),
    ...points.map((point) =>
      reported(`CPU per event, ${amount(point.of)} ${what}`, perEvent(point), 'µs'),
    ),
    ...losses(`Over ${what}`, all),
  ];
}

function curvesOf(x: Curve['x'], points: readonly Point[]): Curve[] {
  const curve = (name: string, y: Curve['y'], value: (point: Point) => number): Curve => ({
    name,
    x,
    y,
    points: points.map((point) => [point.of, value(point)]),
  });
  const latencies = { name: 'Event to note', unit: 'ms' };
  return [
    curve('this package', { name: 'CPU per event', unit: 'µs' }, perEvent),
    curve('p50', latencies, ({ run }) => latency(run.outcome, 0.5)),
    curve('p99', latencies, ({ run }) => latency(run.outcome, 0.99)),
  ];
}

function perEvent({ run, cpuMs }: Point): number {
  return (cpuMs * 1_000) / run.outcome.sent;
}
