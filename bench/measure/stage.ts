import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnectorSimulator } from '../../simulators/connector';
import { admins, demo } from '../../simulators/demo';
import { createIntercomSimulator, type Latency } from '../../simulators/intercom';
import { createModelSimulator } from '../../simulators/model';
import { freePort, startTestN8n, type Rest, type WorkflowJson } from '../../tools/n8n';
import type { Run } from '../types';
import { diskUse } from './disk';
import { inspect } from './inspector';
import { sseWorkflow } from './sseWorkflow';
import { calmedDown } from './usage';

export interface StageOptions {
  /** The shipped workflow, or what people build with n8n's own SSE Trigger. */
  workflow: 'intercom' | 'sse';
  /** Milliseconds until Intercom answers. */
  intercomLatency?: Latency;
  /** Requests a minute that Intercom allows; false lifts the limit. Default: Intercom's own, 10,000. */
  rateLimit?: number | false;
  modelLatencyMs?: number;
  change?: (workflow: WorkflowJson) => void;
  /**
   * Whether n8n's heap is limited as for a container of 1 GB. Without it, Node lets garbage pile up with the size
   * of the machine. The SSE Trigger's n8n has no limit: it would not survive one. Default: true for ours.
   */
  limitsHeap?: boolean;
  /** More variables for n8n. */
  env?: Record<string, string>;
}

const HEAP_MB = 512;

/** How long the services take when nothing is the matter, in milliseconds. */
export const FAST = { intercomMs: 100, modelMs: 800 } as const;

/** A connector that asks for no token: n8n's SSE Trigger cannot send one. */
const TOKEN = '';
/** The real connector keeps 256 events for a client that is slow. Here none is to be lost on the way. */
const QUEUE_SIZE = 1_000_000;

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** A real n8n with the built package and one published workflow, and the services around it. */
export async function createStage(options: StageOptions) {
  const { intercomLatency = FAST.intercomMs, modelLatencyMs = FAST.modelMs, rateLimit } = options;
  const calls: number[] = [];
  let latency = intercomLatency;
  const connector = createConnectorSimulator({
    products: { [demo.productId]: { token: TOKEN } },
    queueSize: QUEUE_SIZE,
  });
  const intercom = createIntercomSimulator({
    accessToken: demo.intercomToken,
    admins,
    latency(request) {
      calls.push(request.at);
      return typeof latency === 'number' ? latency : latency(request);
    },
    journalSize: 1,
    ...(rateLimit !== undefined && { rateLimit }),
  });
  const model = createModelSimulator({ apiKey: demo.modelKey, latency: modelLatencyMs });
  await using started = new AsyncDisposableStack();
  started.defer(() => connector.close());
  started.defer(() => intercom.close());
  started.defer(() => model.close());
  const urls = {
    stream: `${(await connector.listen()).url}/stream/${demo.productId}`,
    intercom: (await intercom.listen()).url,
    model: `${(await model.listen()).url}/v1`,
  };
  // The port is only chosen here; n8n opens it when it is asked to, and costs nothing until then.
  const inspectorPort = await freePort();
  const { limitsHeap = options.workflow !== 'sse' } = options;
  const limit = limitsHeap ? ` --max-old-space-size=${HEAP_MB}` : '';
  const env = { NODE_OPTIONS: `--inspect-port=${inspectorPort}${limit}`, ...options.env };
  const n8n = await startTestN8n({ env });
  started.defer(() => n8n.stop());
  const workflow = await publish(n8n.rest, urls, options);
  let serials = 0;
  const cleanUp = started.move();
  return {
    connector,
    intercom,
    model,
    rest: n8n.rest,
    workflow,
    userFolder: n8n.userFolder,
    /** Waits until the workflow listens: there is no replay. */
    async subscribed(signal?: AbortSignal): Promise<void> {
      while (connector.stats(demo.productId).subscribers === 0) {
        await sleep(50, null, signal && { signal });
      }
    },
    get pid() {
      return n8n.n8n.pid;
    },
    /** When each call to Intercom came, in milliseconds since the epoch. */
    calls: (): readonly number[] => calls,
    setIntercomLatency: (next: Latency) => void (latency = next),
    /** How many executions have been started so far. */
    async executions(): Promise<number> {
      const [newest] = await n8n.rest.executions({ workflowId: workflow.id }, 1);
      return Number(newest?.id ?? 0);
    },
    disk: () => diskUse(n8n.userFolder),
    /** Resolves once nothing is left to be done for any session and n8n is calm, or after `mostMs`. */
    async finished(mostMs: number, signal: AbortSignal): Promise<void> {
      const deadline = performance.now() + mostMs;
      while (diskUse(n8n.userFolder).unfinished > 0 && performance.now() < deadline) {
        await sleep(500, null, { signal });
      }
      await calmedDown(n8n.n8n.pid, deadline - performance.now(), signal);
    },
    /** Sets aside so many numbers for a load's actions; returns the first. */
    takeSerials(count: number): number {
      serials += count;
      return serials - count;
    },
    /** Opens Node's inspector in the n8n process. */
    inspect: () => inspect(n8n.n8n.pid, inspectorPort),
    stop: () => cleanUp.disposeAsync(),
  };
}

async function publish(
  rest: Rest,
  urls: { stream: string; intercom: string; model: string },
  { workflow, change }: StageOptions,
) {
  const data = {
    autoplayConnectorApi: { streamUrl: urls.stream, token: TOKEN },
    intercomConversationApi: {
      accessToken: demo.intercomToken,
      region: 'custom',
      baseUrl: urls.intercom,
      clientSecret: demo.intercomClientSecret,
    },
    openAiApi: { apiKey: demo.modelKey, url: urls.model },
  };
  const credentials: Record<string, { id: string; name: string }> = {};
  for (const [type, fields] of Object.entries(data)) {
    credentials[type] = await rest.upsertCredential(type, type, fields);
  }
  const file = join(__dirname, '../../workflows/intercom.json');
  const json =
    workflow === 'sse'
      ? sseWorkflow(urls)
      : (JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson);
  change?.(json);
  const imported = await rest.importWorkflow(json, { credentials });
  await rest.publish(imported.id);
  return imported;
}

/** Does something with an n8n that listens, and stops it afterwards. */
export async function withStage<T>(
  options: StageOptions,
  { progress, signal }: Pick<Run, 'progress' | 'signal'>,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  progress(`starting n8n (${options.workflow})`);
  const stage = await createStage(options);
  try {
    await stage.subscribed(signal);
    return await work(stage);
  } finally {
    await stage.stop();
  }
}
