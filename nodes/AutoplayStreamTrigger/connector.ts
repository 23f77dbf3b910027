import type { ITriggerFunctions } from 'n8n-workflow';
import { createBackfill } from '../../core/backfill/backfill';
import { liveActivityUrl } from '../../core/backfill/liveActivity';
import type { Clock } from '../../core/clock';
import { createFrameReader } from '../../core/stream/frames';
import { CONNECTOR } from '../../core/stream/problems';
import { createStream, type StreamTarget } from '../../core/stream/stream';
import type { Source, SourceSink } from '../shared/batching/listener';
import type { Settings } from './settings';

export const NAME = 'Autoplay Stream Trigger';

/** What to do when a test run in the editor gets nothing. */
export const TEST_ADVICE = {
  checkWay: CONNECTOR.checkWay,
  nothingCame:
    'The stream is open, so Stream URL and Token are right. Start the test again and click around in your product meanwhile. If nothing comes then, look whether your site has the snippet of PostHog, gives posthog.identify the product_id of this stream, and has no ad blocker in its way.',
};

export interface ConnectorParts {
  settings: Pick<Settings, 'url' | 'token' | 'productId' | 'options'>;
  fetch: typeof fetch;
  /** Where to connect after a refusal: the user may have corrected the credential. */
  refresh?: () => Promise<StreamTarget>;
  /** Fetches what the stream did not bring, with this function; without it, nothing is. */
  backfill?: typeof fetch | undefined;
  clock: Clock;
  random: () => number;
  logger: ITriggerFunctions['logger'];
}

/** The live stream of a connector, as a source of activity. */
export function connectorSource({ settings, logger, ...parts }: ConnectorParts) {
  return ({ onBatch, onState, onProblem }: SourceSink): Source => {
    const { url, token, productId, options } = settings;
    const { clock, random, refresh, backfill: fetchActivity } = parts;
    let target: StreamTarget = { url, token };
    const backfill =
      fetchActivity && liveActivityUrl(url, 'any')
        ? createBackfill({
            productId,
            target: () => target,
            fetch: fetchActivity,
            clock,
            onBatch(batch) {
              logger.debug(`${NAME}: backfilled ${batch.count} actions of a visitor`);
              onBatch(batch);
            },
            onEnd: (reason) => logger.info(`${NAME}: no backfill from the connector: ${reason}`),
          })
        : undefined;
    const reader = createFrameReader({
      productId,
      clock,
      onBatch: (batch) => onBatch(backfill ? backfill.follow(batch) : batch),
      onFirstSkip: (reason) => logger.warn(`${NAME}: skipping what cannot be used (${reason})`),
    });
    const stream = createStream({
      fetch: parts.fetch,
      clock,
      random,
      url,
      token,
      watchdogMs: options.silenceBeforeReconnecting * 1_000,
      onFrame: reader.read,
      onProblem,
      onState(state) {
        backfill?.onState(state);
        onState(state);
      },
      ...(refresh && { refresh: async () => (target = await refresh()) }),
    });
    return {
      start: () => stream.start(),
      async stop() {
        backfill?.stop();
        await stream.stop();
      },
      stats: () => ({
        ...stream.stats(),
        skipped: reader.skipped(),
        ...(backfill && { backfilled: backfill.filled() }),
      }),
      ...(backfill && { unknownVisitor: backfill.ask }),
    };
  };
}
