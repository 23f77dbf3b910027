import { atMost, latency, losses, reported } from '../measure/figures';
import type { FlowRun } from '../measure/flow';
import { withStage } from '../measure/stage';
import type { Figure, Scenario } from '../types';
import { outage } from './slow/outage';
import { createSlowed, type Slowed } from './slow/slowed';

const SECONDS = { full: 30, quick: 30 };
const OUTAGE = {
  full: { before: 10, down: 120, after: 20, sessions: 200, rate: 500 },
  quick: { before: 4, down: 20, after: 4, sessions: 100, rate: 200 },
};
/** By how much slow sessions may delay the others. */
const RATIO = 1.5;

/** How slow sessions affect the others, and what happens while Intercom is away. */
export const slow: Scenario = {
  name: 'slow',
  title: 'A slow conversation, a slow model, and Intercom out of order',
  quick: false,
  async run(run) {
    const size = run.quick ? 'quick' : 'full';
    return await withStage({ workflow: 'intercom' }, run, async (stage) => {
      const slowed = createSlowed(stage, run, SECONDS[size]);
      const none = await slowed({});
      const figures: Figure[] = [
        reported('No slow session, event to note, p99', latency(none.outcome, 0.99), 'ms'),
      ];
      const cases: Array<[string, Slowed]> = [
        ['one conversation takes 30 s', { conversations: 1 }],
        ...(run.quick
          ? ([['the model takes 30 s for one session', { prompts: 1 }]] as Array<[string, Slowed]>)
          : ([
              ['eight conversations take 30 s', { conversations: 8 }],
              ['the model hangs for eight sessions', { prompts: 8, hangs: true }],
            ] as Array<[string, Slowed]>)),
      ];
      for (const [name, what] of cases) {
        figures.push(...compared(name, await slowed(what), none, slowest(what)));
      }
      const away = await outage(stage, run, OUTAGE[size]);
      return {
        figures: [...figures, ...away.figures],
        curves: away.curves,
        remarks: [
          'Slow lasts as long as the load; then everything answers as usual again, and whatever is late has to come, once and in order.',
          ...away.remarks,
        ],
      };
    });
  },
};

function slowest({ conversations = 0, prompts = 0 }: Slowed): number {
  return Math.max(conversations, prompts);
}

/** @param count the number of slow sessions, the first ones */
function compared(name: string, run: FlowRun, none: FlowRun, count: number): Figure[] {
  const others = (session: number) => session >= count;
  const p99 = latency(run.outcomeOf(others), 0.99);
  return [
    reported(`The others, p99: ${name}`, p99, 'ms'),
    atMost(
      `The others, p99, of that without: ${name}`,
      p99 / latency(none.outcomeOf(others), 0.99),
      '×',
      RATIO,
    ),
    ...losses(capitalized(name), run.outcome),
  ];
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
