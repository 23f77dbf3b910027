import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask, type AskParts } from '../../core/agents/ask';
import { createRateLimit } from '../../core/agents/rateLimit';
import { systemClock } from '../../core/clock';
import { namedMemory } from '../../core/memory/named';
import { signToken } from '../../simulators/agents';
import { demo } from '../../simulators/demo';
import { createRandom } from '../../simulators/random';
import { startTestN8n, type WorkflowJson } from '../../tools/n8n';
import type { Run } from '../types';
import { openMemoryBench } from './memoryBench';
import { createVisits, type Visits } from './memoryData';
import { plainWebhook } from './plainWebhook';
import { HEAP_MB } from './stage';

const CALL = { sessions: 200, actions: 5 };
const DAY_MS = 86_400_000;
const TOKEN_S = 3_600;
const MEMORY = 'bench';
const SERVER = 'When Fin Asks';

export interface ContextStage {
  /** Of the node that answers from the memory. */
  url: URL;
  /** Of n8n's own Webhook node, which answers at once and starts an execution. */
  plainUrl: URL;
  readonly pid: number;
  /** Starts n8n anew, with more variables. */
  restart(env: Record<string, string>): Promise<void>;
  /** Asks without n8n, `atOnce` askers at once. The time of each answer, in milliseconds. */
  askWithoutN8n(asking: Asking): Promise<number[]>;
  /** A token of the next visitor, chosen by chance. */
  token(): string;
}

interface Asking {
  count: number;
  atOnce: number;
  /** So many come first, and are not measured. */
  warmUp: number;
}

/** Runs an n8n whose memory holds so many actions, and which answers Fin; and a plain Webhook node beside that. */
export async function withContextStage<T>(
  { progress, signal }: Run,
  size: { actions: number; sessions: number },
  work: (stage: ContextStage) => Promise<T>,
): Promise<T> {
  progress('starting n8n');
  await using started = new AsyncDisposableStack();
  const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` };
  const test = await startTestN8n({ env });
  const { rest, userFolder } = test;
  started.defer(() => test.stop());
  // n8n opens the file with the first question.
  const file = join(userFolder, '.n8n', 'autoplay', 'memory.sqlite');
  const visits = await fill(file, size, (text) => {
    signal.throwIfAborted();
    progress(text);
  });
  const type = 'autoplayContextApi';
  const credential = await rest.upsertCredential(type, type, {
    algorithm: 'HS256',
    tokenSecret: demo.userTokenSecret,
  });
  const workflow = await rest.importWorkflow(contextWorkflow(), {
    credentials: { [type]: credential },
  });
  await rest.publish(workflow.id);
  const random = createRandom(9);
  const token = () => {
    const exp = Math.floor(Date.now() / 1_000) + TOKEN_S;
    return signToken({ user_id: visits.pick(random).user_id, exp }, demo.userTokenSecret);
  };
  return await work({
    url: new URL(await rest.webhookUrl(workflow, SERVER)),
    plainUrl: new URL(await rest.webhookUrl(workflow, plainWebhook.name)),
    get pid() {
      return test.n8n.pid;
    },
    async restart(more) {
      progress('starting n8n anew');
      await test.restart({ env: more });
    },
    askWithoutN8n: async (asking) => await askWithoutN8n(file, token, asking),
    token,
  });
}

/** The node's part of an answer alone: the token, the memory and the answer's text. */
async function askWithoutN8n(
  file: string,
  token: () => string,
  { count, atOnce, warmUp }: Asking,
): Promise<number[]> {
  const bench = openMemoryBench(file);
  const memory = namedMemory(bench.memory, `name:${MEMORY}`, DAY_MS);
  const rules = { algorithm: 'HS256', key: demo.userTokenSecret, audience: '' } as const;
  const parts: AskParts = {
    asker: { kind: 'finToken', rules },
    recall: async (query) => await memory.recall(query),
    ...{ windowMs: 1_800_000, maxActions: 20, includeSummary: true, productId: undefined },
    ...{ tool: { name: '', description: '' }, version: '1', perMinute: 1_000_000 },
    limit: createRateLimit(systemClock),
    clock: systemClock,
  };
  const times: number[] = [];
  let left = warmUp + count;
  const asker = async () => {
    while (left > 0) {
      left -= 1;
      const headers = { authorization: `Bearer ${token()}` };
      const question = { method: 'POST', headers, query: {}, rawBody: Buffer.alloc(0) };
      const began = performance.now();
      const { response } = await ask(question, parts);
      times.push(performance.now() - began);
      if (!response.body.includes('"found":true')) {
        throw new Error(`Answered with ${response.status}: ${response.body.slice(0, 200)}`);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, asker));
    return times.slice(warmUp);
  } finally {
    await bench.close();
  }
}

async function fill(
  file: string,
  { actions, sessions }: { actions: number; sessions: number },
  progress: (text: string) => void,
): Promise<Visits> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const visits = createVisits({
    ...{ sessions, sessionsPerUser: 4 },
    ...{ sessionsPerCall: CALL.sessions, actionsPerSession: CALL.actions },
  });
  const bench = openMemoryBench(file);
  try {
    for (let stored = 0; stored < actions; stored += CALL.sessions * CALL.actions) {
      if (stored % 50_000 === 0) progress(`remembered ${stored.toLocaleString('en-US')} actions`);
      await bench.memory.remember(`name:${MEMORY}`, visits.next(), DAY_MS);
    }
  } finally {
    await bench.close();
  }
  return visits;
}

function contextWorkflow(): WorkflowJson {
  const settings = { saveDataSuccessExecution: 'none', saveManualExecutions: false };
  return {
    name: 'Answers',
    nodes: [
      {
        id: 'server',
        name: SERVER,
        type: 'n8n-nodes-autoplay.autoplayContextServer',
        typeVersion: 1.1,
        position: [0, 0],
        parameters: {
          ...{ whoAsks: 'fin', identity: 'userToken' },
          ...{ memoryScope: 'named', memoryName: MEMORY },
          options: { perMinute: 1_000_000 },
        },
      },
      plainWebhook,
    ],
    connections: {},
    settings,
  };
}
