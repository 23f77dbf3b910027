import type { ITriggerFunctions } from 'n8n-workflow';
import type { Clock } from '../../core/clock';
import { createFilter } from '../../core/filter/filter';
import type { ExecutionResult } from '../../core/dispatcher/types';
import type { TriggerItem } from '../../core/payload/types';
import { createFrameReader } from '../../core/stream/frames';
import type { Problem } from '../../core/stream/problems';
import { createStream, type StreamOptions, type StreamState } from '../../core/stream/stream';
import { dispatcherFor } from '../shared/batching/dispatcher';
import type { Signals } from '../shared/signals';
import type { Settings } from './settings';

export interface ListenerOptions {
  settings: Settings;
  fetch: typeof fetch;
  /** See {@link StreamOptions.refresh}. */
  refresh?: StreamOptions['refresh'];
  clock: Clock;
  random: () => number;
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
  /** Closes the stream and hands over waiting sessions; resolves within about six seconds. Idempotent. */
  close(): Promise<void>;
  /** Closes the stream and drops waiting sessions. */
  stop(): Promise<void>;
}

const NAME = 'Autoplay Stream Trigger';

/** From the bytes of the stream to executions: wires the parts together and keeps the log. */
export function createListener(options: ListenerOptions): Listener {
  const { settings, clock, random, logger, execute, onProblem, onState } = options;
  const { url, token, productId, remembersSessions } = settings;
  let opened = false;

  // Here, and not in the step that remembers: what is left out takes no place while sessions wait, and starts no
  // execution.
  const filter = createFilter(settings.filter, (reason) =>
    logger.info(`${NAME}: leaving out by ${reason}, as the node's settings say`),
  );

  const dispatcher = dispatcherFor({
    name: NAME,
    options: settings.options,
    remembersSessions,
    productId,
    clock,
    logger,
    execute,
    ...(filter && { leftOut: () => filter.take() }),
  });

  const reader = createFrameReader({
    productId,
    clock,
    onBatch(batch) {
      const left = filter ? filter.apply(batch) : batch;
      if (left) dispatcher.add(left);
    },
    onFirstSkip: (reason) => logger.warn(`${NAME}: skipping what cannot be used (${reason})`),
  });

  const stream = createStream({
    url,
    token,
    fetch: options.fetch,
    ...(options.refresh && { refresh: options.refresh }),
    clock,
    random,
    watchdogMs: settings.options.silenceBeforeReconnecting * 1_000,
    onFrame: reader.read,
    onProblem,
    onState(state) {
      logState(state);
      // Without it, work that a crash left behind would wait until its visitors act again.
      if (state.name === 'open' && !opened) dispatcher.wakeUp();
      opened ||= state.name === 'open';
      onState?.(state);
    },
  });

  function logState(state: StreamState): void {
    if (state.name === 'open') logger.info(`${NAME}: the stream is open`);
    if (state.name === 'stopped') logger.info(`${NAME}: the stream is closed`);
    if (state.name !== 'waiting') return;
    const seconds = Math.round(state.retryInMs / 1_000);
    logger.warn(`${NAME}: no stream, next attempt in ${seconds} s. ${state.reason}`);
  }

  async function close(): Promise<void> {
    await stream.stop();
    await dispatcher.flush();
    const counts = { ...stream.stats(), ...dispatcher.stats(), skipped: reader.skipped() };
    const leftOut = filter?.totals();
    logger.info(`${NAME}: closed`, { ...counts, ...(leftOut && { leftOut }) });
  }

  let closed: Promise<void> | undefined;
  return {
    start: () => stream.start(),
    workIsDue: () => dispatcher.wakeUpDue(),
    failed: () => dispatcher.wakeUpAfterFailure(),
    leftForLater: () => dispatcher.wakeUpInAMinute(),
    lookAgainAt: (time) => dispatcher.wakeUpAt(time),
    problem: onProblem,
    release: (session) => dispatcher.release(session),
    close: () => (closed ??= close()),
    async stop() {
      dispatcher.stop();
      await stream.stop();
    },
  };
}
