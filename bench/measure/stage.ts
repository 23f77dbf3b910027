import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnectorSimulator } from '../../simulators/connector';
import { admins, demo } from '../../simulators/demo';
import { createIntercomSimulator, type Latency } from '../../simulators/intercom';
import { createModelSimulator } from '../../simulators/model';
import { startTestN8n, type Rest, type WorkflowJson } from '../../tools/n8n';
import { sseWorkflow } from './sseWorkflow';

export interface StageOptions {
  /** The shipped workflow, or what people build with n8n's own SSE Trigger. */
  workflow: 'intercom' | 'sse';
  /** Milliseconds until Intercom answers. */
  intercomLatency?: Latency;
  /** Requests a minute that Intercom allows; false lifts the limit. Default: Intercom's own, 10,000. */
  rateLimit?: number | false;
  modelLatencyMs?: number;
  change?: (workflow: WorkflowJson) => void;
  /** More variables for n8n. */
  env?: Record<string, string>;
}

/** A connector that asks for no token: n8n's SSE Trigger cannot send one. */
const TOKEN = '';
/** The real connector keeps 256 events for a client that is slow. Here none is to be lost on the way. */
const QUEUE_SIZE = 1_000_000;

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** A real n8n with the built package and one published workflow, and the services around it. */
export async function createStage(options: StageOptions) {
  const { intercomLatency = 100, modelLatencyMs = 800, rateLimit } = options;
  const connector = createConnectorSimulator({
    products: { [demo.productId]: { token: TOKEN } },
    queueSize: QUEUE_SIZE,
  });
  const intercom = createIntercomSimulator({
    accessToken: demo.intercomToken,
    admins,
    latency: intercomLatency,
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
  const n8n = await startTestN8n({ env: options.env ?? {} });
  started.defer(() => n8n.stop());
  const workflow = await publish(n8n.rest, urls, options);
  const cleanUp = started.move();
  return {
    connector,
    intercom,
    model,
    rest: n8n.rest,
    workflow,
    userFolder: n8n.userFolder,
    get pid() {
      return n8n.n8n.pid;
    },
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
