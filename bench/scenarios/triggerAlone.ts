import { startFrameServer, SESSIONS } from '../measure/frameServer';
import { heldMb, peakMbDuring } from '../measure/heap';
import { median } from '../measure/statistics';
import {
  readBare,
  readWithListener,
  type ListenerReading,
  type Reading,
} from '../measure/streamReaders';
import type { Figure, Run, Scenario } from '../types';

/** The number of actions in one reading, and of readings by each reader. */
const SIZE = { full: { actions: 300_000, rounds: 7 }, quick: { actions: 50_000, rounds: 3 } };
const ACTIONS_PER_FRAME = [1, 10];
const TARGET = { is: 'at least', value: 100_000 } as const;
/** Of one action a frame, because then each action takes a whole frame's work. */
const OF_BARE = { is: 'at least', value: 0.5 } as const;

interface Rounds {
  trigger: ListenerReading[];
  withoutBackfill: ListenerReading[];
  bare: Reading[];
}

/** From the stream's bytes to executions that end at once, compared with the bare parser. */
export const triggerAlone: Scenario = {
  name: 'triggerAlone',
  title: 'The trigger alone, from bytes to executions',
  quick: true,
  async run(run) {
    const server = await startFrameServer();
    try {
      const figures: Figure[] = [];
      for (const perFrame of ACTIONS_PER_FRAME) {
        const { actions } = run.quick ? SIZE.quick : SIZE.full;
        const url = server.url(actions / perFrame, perFrame);
        // A warm-up: the server makes its frames, and V8 compiles the code.
        await readWithListener(url, actions, run.signal);
        await readBare(url, actions, run.signal);
        const before = await heldMb();
        const { peak, value } = await peakMbDuring(() => readInTurns(run, url, perFrame));
        const kept = (await heldMb()) - before;
        figures.push(...figuresOf(perFrame, value), ...memoryOf(perFrame, peak, kept));
      }
      return { figures, remarks: REMARKS };
    } finally {
      await server.stop();
    }
  },
};

/** In turns, so that other work on the machine disturbs both equally. */
async function readInTurns(run: Run, url: string, perFrame: number): Promise<Rounds> {
  const { actions, rounds } = run.quick ? SIZE.quick : SIZE.full;
  const readings: Rounds = { trigger: [], withoutBackfill: [], bare: [] };
  for (let round = 1; round <= rounds; round += 1) {
    run.progress(`${frames(perFrame)}, round ${round} of ${rounds}`);
    readings.trigger.push(await readWithListener(url, actions, run.signal));
    readings.withoutBackfill.push(await readWithListener(url, actions, run.signal, false));
    readings.bare.push(await readBare(url, actions, run.signal));
  }
  return readings;
}

function figuresOf(perFrame: number, { trigger, withoutBackfill, bare }: Rounds): Figure[] {
  const group = frames(perFrame);
  const perCore = ({ actions, cpuSeconds }: Reading) => actions / cpuSeconds;
  const ratios = trigger.map((reading, i) => perCore(reading) / perCore(bare[i] as Reading));
  const usPerFrame = (reading: Reading) => (1e6 * perFrame) / perCore(reading);
  const backfill = trigger.map((reading, i) => {
    return usPerFrame(reading) - usPerFrame(withoutBackfill[i] as Reading);
  });
  const unit = 'actions/s';
  return [
    { name: `${group}: trigger`, value: median(trigger.map(perCore)), unit, target: TARGET },
    { name: `${group}: bare parser`, value: median(bare.map(perCore)), unit },
    {
      name: `Trigger of bare parser, ${group}`,
      value: median(ratios),
      unit: '×',
      ...(perFrame === 1 && { target: OF_BARE }),
    },
    { name: `Backfill, a frame, ${group}`, value: median(backfill), unit: 'µs' },
    {
      name: `Whole trigger, a frame, ${group}`,
      value: median(trigger.map(usPerFrame)),
      unit: 'µs',
    },
    {
      name: `Of its main thread, ${group}`,
      value: median(trigger.map(({ actions, mainSeconds }) => actions / mainSeconds)),
      unit,
    },
    {
      name: `By the clock, ${group}`,
      value: median(trigger.map(({ actions, seconds }) => actions / seconds)),
      unit,
    },
    {
      name: `Dropped, ${group}`,
      value: Math.max(...trigger.map(({ dropped }) => dropped)),
      unit: '',
      target: { is: 'at most', value: 0 },
    },
  ];
}

function memoryOf(perFrame: number, peak: number, kept: number): Figure[] {
  const group = frames(perFrame);
  return [
    { name: `Process at its largest, ${group}`, value: peak, unit: 'MB' },
    {
      name: `Held afterwards, ${group}`,
      value: Math.max(0, kept),
      unit: 'MB',
      target: { is: 'at most', value: 10 },
    },
  ];
}

function frames(perFrame: number): string {
  return perFrame === 1 ? '1 action a frame' : `${perFrame} actions a frame`;
}

const REMARKS = [
  'Actions per second of processor time, of all threads of the reading process: what one core can do.',
  `The frames are sent over HTTP by another process; ${SESSIONS.toLocaleString('en-US')} sessions take turns.`,
  'The bare parser finds frames and parses their JSON, no more. Medians of rounds in turns.',
  'The trigger follows what comes for its backfill, as new triggers do. What that costs is the difference to rounds without it.',
  'By the clock, the last session’s quiet period of 150 ms is part of the time.',
];
