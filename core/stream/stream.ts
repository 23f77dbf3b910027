import { wait, type Clock } from '../clock';
import { DELAYS_MS, nextDelay } from './backoff';
import { holdConnection, type Ending } from './hold';
import { unreachable, type Problem, type ProblemCode } from './problems';

export interface StreamOptions {
  /** The whole URL, http or https, e.g. `https://connector.example/stream/my-product`. */
  url: string;
  /** May be empty. */
  token: string;
  /**
   * Where to connect after a refusal, when somebody may have mended the address or the token;
   * undefined, or a rejection, when nothing new is known.
   */
  refresh?(): Promise<{ url: string; token: string } | undefined>;
  fetch: typeof fetch;
  clock: Clock;
  /** 0 ≤ x < 1, for the jitter. */
  random: () => number;
  /** The connection counts as dead after this long without a byte, in milliseconds. Default 90,000. */
  watchdogMs?: number;
  /** The text of one frame, as it came. */
  onFrame(text: string): void;
  /** What the connection is doing now; for logs. */
  onState?(state: StreamState): void;
  /**
   * Something only a person can mend, or an outage that has lasted minutes. Each kind of problem
   * is told once per outage; the stream goes on trying.
   */
  onProblem?(problem: Problem): void;
}

export type StreamState =
  | { name: 'open' }
  /** No stream, and when the next attempt will be. */
  | { name: 'waiting'; reason: string; retryInMs: number }
  | { name: 'stopped' };

/** Counted since the start. */
export interface StreamStats {
  /** Frames handed on, whatever was in them. */
  frames: number;
  /** Frames that `onFrame` threw on. */
  failedFrames: number;
  /** Bytes, heartbeats included. */
  bytes: number;
  /** Connections begun after the first. */
  reconnects: number;
}

export interface Stream {
  /** Connects, and reconnects until stopped. Further calls do nothing. */
  start(): void;
  /** Closes at once and for good; may be called at any time and repeatedly. */
  stop(): Promise<void>;
  stats(): StreamStats;
}

/** An outage shorter than this may be a restart or a deployment, and is nobody's business. */
const TELL_OUTAGE_AFTER_MS = 300_000;

/** Owns one connection to an Autoplay connector: opens it, watches it, brings it back. */
export function createStream(options: StreamOptions): Stream {
  const { clock, random, watchdogMs = 90_000, onFrame, onState, onProblem } = options;
  const stats: StreamStats = { frames: 0, failedFrames: 0, bytes: 0, reconnects: -1 };
  const stopping = new AbortController();
  const told = new Set<ProblemCode>();
  let downSince = 0;
  let fruitless = 0;
  let running: Promise<void> | undefined;
  let target = { url: options.url, token: options.token };
  let lastEventId = '';

  /** Data flowed: whatever was wrong is over. An accepted request alone shows nothing. */
  function prove(): void {
    fruitless = 0;
    downSince = Infinity;
    told.clear();
  }

  function deliver(text: string): void {
    prove();
    stats.frames += 1;
    try {
      onFrame(text);
    } catch {
      // Thrown on, it would end the whole process as an uncaught exception.
      stats.failedFrames += 1;
    }
  }

  async function holdOnce(): Promise<Ending> {
    let openedAt = Infinity;
    fruitless += 1;
    stats.reconnects += 1;
    return await holdConnection({
      ...options,
      ...target,
      lastEventId,
      watchdogMs,
      signal: stopping.signal,
      onOpen() {
        openedAt = clock.now();
        onState?.({ name: 'open' });
      },
      onBytes(count) {
        stats.bytes += count;
        // At night only heartbeats come, and they prove a connection that has lasted.
        if (clock.now() - openedAt >= DELAYS_MS.longest) prove();
      },
      onFrame: deliver,
      onEventId: (id) => (lastEventId = id),
    });
  }

  /** What `refresh` says, unless it is of no use; never later than a stop. */
  async function refreshed(): Promise<typeof target | undefined> {
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    const stop = () => resolve(undefined);
    stopping.signal.addEventListener('abort', stop, { once: true });
    try {
      const fresh = await Promise.race([options.refresh?.(), stopped]);
      return fresh && isHttpUrl(fresh.url) ? fresh : undefined;
    } catch {
      return undefined;
    } finally {
      stopping.signal.removeEventListener('abort', stop);
    }
  }

  /** Ids belong to the address that gave them. */
  function follow(next: typeof target): void {
    if (next.url !== target.url) lastEventId = '';
    target = next;
  }

  function tell(problem: Problem): void {
    if (told.has(problem.code)) return;
    told.add(problem.code);
    onProblem?.(problem);
  }

  async function run(): Promise<void> {
    downSince = clock.now();
    while (!stopping.signal.aborted) {
      const ending = await holdOnce();
      if (stopping.signal.aborted) break;
      const now = clock.now();
      downSince = Math.min(downSince, now);
      const refused = ending.kind === 'refused';
      const reason = refused ? ending.problem.message : ending.reason;
      const retryAfterMs = refused ? undefined : ending.retryAfterMs;
      const retryInMs = nextDelay({ fruitless, refused, retryAfterMs }, random);
      if (refused) tell(ending.problem);
      else if (now - downSince >= TELL_OUTAGE_AFTER_MS && told.size === 0) {
        tell(unreachable(Math.round((now - downSince) / 60_000), reason));
      }
      onState?.({ name: 'waiting', reason, retryInMs });
      await wait(clock, retryInMs, stopping.signal);
      if (refused && !stopping.signal.aborted) follow((await refreshed()) ?? target);
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

function isHttpUrl(url: string): boolean {
  return /^https?:$/.test(URL.parse(url)?.protocol ?? '');
}
