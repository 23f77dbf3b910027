import { backoff } from '../backoff';
import { wait, type Clock } from '../clock';
import { asError } from '../values';
import type { NoStream } from './connect';
import { followConnection } from './follow';
import { unreachable, type Problem, type StreamServer } from './problems';

/** Where to connect, and with what. */
export interface StreamTarget {
  /** The whole URL, http or https, e.g. `https://connector.example/stream/my-product`. */
  url: string;
  /** May be empty. */
  token: string;
}

export interface StreamOptions extends StreamTarget {
  /**
   * Asked before each connection, for a token that is fetched from elsewhere: where to connect, or why there is no stream.
   * Without it, `url` and `token` are used.
   *
   * @param rejected the token that the server has just refused
   */
  authorize?(rejected?: string): Promise<StreamTarget | NoStream>;
  /** For a server that ends each connection: when to open the next one, and how long both are followed, in milliseconds. */
  turnover?: { afterMs: number; overlapMs: number };
  /** For a stream without heartbeats: a connection that has lasted this long, in milliseconds, is as good as data. */
  quietMs?: number;
  /** Whose stream it is, for the words of problems; a connector of Autoplay by default. */
  server?: StreamServer;
  /**
   * Where to connect after a refusal: the user may have corrected the address or the token. Undefined,
   * or a rejection, if nothing new is known.
   */
  refresh?(): Promise<StreamTarget | undefined>;
  fetch: typeof fetch;
  clock: Clock;
  /** 0 ≤ x < 1, for jitter. */
  random: () => number;
  /** A connection is given up after this long without a byte, in milliseconds. Default 90,000. */
  watchdogMs?: number;
  /** The unchanged text of one frame. */
  onFrame(text: string): void;
  /** What the connection is doing now; for logs. */
  onState?(state: StreamState): void;
  /**
   * Something that only a person can correct, or an outage that has lasted minutes. Each kind of problem
   * is reported once per outage; the stream keeps trying.
   */
  onProblem?(problem: Problem): void;
}

export type StreamState =
  | { name: 'open' }
  /** No stream, and when the next attempt will be. */
  | { name: 'waiting'; reason: string; retryInMs: number }
  | { name: 'stopped' };

/** Counts since the start. */
interface StreamStats {
  /** Frames passed on, whatever was in them. */
  frames: number;
  /** Frames for which `onFrame` threw. */
  failedFrames: number;
  /** Bytes, heartbeats included. */
  bytes: number;
  /** Connections begun after the first. */
  reconnects: number;
}

interface Stream {
  /** Connects, and reconnects until stopped. Further calls do nothing. */
  start(): void;
  /** Closes at once and for good. May be called at any time, and repeatedly. */
  stop(): Promise<void>;
  stats(): StreamStats;
}

/** A shorter outage may be a restart or a deployment, and is not reported. */
const REPORT_OUTAGE_AFTER_MS = 300_000;

const LONGEST_PAUSE_MS = 30_000;
const pauseAfterOutages = backoff({ first: 1_000, longest: LONGEST_PAUSE_MS });
/** A refusal lasts until a person acts. The first pause is short, for a mistake that is corrected at once. */
const pauseAfterRefusals = backoff({ first: 10_000, longest: 60_000 });
/** No server can ask for a longer pause. */
const LONGEST_ASKED_MS = 300_000;
/** Pauses vary by this share, so that many clients do not return at the same moment. */
const JITTER = 0.1;

/**
 * Owns the connection to a stream: opens it, watches it, reopens it. Two for a while, if the server ends each of them.
 *
 * Only data ends an outage: a frame, or bytes on a connection that has lasted for 30 s. So a connector that
 * accepts and hangs up is not asked every second.
 */
export function createStream(options: StreamOptions): Stream {
  const { clock, random, watchdogMs = 90_000, onFrame, onState, onProblem } = options;
  const { turnover, quietMs, server } = options;
  const stats: StreamStats = { frames: 0, failedFrames: 0, bytes: 0, reconnects: -1 };
  const stopping = new AbortController();
  /** Kinds of problems that were reported since data last flowed. */
  const reported = new Set<string>();
  /** When data last stopped, in epoch milliseconds; infinite while it flows. */
  let downSince = 0;
  /** Connections in a row that brought no data, the present one included. */
  let fruitless = 0;
  let running: Promise<void> | undefined;
  let target: StreamTarget = { url: options.url, token: options.token };
  let lastEventId = '';

  /** Data flows, so every earlier problem is over. An accepted request alone would not show that. */
  function dataFlows(): void {
    fruitless = 0;
    downSince = Infinity;
    // Even of an empty set, clearing makes a new table, and this is called for each frame.
    if (reported.size > 0) reported.clear();
  }

  /** @param ends whether the frame ends an outage */
  function deliver(text: string, ends: boolean): void {
    if (ends) dataFlows();
    stats.frames += 1;
    try {
      onFrame(text);
    } catch {
      // Rethrown, it would be an uncaught exception and end the process.
      stats.failedFrames += 1;
    }
  }

  /** Follows one connection. Undefined if it is still open, and it is the next one's turn. */
  async function followOne(): Promise<NoStream | undefined> {
    const startedAt = clock.now();
    const connection = new AbortController();
    const close = () => connection.abort();
    stopping.signal.addEventListener('abort', close, { once: true });
    const hasLasted = () => quietMs !== undefined && clock.now() - startedAt >= quietMs;
    let openedAt = Infinity;
    let cancel = () => {};
    fruitless += 1;
    stats.reconnects += 1;
    const ended = followConnection({
      ...options,
      ...target,
      lastEventId,
      watchdogMs,
      signal: connection.signal,
      onOpen() {
        openedAt = clock.now();
        onState?.({ name: 'open' });
      },
      onBytes(count) {
        stats.bytes += count;
        // At night only heartbeats come. On a connection that has lasted, they count as data.
        if (clock.now() - openedAt >= LONGEST_PAUSE_MS) dataFlows();
      },
      // A server that hangs up after a frame each time is no better than one that hangs up at once.
      onFrame: (text) => deliver(text, quietMs === undefined || hasLasted()),
      onEventId: (id) => (lastEventId = id),
    }).then((ending) => {
      cancel();
      stopping.signal.removeEventListener('abort', close);
      // A request that has failed after a long time never was a stream.
      if (openedAt !== Infinity && hasLasted()) dataFlows();
      return ending;
    });
    if (!turnover) return await ended;
    const { promise: turn, resolve } = Promise.withResolvers<undefined>();
    cancel = clock.after(turnover.afterMs, () => {
      if (hasLasted()) dataFlows();
      cancel = clock.after(turnover.overlapMs, close);
      resolve(undefined);
    });
    return await Promise.race([ended, turn]);
  }

  /** Connects with a token that is fetched if need be, and once more if the server wants another one. */
  async function attempt(): Promise<NoStream | undefined> {
    const refused = await authorized();
    if (refused) return refused;
    const ending = await followOne();
    const wantsAnother = ending?.kind === 'refused' && ending.problem.code === 'bad_token';
    if (!wantsAnother || !options.authorize) return ending;
    const { token } = target;
    return (await authorized(token)) ?? (target.token === token ? ending : await followOne());
  }

  /** Takes over the target that `authorize` says; returns why there is none. */
  async function authorized(rejected?: string): Promise<NoStream | undefined> {
    if (!options.authorize || stopping.signal.aborted) return undefined;
    const asked = options.authorize(rejected).catch((error: unknown): NoStream => ({
      kind: 'outage',
      reason: asError(error).message,
    }));
    const found = (await untilStopped(asked)) ?? { kind: 'outage', reason: 'stopped' };
    if ('kind' in found) {
      fruitless += 1;
      return found;
    }
    moveTo(found);
    return undefined;
  }

  /** What is resolved with; undefined if the stream is stopped before. */
  async function untilStopped<T>(work: Promise<T> | undefined): Promise<T | undefined> {
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    const stop = () => resolve(undefined);
    stopping.signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      stopping.signal.removeEventListener('abort', stop);
    }
  }

  /** What `refresh` returns, if it is usable. Does not hold up a stop. */
  async function refreshed(): Promise<StreamTarget | undefined> {
    try {
      const fresh = await untilStopped(options.refresh?.());
      return fresh && isHttpUrl(fresh.url) ? fresh : undefined;
    } catch {
      return undefined;
    }
  }

  /** Event ids are only valid at the address that sent them. */
  function moveTo(next: StreamTarget): void {
    if (next.url !== target.url) lastEventId = '';
    target = next;
  }

  function report(problem: Problem): void {
    if (reported.has(problem.code)) return;
    reported.add(problem.code);
    onProblem?.(problem);
  }

  async function run(): Promise<void> {
    downSince = clock.now();
    while (!stopping.signal.aborted) {
      const ending = await attempt();
      if (stopping.signal.aborted) break;
      if (!ending) continue;
      const now = clock.now();
      downSince = Math.min(downSince, now);
      const refused = ending.kind === 'refused';
      const reason = refused ? ending.problem.message : ending.reason;
      const retryInMs = nextPause(ending, fruitless, random);
      if (refused) report(ending.problem);
      else if (now - downSince >= REPORT_OUTAGE_AFTER_MS && reported.size === 0) {
        report(unreachable(Math.round((now - downSince) / 60_000), reason, server));
      }
      onState?.({ name: 'waiting', reason, retryInMs });
      await wait(clock, retryInMs, stopping.signal);
      if (refused && !stopping.signal.aborted) moveTo((await refreshed()) ?? target);
    }
    onState?.({ name: 'stopped' });
  }

  return {
    start() {
      if (!stopping.signal.aborted) running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    stats: () => ({ ...stats, reconnects: Math.max(0, stats.reconnects) }),
  };
}

/**
 * How long to wait before the next connection, in milliseconds.
 *
 * @param fruitless how many connections in a row brought no data; 0 if the last one did
 */
export function nextPause(ending: NoStream, fruitless: number, random: () => number): number {
  const refused = ending.kind === 'refused';
  const own = (refused ? pauseAfterRefusals : pauseAfterOutages)(fruitless);
  const asked = refused ? 0 : Math.min(ending.retryAfterMs ?? 0, LONGEST_ASKED_MS);
  return Math.max(own, asked) * (1 + random() * JITTER);
}

function isHttpUrl(url: string): boolean {
  return /^https?:$/.test(URL.parse(url)?.protocol ?? '');
}
