import { timeUntil, wait } from '../clock';
import { mergeBatches } from '../payload/merge';
import type { SessionItem, TriggerItem, WakeUp } from '../payload/types';
import type { TakenSession } from './session';
import type { Dispatcher, DispatcherOptions, ExecutionResult, FlushTimes } from './types';
import { createWaitingRoom } from './waitingRoom';
import { createWakeUps } from './wakeUps';

/**
 * How many executions may run for each one that may hold sessions, because most of their time executions
 * wait for services. An execution that has run for `slowMs` is assumed to be blocked by a service and no
 * longer counts towards `brisk`. `inAll` limits these too, because each keeps its items in memory.
 */
const RUNNING_PER_HOLDING = { brisk: 4, inAll: 20, slowMs: 3_000 };

/**
 * An execution costs n8n much, whatever it carries. While many sessions are active, the next execution
 * therefore waits to gather them: `perSession` milliseconds for each session that the last one carried,
 * and at most `most`. With few sessions there is little to gather, so the wait is short.
 */
const GATHER_MS = { perSession: 10, most: 300 };

/** Wake-ups that are planned go at multiples of this as a rule, and none is planned for longer than an hour. */
const PLANNED_MS = 5_000;
const MOST_PLANNED_MS = 3_600_000;

/**
 * Decides which sessions go into which execution, and when. n8n starts an execution for every emit and
 * queues without bound, so sessions wait here instead.
 *
 * The three parts: `waitingRoom` keeps the sessions, `wakeUps` decides when to look for unfinished work, and
 * this file has the clock, the limits and the executions.
 *
 * A session passes through these states:
 *
 *     unknown ──add──▶ waiting ──deadline──▶ due ──start──▶ running ──release──▶ unknown
 *                                                              │
 *                                                              └──add──▶ running and waiting, then due
 *
 * - waiting: until it has been quiet for `quietMs`, or `maxDelayMs` after its first waiting action.
 * - due: until there is room for an execution, and enough sessions have gathered for it.
 * - running: it is in an execution that has not released it. What arrives meanwhile waits, and can become
 *   due, but does not start. The release comes from a step of the execution or with the end of the execution.
 *
 * An execution holds sessions until all of them are released, and runs until its promise settles. It is brisk
 * for the first 3 s. A wake-up is an execution that holds no sessions.
 *
 * Invariants, until a stop:
 *
 * - A session is in at most one execution at a time, so the order of its actions is kept.
 * - At most `maxParallel` executions hold sessions, 4 × `maxParallel` are brisk, and 20 × `maxParallel` run.
 *   At most `maxParallel` wake-ups run: while a chat product is away, they take minutes.
 * - An execution carries at most `maxSessions` sessions, and no session is added once it has `maxActions` actions.
 * - At most `maxWaiting` actions wait. Beyond that the oldest are dropped, and the next item says how many.
 * - Every change that may let something start is followed by `pump`. So nothing waits without a reason, a
 *   timer or a running execution.
 * - One timer serves all sessions, and every operation takes constant time.
 *
 * `flush` breaks the first two on purpose: on a stop, a second execution of a session is the smaller evil,
 * because what stays here is lost.
 *
 * All timers survive a wall clock that is set back: a deadline further away than the longest wait has passed.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { clock, dispatch, productId, quietMs = 150, maxDelayMs = 3_000 } = options;
  const { maxWaiting = 100_000, maxParallel = 2, maxSessions = 200, maxActions = 10_000 } = options;
  const room = createWaitingRoom({ quietMs, maxDelayMs, maxWaiting });
  const wakeUps = createWakeUps({ clock, onDue: pump });
  const perExecution = { sessions: maxSessions, actions: maxActions };
  const totals = { executions: 0, failed: 0, wakeUps: 0, dropped: 0 };
  const started = new Set<Promise<void>>();
  /** For each brisk execution, what cancels its timer. */
  const brisk = new Set<() => void>();
  /** Executions that hold sessions. */
  let holding = 0;
  /** Wake-ups that are running. */
  let wakingUp = 0;
  /** When sessions may go into an execution again, in milliseconds since the epoch. */
  let gatheredAt = 0;
  let isWorkDue = false;
  let closing = false;
  let stopped = false;
  let flushed: Promise<void> | undefined;
  /** Each cancels its timer; undefined while none is set. */
  let cancelDeadline: (() => void) | undefined;
  let cancelGathering: (() => void) | undefined;
  /** By the times of the wake-ups that are planned, what cancels each. */
  const planned = new Map<number, () => void>();
  if (options.wakeUps === false) wakeUps.stop();

  /** Sets the timer for the next deadline. One that is set stays: an arrival only postpones deadlines. */
  function arm(): void {
    if (cancelDeadline || closing) return;
    const deadline = room.nextDeadline();
    if (deadline === undefined) return;
    const armedAt = clock.now();
    const longest = Math.min(quietMs, maxDelayMs);
    const delay = Math.min(Math.max(0, deadline - armedAt), longest);
    cancelDeadline = clock.after(delay, () => {
      cancelDeadline = undefined;
      const now = clock.now();
      // If the wall clock was set back, every deadline has moved far into the future.
      room.collectDue(now < armedAt ? Infinity : now);
      pump();
      arm();
    });
  }

  /** Starts every execution for which there is work and room. */
  function pump(): void {
    while (!stopped && (closing || hasRoom())) {
      if (wakeUps.isDue() && mayWakeUp()) {
        wakeUps.take();
        isWorkDue = false;
        startWakeUp({});
      } else if (isWorkDue && mayWakeUp()) {
        isWorkDue = false;
        startWakeUp({ only_due: true });
      } else if (room.ready() > 0 && (closing || hasGathered())) {
        startSessions(room.take(perExecution));
      } else return;
    }
  }

  /** Whether enough sessions have gathered, or enough time has passed; if not, pumps again when it has. */
  function hasGathered(): boolean {
    const now = clock.now();
    const left = gatheredAt - now;
    // If the wall clock was set back, `left` is far too long.
    if (left <= 0 || left > GATHER_MS.most || room.ready() >= maxSessions) return true;
    cancelGathering ??= clock.after(left, () => {
      cancelGathering = undefined;
      pump();
    });
    return false;
  }

  function hasRoom(): boolean {
    return (
      holding < maxParallel &&
      brisk.size < maxParallel * RUNNING_PER_HOLDING.brisk &&
      started.size < maxParallel * RUNNING_PER_HOLDING.inAll
    );
  }

  function wakeUpDue(): void {
    if (closing) return;
    isWorkDue = true;
    pump();
  }

  function mayWakeUp(): boolean {
    return wakingUp < maxParallel;
  }

  function startWakeUp(which: Pick<WakeUp, 'only_due'>): void {
    totals.wakeUps += 1;
    wakingUp += 1;
    start([{ type: 'wake_up', product_id: productId, ...which }], () => void (wakingUp -= 1), true);
  }

  function startSessions(taken: TakenSession[]): void {
    const items = taken.map(({ batches }): SessionItem => mergeBatches(batches));
    const dropped = room.takeDropped();
    const [first] = items;
    if (first && dropped > 0) first.dropped_actions = dropped;
    totals.dropped += dropped;
    // An execution that is full of actions leaves sessions behind that have gathered already.
    const isFull = room.ready() > 0 && taken.length < maxSessions;
    const gather = isFull ? 0 : GATHER_MS.perSession * taken.length;
    gatheredAt = clock.now() + Math.min(gather, GATHER_MS.most);
    start(items, hold(taken), false);
  }

  /** Counts an execution of sessions until all are released; returns what releases the rest at its end. */
  function hold(taken: readonly TakenSession[]): () => void {
    let left = taken.length;
    holding += 1;
    const onRelease = () => {
      left -= 1;
      if (left === 0) holding -= 1;
    };
    for (const session of taken) session.onRelease = onRelease;
    return () => taken.forEach((session) => room.end(session));
  }

  function start(items: TriggerItem[], end: () => void, isWakeUp: boolean): void {
    totals.executions += 1;
    const endBrisk = countBrisk();
    const execution = run(items).then((result) => {
      started.delete(execution);
      endBrisk();
      end();
      if (result === 'failed') totals.failed += 1;
      wakeUps.ended(result, isWakeUp);
      pump();
    });
    started.add(execution);
  }

  /** Counts a brisk execution for its first seconds; returns what stops counting it before. */
  function countBrisk(): () => void {
    const cancel = clock.after(RUNNING_PER_HOLDING.slowMs, () => {
      brisk.delete(cancel);
      pump();
    });
    brisk.add(cancel);
    return () => {
      if (brisk.delete(cancel)) cancel();
    };
  }

  async function run(items: TriggerItem[]): Promise<ExecutionResult> {
    try {
      return await dispatch(items);
    } catch {
      return 'failed';
    }
  }

  function close(): void {
    closing = true;
    for (const cancel of [...brisk, ...planned.values()]) cancel();
    planned.clear();
    cancelDeadline?.();
    cancelGathering?.();
    cancelDeadline = cancelGathering = undefined;
    wakeUps.stop();
    isWorkDue = false;
  }

  async function flush({ releaseMs = 4_000, startMs = 2_000 }: FlushTimes): Promise<void> {
    close();
    if (room.waiting() === 0) return;
    const earlier = [...started];
    room.collectDue(Infinity);
    pump();
    if (room.waiting() > 0) await withDeadline(Promise.all(earlier), releaseMs);
    // Sessions that are still running go into a second execution, see above.
    while (room.waiting() > 0) startSessions(room.take(perExecution, true));
    const own = [...started].filter((execution) => !earlier.includes(execution));
    await withDeadline(Promise.all(own), startMs);
  }

  async function withDeadline(work: Promise<unknown>, ms: number): Promise<void> {
    const finished = new AbortController();
    void work.then(() => finished.abort());
    await wait(clock, ms, finished.signal);
  }

  return {
    add(batch) {
      if (closing) return;
      room.add(batch, clock.now());
      arm();
    },
    wakeUp: () => wakeUps.request(),
    wakeUpDue,
    wakeUpAt(time, withinMs = PLANNED_MS) {
      const at = Math.ceil(time / withinMs) * withinMs;
      if (closing || options.wakeUps === false || planned.has(at)) return;
      const cancel = clock.after(timeUntil(clock, at, MOST_PLANNED_MS), () => {
        planned.delete(at);
        wakeUpDue();
      });
      planned.set(at, cancel);
    },
    wakeUpAfterFailure: () => wakeUps.ended('failed', false),
    wakeUpInAMinute: () => wakeUps.inAMinute(),
    release(activity) {
      room.release(activity);
      pump();
    },
    flush: (times = {}) => (flushed ??= flush(times)),
    stop() {
      close();
      stopped = true;
      flushed ??= Promise.resolve();
    },
    stats: () => ({
      ...totals,
      waiting: room.waiting(),
      sessions: room.sessions(),
      running: started.size,
    }),
  };
}
