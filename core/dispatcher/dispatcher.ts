import { wait } from '../clock';
import { mergeBatches } from '../payload/merge';
import type { SessionItem, TriggerItem, WakeUp } from '../payload/types';
import type { Dispatcher, DispatcherOptions, ExecutionResult, FlushTimes } from './types';
import { createHolds } from './holds';
import { createWaitingRoom, type TakenSession } from './waitingRoom';
import { createWakeUps } from './wakeUps';

/**
 * How many executions may run for each that may hold sessions: they wait for services most of the time. One
 * that has gone on for `slowMs` is held up by somebody, and others need not wait for that; only so many may
 * be, though, for each keeps its items in memory.
 */
const RUNNING_PER_HOLDING = { brisk: 4, inAll: 20, slowMs: 3_000 };

/**
 * An execution costs n8n much, whatever it carries. Where many sessions act, the next one is therefore
 * left some time to gather them: so long for each session that the last one carried, in milliseconds, and no
 * longer than `most`. With few sessions there is hardly anything to gather, and nobody waits.
 */
const GATHER_MS = { perSession: 10, most: 300 };

/**
 * Decides which sessions go into which execution, and when. n8n starts an execution for every
 * item it is given and queues without bound, so sessions wait here instead: each until it has been
 * quiet for `quietMs` (default 150) or has waited `maxDelayMs` (default 3,000), in at most one
 * execution at a time, many sharing one execution, and never more than `maxWaiting` actions
 * (default 100,000) in all: the oldest are dropped and the next item says how many.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { clock, dispatch, productId, quietMs = 150, maxDelayMs = 3_000 } = options;
  const { maxWaiting = 100_000, maxParallel = 2, maxSessions = 200, maxActions = 10_000 } = options;
  const room = createWaitingRoom({ quietMs, maxDelayMs, maxWaiting });
  const wakeUps = createWakeUps({ clock, onDue: pump });
  const perExecution = { sessions: maxSessions, actions: maxActions };
  const totals = { executions: 0, failed: 0, wakeUps: 0, dropped: 0 };
  const started = new Set<Promise<void>>();
  /** Those of them that have not gone on for long, each with what cancels its timer. */
  const brisk = new Set<() => void>();
  const holds = createHolds();
  /** Wake-ups that go on. */
  let wakingUp = 0;
  /** When sessions may go into an execution again, in milliseconds since the epoch. */
  let gatheredAt = 0;
  let goOn: (() => void) | undefined;
  let isWorkDue = false;
  let closing = false;
  let stopped = false;
  let flushed: Promise<void> | undefined;
  let disarm: (() => void) | undefined;
  if (options.wakeUps === false) wakeUps.stop();

  /** One timer serves all sessions: an arrival can only move a session's deadline back. */
  function arm(): void {
    if (disarm || closing) return;
    const deadline = room.nextDeadline();
    if (deadline === undefined) return;
    const armedAt = clock.now();
    const longest = Math.min(quietMs, maxDelayMs);
    const delay = Math.min(Math.max(0, deadline - armedAt), longest);
    disarm = clock.after(delay, () => {
      disarm = undefined;
      const now = clock.now();
      // A wall clock that was set back would put every deadline far into the future.
      room.collectDue(now < armedAt ? Infinity : now);
      pump();
      arm();
    });
  }

  /** Starts what can be started. */
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

  /** Whether enough sessions or enough time came together since the last execution; sees to it later if not. */
  function hasGathered(): boolean {
    const now = clock.now();
    const left = gatheredAt - now;
    // A wall clock that was set back would stretch the wait.
    if (left <= 0 || left > GATHER_MS.most || room.ready() >= maxSessions) return true;
    goOn ??= clock.after(left, () => {
      goOn = undefined;
      pump();
    });
    return false;
  }

  function hasRoom(): boolean {
    return (
      holds.executions() < maxParallel &&
      brisk.size < maxParallel * RUNNING_PER_HOLDING.brisk &&
      started.size < maxParallel * RUNNING_PER_HOLDING.inAll
    );
  }

  /**
   * A wake-up holds no sessions, for it brings no activity: while a chat product is away it may go on for
   * minutes, and what everybody does meanwhile has to be remembered. Only so many go on at once.
   */
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
    // One that is full of actions leaves sessions behind that have gathered already.
    const isFull = room.ready() > 0 && taken.length < maxSessions;
    const gather = isFull ? 0 : GATHER_MS.perSession * taken.length;
    gatheredAt = clock.now() + Math.min(gather, GATHER_MS.most);
    start(items, holds.begin(taken), false);
  }

  function start(items: TriggerItem[], end: () => void, isWakeUp: boolean): void {
    totals.executions += 1;
    const noLongerBrisk = countBrisk();
    const execution = run(items).then((result) => {
      started.delete(execution);
      noLongerBrisk();
      end();
      if (result === 'failed') totals.failed += 1;
      wakeUps.ended(result, isWakeUp);
      pump();
    });
    started.add(execution);
  }

  /** Counts an execution until it has gone on for long; returns what does so before. */
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
    for (const cancel of brisk) cancel();
    disarm?.();
    goOn?.();
    disarm = goOn = undefined;
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
    // Two executions of a session at once are the smaller evil: what stays here is lost.
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
    wakeUpDue() {
      if (closing) return;
      isWorkDue = true;
      pump();
    },
    wakeUpLater: () => wakeUps.ended('failed', false),
    lookLater: () => wakeUps.later(),
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
