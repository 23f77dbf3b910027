import { backoff } from '../backoff';
import { wait, type Clock } from '../clock';
import { parseFrame } from '../payload/parse';
import type { SessionBatch } from '../payload/types';
import { createRecent } from '../recent';
import type { StreamState, StreamTarget } from '../stream/stream';
import { idOrNull, isObject } from '../values';
import { askForActivity, liveActivityUrl } from './liveActivity';
import { createPeople } from './people';

export interface BackfillOptions {
  /** The product of the stream. Nothing is fetched for others. */
  productId: string;
  /** The stream's present address and token. */
  target(): StreamTarget;
  fetch: typeof fetch;
  clock: Clock;
  /** Actions that the stream did not bring, oldest first, all of one session and one visitor. */
  onBatch(batch: SessionBatch): void;
  /** Nothing more is fetched in this outage, or no more of one visitor. Completes "no backfill: …"; names no visitor. */
  onEnd?(reason: string): void;
}

/** A visitor of whom no session is known, and for whom a conversation waits. */
export interface UnknownVisitor {
  user_id: string;
  /** Undefined if only one product can be meant. */
  product_id?: string | undefined;
  /** What happened until then is known from elsewhere, in milliseconds since the epoch. */
  since?: number | undefined;
}

export interface Backfill {
  /** Follows a batch of the stream. Returns what is left of it without the actions that a backfill brought before. */
  follow(batch: SessionBatch): SessionBatch;
  /** Follows the stream's connection. A reconnection starts a backfill. */
  onState(state: StreamState): void;
  /** Fetches what a visitor did, unless the stream has named a session of theirs or does so meanwhile. */
  ask(visitor: UnknownVisitor): void;
  /** Ends at once and for good. */
  stop(): void;
  /** How many actions have been passed on since the start. */
  filled(): number;
}

/** Visitors who acted this long before an outage may have acted during it. */
const ACTIVE_MS = 30 * 60_000;
const MOST_VISITORS = 200;
/** Calls at a time, each followed by a pause: about ten a second. */
const CALLS_AT_ONCE = 3;
const PAUSE_MS = 250;
/** A connector that has just come back serves the stream first. */
const FIRST_PAUSE_MS = 1_000;
const pauseAfterOutages = backoff({ first: 2_000, longest: 60_000 });
const LONGEST_PAUSE_MS = 300_000;
/** With the pauses above, this many failures in a row take about seven minutes. */
const MOST_FAILURES = 10;
/** Failures for one visitor that others do not share. */
const MOST_TRIES = 5;
/** After the end of a backfill, visitors are asked for again once this time has passed. */
const END_MS = 600_000;
/** The same visitor is asked for once in this time, because each message of a conversation may ask. */
const ASK_AGAIN_MS = 60_000;
const MOST_ASKED = 1_000;

/** A visitor to fetch. */
interface Job {
  userId: string;
  /** Set if a step asked for the visitor: it needs only actions after this time, in seconds since the epoch. */
  asked?: { since: number };
  tries: number;
}

/**
 * Fetches from the connector what the stream did not bring: after a reconnection of the visitors who acted last, and of
 * visitors whom a step asks for. Each action is passed on once, whether the stream or a backfill brings it first.
 */
export function createBackfill(options: BackfillOptions): Backfill {
  const { productId, target, clock, onBatch, onEnd } = options;
  const people = createPeople();
  const stopping = new AbortController();
  const queue = new Map<string, Job>();
  const askedFor = createRecent(MOST_ASKED, () => ({ at: -Infinity }));
  let workers = 0;
  let filled = 0;
  let isOpen = false;
  /** When the connection was lost, in milliseconds since the epoch; until the stream brings something again. */
  let lostAt: number | undefined;
  let pausedUntil = -Infinity;
  let endedUntil = -Infinity;
  let failures = 0;

  function enqueue(job: Job): void {
    if (!queue.has(job.userId)) queue.set(job.userId, job);
    while (workers < Math.min(CALLS_AT_ONCE, queue.size)) {
      workers += 1;
      void work();
    }
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const rest = Math.min(pausedUntil - clock.now(), LONGEST_PAUSE_MS);
      if (rest > 0) await wait(clock, rest, stopping.signal);
      const [job] = queue.values();
      // Another one may have been asked to pause meanwhile.
      if (job && pausedUntil > clock.now()) continue;
      if (!job || stopping.signal.aborted) break;
      queue.delete(job.userId);
      if (isWanted(job)) await fetchFor(job);
      await wait(clock, PAUSE_MS, stopping.signal);
    }
    workers -= 1;
  }

  /** What is asked for has no session yet, and everything else has one. */
  function isWanted({ userId, asked }: Job): boolean {
    return (people.sessionOf(userId) === undefined) === Boolean(asked);
  }

  async function fetchFor(job: Job): Promise<void> {
    const { fetch } = options;
    const question = { ...target(), userId: job.userId, fetch, clock, signal: stopping.signal };
    // An id that no address can contain says nothing about the others.
    if (!liveActivityUrl(question.url, job.userId)) return;
    const answer = await askForActivity(question);
    const now = clock.now();
    // Another call may have ended the backfill meanwhile.
    if (stopping.signal.aborted || now < endedUntil) return;
    if (answer.kind === 'refused') return end(answer.reason);
    if (answer.kind === 'found') {
      failures = 0;
      return fill(job, answer.actions);
    }
    // Calls that fail together are one failure.
    if (now >= pausedUntil) failures += 1;
    if (failures >= MOST_FAILURES) return end(answer.reason);
    const pause = Math.max(pauseAfterOutages(failures), answer.retryAfterMs ?? 0);
    pausedUntil = Math.max(pausedUntil, now + Math.min(pause, LONGEST_PAUSE_MS));
    const tries = job.tries + 1;
    if (tries < MOST_TRIES || failures >= tries) queue.set(job.userId, { ...job, tries });
    else onEnd?.(answer.reason);
  }

  function fill(job: Job, raw: readonly unknown[]): void {
    const { userId, asked } = job;
    if (!isWanted(job)) return;
    const session_id = people.sessionOf(userId) ?? sessionOfUser(userId);
    if (session_id === null) return;
    const actions = raw.map(describedIn);
    const frame = { type: 'actions', session_id, user_id: userId, actions };
    const [batch] = parseFrame(frame, { productId, receivedAt: clock.now() / 1_000 }).batches;
    if (!batch) return;
    const missing = people.takeMissing(userId, batch.actions, asked?.since);
    const last = missing.at(-1)?.timestamp_start;
    if (!last) return;
    filled += missing.length;
    onBatch({
      ...batch,
      actions: missing.map((action, index) => ({ ...action, index })),
      count: missing.length,
      // As if it had come in time. From the present time, the memory would conclude that the visitor's clock is slow.
      forwarded_at: last,
    });
  }

  function end(reason: string): void {
    queue.clear();
    failures = 0;
    endedUntil = clock.now() + END_MS;
    onEnd?.(reason);
  }

  /** A connector may accept connections long before it serves again, so an end holds until the stream brings something. */
  function reconnected(since: number): void {
    const now = clock.now();
    if (now < endedUntil) return;
    pausedUntil = Math.max(pausedUntil, now + FIRST_PAUSE_MS);
    for (const userId of people.actedSince(since - ACTIVE_MS, MOST_VISITORS)) {
      enqueue({ userId, tries: 0 });
    }
  }

  function isBack(since: number): void {
    lostAt = undefined;
    failures = 0;
    if (clock.now() >= endedUntil) return;
    endedUntil = -Infinity;
    reconnected(since);
  }

  return {
    follow(batch) {
      if (lostAt !== undefined && isOpen) isBack(lostAt);
      return batch.product_id === productId ? people.follow(batch, clock.now()) : batch;
    },
    onState(state) {
      const wasOpen = isOpen;
      isOpen = state.name === 'open';
      if (!isOpen && wasOpen) lostAt ??= clock.now();
      else if (isOpen && lostAt !== undefined) reconnected(lostAt);
    },
    ask({ user_id, product_id, since = -Infinity }) {
      const now = clock.now();
      const isOther = product_id !== undefined && product_id !== productId;
      if (isOther || now < endedUntil || people.sessionOf(user_id) !== undefined) return;
      const asked = askedFor(user_id);
      if (now - asked.at < ASK_AGAIN_MS) return;
      asked.at = now;
      enqueue({ userId: user_id, asked: { since: since / 1_000 }, tries: 0 });
    },
    stop: () => stopping.abort(),
    filled: () => filled,
  };
}

/** The session of a user where the stream names none; null for an id that is too long. */
function sessionOfUser(userId: string): string | null {
  return idOrNull(`user:${userId}`);
}

/** What an answer says of an action. Whose it is, is known already. */
function describedIn(raw: unknown): unknown {
  if (!isObject(raw)) return null;
  const { type, title, description, timestamp_start, timestamp_end, raw_url, canonical_url } = raw;
  return { type, title, description, timestamp_start, timestamp_end, raw_url, canonical_url };
}
