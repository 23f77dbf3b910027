import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type ITriggerFunctions,
  type ITriggerResponse,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { fetchOverHelper, type HelperFunction } from '../../core/http/fetchOverHelper';
import { LIVE_POLICY } from '../../core/posthog/liveStream';
import type { Problem } from '../../core/stream/problems';
import { toN8nItems } from '../shared/batching/executions';
import { readFilter } from '../shared/batching/filters';
import { followSource } from '../shared/batching/followSource';
import { createListener } from '../shared/batching/listener';
import { noStream, nothingCame, WAIT_MS } from '../shared/batching/manual';
import { batchingFields, readCounts } from '../shared/batching/options';
import { readSurroundings } from '../shared/batching/surroundings';
import { problemError } from '../shared/nodeErrors';
import { readEvents } from './events';
import { POSTHOG_CREDENTIAL, posthogFields } from './connection';
import { liveSource } from './liveSource';

type Context = Pick<
  ITriggerFunctions,
  'getNode' | 'getNodeParameter' | 'getCredentials' | 'getChildNodes' | 'helpers' | 'logger'
> &
  Partial<Pick<ITriggerFunctions, 'getWorkflowSettings'>>;

/** The parts of a listener to PostHog's live stream. Reads everything at once: see the stream trigger. */
async function partsOf(context: Context) {
  const { name } = context.getNode();
  const read = async () => posthogFields(await context.getCredentials(POSTHOG_CREDENTIAL));
  const first = await read();
  const surroundings = readSurroundings(context);
  const settings = {
    ...surroundings,
    productId: '',
    options: readCounts(context, batchingFields),
    filter: readFilter(context),
  };
  const parts = { name, clock: systemClock, logger: context.logger };
  const open = liveSource({
    ...parts,
    events: readEvents(context),
    // A credential without expressions can be read later, too: a key mended there is used.
    credential: () => read().catch(() => first),
    fetch: fetchOverHelper(context.helpers.httpRequest as HelperFunction, {
      // The connection ends earlier, see there.
      timeoutMs: LIVE_POLICY.watchdogMs,
    }),
    random: Math.random,
  });
  return { ...parts, settings, open };
}

/** Follows the live stream and starts executions. */
export async function follow(context: ITriggerFunctions): Promise<ITriggerResponse> {
  return await followSource(context, await partsOf(context));
}

const NOTHING_CAME =
  'PostHog has not refused the connection. Start the test again and click around in your product meanwhile. If nothing comes then, look whether the events show up under Activity → Live in PostHog.';

/**
 * A test run in the editor: waits for the first activity. A node with a webhook is carried out in a test, and not
 * listened to.
 *
 * @throws NodeOperationError if there is no stream, or nothing came within two minutes
 */
export async function waitForActivity(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const asTrigger: Context = {
    getNode: () => context.getNode(),
    getNodeParameter: ((name: string, fallback?: unknown, options?: object) =>
      context.getNodeParameter(name, 0, fallback, options)) as Context['getNodeParameter'],
    getCredentials: (type: string) => context.getCredentials(type),
    // A wake-up would end the test with an item that shows nothing.
    getChildNodes: () => [],
    helpers: context.helpers as unknown as Context['helpers'],
    logger: context.logger,
  };
  const { promise, resolve, reject } = Promise.withResolvers<INodeExecutionData[]>();
  const fail = (problem: Problem) => reject(problemError(context.getNode(), problem));
  const listener = createListener({
    ...(await partsOf(asTrigger)),
    execute(items) {
      resolve(toN8nItems(items));
      return Promise.resolve('done');
    },
    onProblem: fail,
    onState(state) {
      if (state.name !== 'waiting') return;
      fail(noStream(state.reason, 'Test the credential of the node.'));
    },
  });
  const cancel = systemClock.after(WAIT_MS, () => fail(nothingCame(NOTHING_CAME)));
  context.getExecutionCancelSignal()?.addEventListener('abort', () => resolve([]), { once: true });
  try {
    listener.start();
    return await promise;
  } finally {
    cancel();
    await listener.stop();
  }
}
