import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { systemClock } from '../../core/clock';
import { fetchOverHelper, type HelperFunction } from '../../core/http/fetchOverHelper';
import { connectorSource } from '../../nodes/AutoplayStreamTrigger/connector';
import { DEFAULTS } from '../../nodes/AutoplayStreamTrigger/options';
import { posthogFields } from '../../nodes/PosthogActivityTrigger/connection';
import { liveSource } from '../../nodes/PosthogActivityTrigger/liveSource';
import { createListener, type ListenerOptions } from '../../nodes/shared/batching/listener';
import { OWN_EVENT } from './posthogLoad';

/** What it took to read a stream. */
export interface Reading {
  /** Actions that came out at the end, or were left out as an untouched trigger does. */
  actions: number;
  /** Processor time of this process, all its threads. */
  cpuSeconds: number;
  /** The part of it that JavaScript took; the rest is mostly garbage collection beside it. */
  mainSeconds: number;
  /** From the request until the last action came out. */
  seconds: number;
}

export interface ListenerReading extends Reading {
  dropped: number;
  executions: number;
}

/** What an untouched trigger leaves out. */
const SHIPPED = {
  types: ['focus', 'blur'],
  pages: [],
  emails: [],
  users: [],
  onlyIdentified: false,
};

/** What n8n's helper is to the stream: it resolves with the answer, its body a stream of Node. */
const helper: HelperFunction = async ({ url, headers, abortSignal }) => {
  const body = await request(url, headers, abortSignal);
  return { statusCode: body.statusCode ?? 0, headers: body.headers, body };
};

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const common = { clock: systemClock, logger, fetch: fetchOverHelper(helper), random: Math.random };

/**
 * The trigger's own way from bytes to executions, which here end at once.
 *
 * @param backfills as a new node does by default
 */
export async function readWithListener(
  url: string,
  expected: number,
  signal: AbortSignal,
  backfills = true,
): Promise<ListenerReading> {
  const settings = { url, token: '', productId: 'shop', options: DEFAULTS };
  const backfill = backfills ? common.fetch : undefined;
  return await readFrom(connectorSource({ ...common, settings, backfill }), expected, signal);
}

/** The same for PostHog's live stream. */
export async function readWithPosthogListener(
  place: { baseUrl: string; liveUrl: string },
  expected: number,
  signal: AbortSignal,
): Promise<ListenerReading> {
  const credential = posthogFields({ ...place, region: 'custom', personalApiKey: 'phx_any' });
  const open = liveSource({
    ...common,
    name: 'PostHog',
    credential: async () => credential,
    events: { custom: [OWN_EVENT], all: false },
  });
  return await readFrom(open, expected, signal);
}

async function readFrom(
  open: ListenerOptions['open'],
  expected: number,
  signal: AbortSignal,
): Promise<ListenerReading> {
  const all = Promise.withResolvers<void>();
  let actions = 0;
  let leftOut = 0;
  let dropped = 0;
  let executions = 0;
  const listener = createListener({
    settings: {
      ...{ productId: 'shop', options: DEFAULTS, filter: SHIPPED },
      ...{ remembersSessions: false, executionTimeout: 0 },
    },
    ...{ clock: systemClock, logger, name: 'Stream', open },
    async execute(items) {
      executions += 1;
      for (const item of items) {
        if (item.type !== 'actions') continue;
        actions += item.count;
        leftOut += item.left_out_actions ?? 0;
        dropped += item.dropped_actions ?? 0;
      }
      if (actions + leftOut + dropped >= expected) all.resolve();
      return 'done';
    },
    onProblem: ({ message }) => all.reject(new Error(message)),
  });
  return await measured(signal, all.promise, {
    start: () => listener.start(),
    stop: () => listener.stop(),
    result: () => ({ actions: actions + leftOut, dropped, executions }),
  });
}

/** The least work on these bytes: find the frames and parse their JSON. */
export async function readBare(
  url: string,
  expected: number,
  signal: AbortSignal,
): Promise<Reading> {
  const all = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let actions = 0;
  const parser = createParser({
    onEvent({ data }) {
      actions += (JSON.parse(data) as { actions: unknown[] }).actions.length;
      if (actions >= expected) all.resolve();
    },
  });
  const read = async () => {
    const body = await request(url, {}, stopping.signal);
    body.setEncoding('utf8').on('data', (chunk: string) => parser.feed(chunk));
    body.on('error', all.reject);
  };
  return await measured(signal, all.promise, {
    start: () => void read().catch(all.reject),
    stop: async () => stopping.abort(),
    result: () => ({ actions }),
  });
}

interface Reader<Counts> {
  start(): void;
  stop(): Promise<void>;
  result(): Counts;
}

async function measured<Counts>(
  signal: AbortSignal,
  all: Promise<void>,
  { start, stop, result }: Reader<Counts>,
): Promise<Counts & Omit<Reading, 'actions'>> {
  const done = new AbortController();
  const patience = sleep(120_000, undefined, { signal: AbortSignal.any([signal, done.signal]) });
  const late = patience.then(() => Promise.reject(new Error('The stream did not come to its end')));
  const began = performance.now();
  const cpu = process.cpuUsage();
  const main = process.threadCpuUsage();
  try {
    start();
    await Promise.race([all, late]);
    const cpuSeconds = inSeconds(process.cpuUsage(cpu));
    const mainSeconds = inSeconds(process.threadCpuUsage(main));
    const seconds = (performance.now() - began) / 1_000;
    return { ...result(), cpuSeconds, mainSeconds, seconds };
  } finally {
    done.abort();
    late.catch(() => {});
    await stop();
  }
}

function inSeconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

function request(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, signal, agent: false }, resolve).on('error', reject);
  });
}
