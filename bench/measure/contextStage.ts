import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { signToken } from '../../simulators/agents';
import { demo } from '../../simulators/demo';
import { createRandom } from '../../simulators/random';
import { startTestN8n, type WorkflowJson } from '../../tools/n8n';
import type { Run } from '../types';
import { openMemoryBench } from './memoryBench';
import { createVisits, type Visits } from './memoryData';
import { HEAP_MB } from './stage';

const CALL = { sessions: 200, actions: 5 };
const DAY_MS = 86_400_000;
const TOKEN_S = 3_600;
const MEMORY = 'bench';
const SERVER = 'When Fin Asks';
const PLAIN = 'Plain Webhook';

export interface ContextStage {
  /** Of the node that answers from the memory. */
  url: URL;
  /** Of n8n's own Webhook node, which answers at once and starts an execution. */
  plainUrl: URL;
  pid: number;
  /** A token of the next visitor, chosen by chance. */
  token(): string;
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
  const { n8n, rest, userFolder, stop } = await startTestN8n({ env });
  started.defer(stop);
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
  return await work({
    url: new URL(await rest.webhookUrl(workflow, SERVER)),
    plainUrl: new URL(await rest.webhookUrl(workflow, PLAIN)),
    pid: n8n.pid,
    token() {
      const exp = Math.floor(Date.now() / 1_000) + TOKEN_S;
      return signToken({ user_id: visits.pick(random).user_id, exp }, demo.userTokenSecret);
    },
  });
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
      {
        id: 'plain',
        name: PLAIN,
        type: 'n8n-nodes-base.webhook',
        typeVersion: 2,
        position: [0, 200],
        parameters: { httpMethod: 'POST', path: 'plain', responseMode: 'onReceived', options: {} },
      },
    ],
    connections: {},
    settings,
  };
}
