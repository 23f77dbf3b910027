import type { ITriggerFunctions } from 'n8n-workflow';
import type { UnknownVisitor } from '../../../core/backfill/backfill';
import type { Clock } from '../../../core/clock';
import type { ExecutionResult } from '../../../core/dispatcher/types';
import { createFilter, type FilterRules } from '../../../core/filter/filter';
import type { SessionBatch, SessionItem, TriggerItem } from '../../../core/payload/types';
import type { Problem } from '../../../core/stream/problems';
import type { StreamState } from '../../../core/stream/stream';
import type { Signals } from '../signals';
import { dispatcherFor } from './dispatcher';
import type { BatchingOptions } from './options';
import type { Surroundings } from './surroundings';

/** Where activity comes from: a connection that is kept open. */
export interface Source {
  start(): void;
  /** Closes at once and for good. */
  stop(): Promise<void>;
  /** What has been counted since the start; for the log. */
  stats(): object;
  /** Whether the server answers with the first event only, so that nothing says when the stream is open. */
  opensLate?: boolean;
  /** An item that is about to go out, as the source wants it; undefined to leave it out. The item as it is by default. */
  settle?(item: SessionItem): SessionItem | undefined;
  /** See {@link Signals.unknownVisitor}. */
  unknownVisitor?(visitor: UnknownVisitor): void;
}

/** What a source reports. */
export interface SourceSink {
  onBatch(batch: SessionBatch): void;
  onState(state: StreamState): void;
  /** A problem to show to people; once per outage. */
  onProblem(problem: Problem): void;
}

export interface ListenerSettings extends Surroundings {
  /** The product that a wake-up names. */
  productId: string;
  options: BatchingOptions;
  /** What is left out of what arrives. */
  filter: FilterRules;
}

export interface ListenerOptions {
  /** The trigger's name, for the log. */
  name: string;
  settings: ListenerSettings;
  open(sink: SourceSink): Source;
  clock: Clock;
  logger: ITriggerFunctions['logger'];
  /** Starts one execution; settles when it has ended. */
  execute(items: TriggerItem[]): Promise<ExecutionResult>;
  /** A problem to show to people; once per outage. */
  onProblem(problem: Problem): void;
  onState?(state: StreamState): void;
}

export interface Listener extends Signals {
  start(): void;
  /** The memory has work that is due. */
  workIsDue(): void;
  /** Closes the source and hands over waiting sessions; resolves within about six seconds. Idempotent. */
  close(): Promise<void>;
  /** Closes the source and drops waiting sessions. */
  stop(): Promise<void>;
}

/** From what a source brings to executions: wires the parts together and keeps the log. */
export function createListener(options: ListenerOptions): Listener {
  const { name, settings, clock, logger, execute, onProblem, onState } = options;
  let opened = false;

  // Here, and not in the step that remembers: what is left out takes no place while sessions wait, and starts no
  // execution.
  const filter = createFilter(settings.filter, (reason) =>
    logger.info(`${name}: leaving out by ${reason}, as the node's settings say`),
  );

  const dispatcher = dispatcherFor({
    name,
    options: settings.options,
    remembersSessions: settings.remembersSessions,
    productId: settings.productId,
    clock,
    logger,
    async execute(items) {
      const settled = settledIn(items);
      return settled.length > 0 ? await execute(settled) : 'done';
    },
    ...(filter && { leftOut: () => filter.take() }),
  });

  const source = options.open({
    onBatch(batch) {
      const left = filter ? filter.apply(batch) : batch;
      if (left) dispatcher.add(left);
    },
    onProblem,
    onState(state) {
      logState(state);
      if (state.name === 'open') wakeUpOnce();
      onState?.(state);
    },
  });

  /** Without it, work that a crash left behind would wait until its visitors act again. */
  function wakeUpOnce(): void {
    if (!opened) dispatcher.wakeUp();
    opened = true;
  }

  /** What the source leaves of the items. What was dropped or left out before them is counted on the first of those. */
  function settledIn(items: TriggerItem[]): TriggerItem[] {
    if (!source.settle) return items;
    const settled = items.flatMap((item) =>
      item.type === 'actions' ? (source.settle?.(item) ?? []) : item,
    );
    const [counted, first] = [items[0], settled[0]];
    if (counted?.type !== 'actions' || first?.type !== 'actions') return settled;
    const { dropped_actions, left_out_actions } = counted;
    if (dropped_actions !== undefined) first.dropped_actions = dropped_actions;
    if (left_out_actions !== undefined) first.left_out_actions = left_out_actions;
    return settled;
  }

  function logState(state: StreamState): void {
    if (state.name === 'open') logger.info(`${name}: the stream is open`);
    if (state.name === 'stopped') logger.info(`${name}: the stream is closed`);
    if (state.name !== 'waiting') return;
    const seconds = Math.round(state.retryInMs / 1_000);
    logger.warn(`${name}: no stream, next attempt in ${seconds} s. ${state.reason}`);
  }

  async function close(): Promise<void> {
    await source.stop();
    await dispatcher.flush();
    const counts = { ...source.stats(), ...dispatcher.stats() };
    const leftOut = filter?.totals();
    logger.info(`${name}: closed`, { ...counts, ...(leftOut && { leftOut }) });
  }

  let closed: Promise<void> | undefined;
  return {
    start() {
      source.start();
      if (source.opensLate) wakeUpOnce();
    },
    workIsDue: () => dispatcher.wakeUpDue(),
    failed: () => dispatcher.wakeUpAfterFailure(),
    leftForLater: () => dispatcher.wakeUpInAMinute(),
    lookAgainAt: (time, withinMs) => dispatcher.wakeUpAt(time, withinMs),
    problem: onProblem,
    release: (session) => dispatcher.release(session),
    unknownVisitor: (visitor) => source.unknownVisitor?.(visitor),
    close: () => (closed ??= close()),
    async stop() {
      dispatcher.stop();
      await source.stop();
    },
  };
}
