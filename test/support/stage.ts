import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo, startSimulators, type SimulatorOptions } from '../../simulators';
import { borrowN8n } from './n8nPool';
import { simulatedCredentials } from './simulated';
import {
  startTestN8n,
  type ExecutionSummary,
  type TestN8n,
  type Workflow,
  type WorkflowJson,
} from '../../tools/n8n';

/** The shipped workflows, by their files' names. */
export type Shipped =
  | 'intercom'
  | 'crisp'
  | 'intercom-posthog'
  | 'crisp-posthog'
  | 'proactive-intercom'
  | 'proactive-crisp'
  | 'proactive-crisp-posthog';

export type Described = string | { description: string; [field: string]: unknown };

/** Whose activity the connector streams. */
export interface Identity {
  sessionId: string;
  id: string;
  email: string;
}

export interface StageOptions {
  /** Changes a workflow before it is imported; by default they run as they are shipped. */
  change?: (workflow: WorkflowJson) => void;
  /** Fields that differ from what opens the simulators, or are of other types, by credential type. */
  credentials?: Record<string, Record<string, string>>;
  /** Of another n8n, see `ensureN8n`; it is then the stage's own. */
  manifestFolder?: string;
  /** Leaves n8n without credentials until `createCredentials` is called; for a stage without workflows. */
  withoutCredentials?: boolean;
  /** More variables for n8n, which is then the stage's own. */
  env?: Record<string, string>;
  /** Starts an n8n of the stage's own, which it may stop, kill, break or look into as a whole. */
  own?: boolean;
  /** Starts n8n; by default one of one process. */
  start?: (onLog: (line: string) => void) => Promise<StartedN8n>;
  /** See {@link SimulatorOptions.source}. */
  source?: SimulatorOptions['source'];
  /** See {@link SimulatorOptions.answer}. */
  answer?: SimulatorOptions['answer'];
}

type StartedN8n = Pick<TestN8n, 'n8n' | 'rest' | 'userFolder' | 'restart' | 'stop'>;

/**
 * A real n8n with the built package, shipped workflows published in it, and simulators around it. The n8n is borrowed from
 * those that the test files of a run share, unless the options ask for another.
 */
export async function createStage(shipped: readonly Shipped[], options: StageOptions = {}) {
  const simulators = await startSimulators({
    lively: false,
    // On a machine with other work n8n answers late, and repeated hooks would tell nothing about the product.
    hookPatienceMs: 60_000,
    ...(options.answer && { answer: options.answer }),
    ...(options.source && { source: options.source }),
  });
  const { connector, intercom, posthog, urls } = simulators;
  // A borrowed n8n remembers notes of stages before. Intercom never gives two of them the same id, nor may these.
  intercom.restore({
    ...intercom.snapshot(),
    sequence: (Math.floor(Date.now() / 1_000) % 1e6) * 1e3,
  });
  const logs: string[] = [];
  const { env, manifestFolder, own } = options;
  const n8nOptions = { ...(env && { env }), ...(manifestFolder && { manifestFolder }) };
  const start =
    options.start ??
    (own || env || manifestFolder
      ? async (onLog: (line: string) => void) => await startTestN8n({ ...n8nOptions, onLog })
      : borrowN8n);
  const test = await start((line) => void logs.push(line));
  const { rest } = test;

  const data = simulatedCredentials(urls);
  const credentials: Record<string, { id: string; name: string }> = {};
  const fieldsOf = (type: string): Record<string, string> => ({
    ...data[type],
    ...options.credentials?.[type],
  });
  const createCredentials = async () => {
    for (const type of Object.keys({ ...data, ...options.credentials })) {
      credentials[type] = await rest.upsertCredential(type, type, fieldsOf(type));
    }
  };
  if (!options.withoutCredentials) await createCredentials();
  const workflows = {} as Record<Shipped, Workflow>;
  for (const name of shipped) {
    const file = join(__dirname, `../../workflows/${name}.json`);
    const json = JSON.parse(readFileSync(file, 'utf8')) as WorkflowJson;
    // As they are shipped, they keep no executions that succeed, which tests read.
    json.settings = { ...json.settings, saveDataSuccessExecution: 'all' };
    // In the editor, sample data would come in the place of what tests send.
    delete json.pinData;
    if (options.credentials?.autoplayMemoryApi) storeAsCredentialSays(json);
    options.change?.(json);
    workflows[name] = await rest.importWorkflow(json, { credentials });
    await rest.publish(workflows[name].id);
  }

  return {
    ...simulators,
    ...test,
    get n8n() {
      return test.n8n;
    },
    stopSimulators: simulators.stop,
    credentials,
    createCredentials,
    /** What is in a credential, by its type. */
    fieldsOf,
    workflows,
    logs,
    webhookUrl: (name: Shipped) => rest.webhookUrl(workflows[name], 'When a Visitor Writes'),
    executionsOf: async (name: Shipped, status?: ExecutionSummary['status'][]) =>
      await rest.executions({ workflowId: workflows[name].id, ...(status && { status }) }),
    /** Nobody listening would mean nobody hears of it: there is no replay. */
    someoneListens: () =>
      (options.source === 'posthog' && posthog.live.subscribers() >= shipped.length) ||
      connector.pushed(demo.productId) !== null ||
      connector.stats(demo.productId).subscribers >= shipped.length,
    async stop() {
      try {
        await test.stop();
      } finally {
        await simulators.stop();
      }
    },
  };
}

/** Makes nodes use the credential of the memory, for which a new node has to be told. */
export function storeAsCredentialSays({ nodes }: WorkflowJson): void {
  const own = nodes.filter(({ type }) => type.startsWith('n8n-nodes-autoplay.'));
  for (const { parameters } of own) parameters.memoryStorage = 'credential';
}

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** Makes what the connector sends when a visitor does these things in one go. */
export function createFrames({ sessionId, id, email }: Identity) {
  let actions = 0;
  return (described: readonly Described[]) => {
    const made = described.map((one) => ({
      index: actions++,
      type: 'click',
      title: 'Button',
      canonical_url: '/boards/:id',
      timestamp_start: Date.now() / 1_000,
      ...(typeof one === 'string' ? { description: one } : one),
    }));
    return {
      type: 'actions',
      product_id: demo.productId,
      session_id: sessionId,
      user_id: id,
      email,
      count: made.length,
      // The connector forwards what has just happened.
      forwarded_at: Math.min(Date.now() / 1_000, Number(made.at(-1)?.timestamp_start) + 0.1),
      actions: made,
    };
  };
}
