import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnectorSimulator } from '../../simulators/connector';
import { createCrispSimulator } from '../../simulators/crisp';
import { admins, demo } from '../../simulators/demo';
import { createIntercomSimulator, type Latency } from '../../simulators/intercom';
import { createModelSimulator } from '../../simulators/model';
import { simulatedCrisp, simulatedIntercom } from '../../tools/demo/credentials';
import { setParameters, type Rest, type WorkflowJson } from '../../tools/n8n';
import { sseWorkflow } from './sseWorkflow';

export interface ServicesOptions {
  /** Milliseconds until Intercom answers. */
  intercomLatency?: Latency;
  /** Requests a minute that Intercom allows; false lifts the limit. Default: Intercom's own, 10,000. */
  rateLimit?: number | false;
  modelLatencyMs?: number;
  /** Requests that Intercom, Crisp and the model keep in their journals. Default 1: loads make too many to keep. */
  journalSize?: number;
  /** How long webhooks wait for n8n's answer, in milliseconds. Default: as Intercom's and Crisp's do. */
  hookPatienceMs?: number;
}

/** How long the services take when nothing is the matter, in milliseconds. */
export const FAST = { intercomMs: 100, crispMs: 100, modelMs: 800 } as const;

/** A connector that asks for no token: n8n's SSE Trigger cannot send one. */
const TOKEN = '';
/** The real connector keeps 256 events for a client that is slow. Here none is to be lost on the way. */
const QUEUE_SIZE = 1_000_000;

export type Services = Awaited<ReturnType<typeof startServices>>;

/** The services around n8n, simulated. */
export async function startServices(options: ServicesOptions = {}) {
  const { intercomLatency = FAST.intercomMs, modelLatencyMs = FAST.modelMs, rateLimit } = options;
  const { journalSize = 1, hookPatienceMs } = options;
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
    journalSize,
    hookPatienceMs,
    ...(rateLimit !== undefined && { rateLimit }),
  });
  const crisp = createCrispSimulator({
    websiteId: demo.crispWebsiteId,
    tokens: [{ tier: 'website', identifier: demo.crispTokenIdentifier, key: demo.crispTokenKey }],
    dailyQuota: false,
    latency: FAST.crispMs,
    journalSize,
    hookPatienceMs,
  });
  const model = createModelSimulator({
    apiKey: demo.modelKey,
    latency: modelLatencyMs,
    journalSize,
  });
  await using started = new AsyncDisposableStack();
  started.defer(() => connector.close());
  started.defer(() => intercom.close());
  started.defer(() => crisp.close());
  started.defer(() => model.close());
  const urls = {
    stream: `${(await connector.listen()).url}/stream/${demo.productId}`,
    intercom: (await intercom.listen()).url,
    crisp: `${(await crisp.listen()).url}/v1`,
    model: `${(await model.listen()).url}/v1`,
  };
  let serials = 0;
  const cleanUp = started.move();
  return {
    connector,
    intercom,
    crisp,
    model,
    urls,
    /** Waits until the workflow listens: there is no replay. */
    async subscribed(signal?: AbortSignal): Promise<void> {
      while (connector.stats(demo.productId).subscribers === 0) {
        await sleep(50, null, signal && { signal });
      }
    },
    /** When each call to Intercom came, in milliseconds since the epoch. */
    calls: (): readonly number[] => calls,
    setIntercomLatency: (next: Latency) => void (latency = next),
    /** Sets aside so many numbers for a load's actions; returns the first. */
    takeSerials(count: number): number {
      serials += count;
      return serials - count;
    },
    stop: () => cleanUp.disposeAsync(),
  };
}

export interface PublishOptions {
  /** A shipped workflow, or what people build with n8n's own SSE Trigger. */
  workflow: 'intercom' | 'intercom-posthog' | 'crisp' | 'sse';
  /** Notes as people get them, at the shipped pace. Default: each as soon as it can be. */
  asShipped?: boolean;
  change?: (workflow: WorkflowJson) => void;
  /** Fields of more credentials, by type. */
  credentials?: Record<string, Record<string, string>>;
}

/** Publishes a workflow with credentials that open the services. */
export async function publish(
  rest: Rest,
  urls: Services['urls'],
  { workflow, asShipped = false, change, credentials: more }: PublishOptions,
) {
  const data = {
    autoplayConnectorApi: { streamUrl: urls.stream, token: TOKEN },
    intercomConversationApi: simulatedIntercom(urls.intercom),
    crispConversationApi: simulatedCrisp(urls.crisp),
    openAiApi: { apiKey: demo.modelKey, url: urls.model },
    ...more,
  };
  const credentials: Record<string, { id: string; name: string }> = {};
  for (const [type, fields] of Object.entries(data)) {
    credentials[type] = await rest.upsertCredential(type, type, fields);
  }
  const file = join(__dirname, `../../workflows/${workflow}.json`);
  const json =
    workflow === 'sse'
      ? sseWorkflow(urls)
      : (JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson);
  if (more?.autoplayMemoryApi) {
    for (const { parameters } of json.nodes) parameters.memoryStorage = 'credential';
  }
  if (workflow !== 'sse' && !asShipped) {
    // What is measured is how soon notes come and go, not for how long they wait on purpose.
    setParameters(json, 'Deliver Activity', { pace: 'asItHappens' });
    setParameters(json, 'Replace With Summary', { options: { keepLatest: 0 } });
  }
  change?.(json);
  const imported = await rest.importWorkflow(json, { credentials });
  await rest.publish(imported.id);
  return imported;
}
