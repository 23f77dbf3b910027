import { timeChains } from '../measure/chainReaders';
import { atMost, reported } from '../measure/figures';
import { startFrameServer } from '../measure/frameServer';
import { visits } from '../measure/posthogLoad';
import { deliver, streamAt, withPosthogStage, type PosthogStage } from '../measure/posthogStage';
import { AS_IT_COMES } from '../measure/stage';
import { median, percentile } from '../measure/statistics';
import {
  readWithListener,
  readWithPosthogListener,
  type ListenerReading,
} from '../measure/streamReaders';
import type { Figure, Run, Scenario } from '../types';

const SIZE = {
  full: { events: 100_000, rounds: 7, seconds: 60, deliveries: 5_000, chainRounds: 2_000 },
  quick: { events: 50_000, rounds: 3, seconds: 10, deliveries: 1_500, chainRounds: 500 },
};
/** Events a second that fill the buffer of PostHog's live stream in a twentieth of a second. */
const RATE = 2_000;
const AT_ONCE = 8;

/** PostHog as the source: its live stream beside Autoplay's, its webhooks, and what it says of elements. */
export const posthog: Scenario = {
  name: 'posthog',
  title: 'PostHog: live stream, webhooks and chains of elements',
  quick: true,
  async run(run) {
    const figures = [...chains(run), ...(await alone(run))];
    figures.push(...(await stream(run)));
    figures.push(...(await webhook(run, 'Webhook')));
    figures.push(...(await webhook(run, 'Webhook, n8n as it comes', AS_IT_COMES)));
    return { figures, remarks: REMARKS };
  },
};

const sizeOf = ({ quick }: Run) => (quick ? SIZE.quick : SIZE.full);

function chains(run: Run): Figure[] {
  run.progress('chains of elements');
  const given = visits().flatMap(({ properties }) => {
    const chain = properties?.$elements_chain;
    return typeof chain === 'string' ? [chain] : [];
  });
  // The first time warms up.
  const [, ...times] = Array.from({ length: sizeOf(run).rounds + 1 }, () =>
    timeChains(given, sizeOf(run).chainRounds / sizeOf(run).rounds),
  );
  return [
    reported('Elements chains: scanner', median(times.map(({ scanner }) => scanner)), 'MB/s'),
    reported(
      'Elements chains: regular expressions',
      median(times.map(({ patterns }) => patterns)),
      'MB/s',
    ),
  ];
}

/** Both triggers alone, in turns, so that other work on the machine disturbs both equally. */
async function alone(run: Run): Promise<Figure[]> {
  const { events, rounds } = sizeOf(run);
  const server = await startFrameServer();
  try {
    const readings: Record<'posthog' | 'autoplay', ListenerReading[]> = {
      posthog: [],
      autoplay: [],
    };
    // The first round warms up: the server makes its frames, and V8 compiles the code.
    for (let round = 0; round <= rounds; round += 1) {
      run.progress(`trigger alone, round ${round} of ${rounds}`);
      const posthogRead = await readWithPosthogListener(server.posthog(events), events, run.signal);
      const autoplay = await readWithListener(server.url(events, 1), events, run.signal);
      if (round === 0) continue;
      readings.posthog.push(posthogRead);
      readings.autoplay.push(autoplay);
    }
    const perCore = ({ actions, cpuSeconds }: ListenerReading) => actions / cpuSeconds;
    const ratios = readings.posthog.map((one, i) => perCore(one) / perCore(readings.autoplay[i]!));
    const unit = 'events/s';
    return [
      reported('Trigger alone: PostHog', median(readings.posthog.map(perCore)), unit),
      reported('Trigger alone: Autoplay', median(readings.autoplay.map(perCore)), unit),
      reported('PostHog Trigger of Autoplay’s, per event', median(ratios), '×'),
      reported(
        'By the clock, PostHog',
        median(readings.posthog.map(({ actions, seconds }) => actions / seconds)),
        unit,
      ),
    ];
  } finally {
    await server.stop();
  }
}

async function stream(run: Run): Promise<Figure[]> {
  return await withPosthogStage('stream', run, async (stage) => {
    run.progress(`live stream, ${RATE} events/s`);
    const { seconds } = sizeOf(run);
    const { sent, dropped, lost } = await streamAt(stage, {
      ...{ rate: RATE, seconds, signal: run.signal },
    });
    return [
      reported('Live stream, events sent', sent, ''),
      atMost('Live stream, dropped by PostHog’s buffer of 100', dropped, '', 0),
      atMost('Live stream, events lost', lost, '', 0),
    ];
  });
}

async function webhook(run: Run, name: string, env?: Record<string, string>): Promise<Figure[]> {
  const work = async (stage: PosthogStage) => {
    run.progress(`${name}: deliveries`);
    const { deliveries: count } = sizeOf(run);
    const options = { count, atOnce: AT_ONCE, signal: run.signal };
    const { times, refused, cpuMs, seconds, lost } = await deliver(stage, options);
    return [
      reported(`${name}, deliveries`, times.length / seconds, 'deliveries/s'),
      reported(`${name}, acknowledged, p50`, median(times), 'ms'),
      reported(`${name}, acknowledged, p99`, percentile(times, 0.99), 'ms'),
      reported(`${name}, CPU of n8n per delivery`, cpuMs / times.length, 'ms'),
      atMost(`${name}, not acknowledged`, refused, '', 0),
      atMost(`${name}, events lost`, lost, '', 0),
    ];
  };
  return await withPosthogStage('webhook', run, work, env);
}

const REMARKS = [
  'The chains are those of ten elements, 1.3 KB each, which the shipped simulator of posthog-js makes. The regular expressions are ours, after PostHog’s published way; both read the same.',
  'Trigger alone: from the stream’s bytes to executions that end at once, per second of processor time of all threads. An event of PostHog has 1.7 KB, one of Autoplay 0.5 KB.',
  `In n8n: the shipped Intercom workflow with PostHog’s trigger and sessions that are not linked. The live stream carries ${RATE.toLocaleString('en-US')} events/s; PostHog keeps 100 frames for a reader that is slow and drops the rest.`,
  `Webhook: signed deliveries of distinct events, ${AT_ONCE} at a time, each acknowledged after it is stored; then once more with n8n as it comes, which starts a sandbox for expressions for each. What is not remembered a minute later counts as lost.`,
];
