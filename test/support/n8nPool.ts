import { createServer, get } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { createRest, startTestN8n, type TestN8n } from '../../tools/n8n';
import { owner } from '../../tools/n8n/owner';
import { eventually } from './eventually';

// Starting an n8n costs ten seconds of a processor. Test files that need nothing special of theirs borrow one, each
// alone, and give it back without workflows and credentials for the next file.

/** What a test process learns of an n8n that the pool started. */
interface Lent {
  url: string;
  port: number;
  pid: number;
  userFolder: string;
}

/** Where the pool answers; set by Jest's global setup and handed on to its workers. */
const ADDRESS = 'AUTOPLAY_TEST_N8N_POOL';

/** The n8ns of one test run. */
export interface N8nPool {
  /** Stops every n8n of the pool. */
  stop(): Promise<void>;
}

/** Opens the pool in this process. It starts an n8n only when none is idle. */
export async function startPool(): Promise<N8nPool> {
  const all = new Map<string, TestN8n>();
  const idle: string[] = [];
  const lend = async (): Promise<Lent> => {
    let url = idle.pop();
    if (url === undefined) {
      const started = await startTestN8n();
      url = started.n8n.url;
      all.set(url, started);
    }
    const { n8n, userFolder } = all.get(url)!;
    return { url, port: n8n.port, pid: n8n.pid, userFolder };
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://pool').searchParams.get('back');
    if (url !== null) {
      idle.push(url);
      response.end('{}');
      return;
    }
    lend().then(
      (lent) => response.end(JSON.stringify(lent)),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env[ADDRESS] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    async stop() {
      server.close();
      await Promise.all([...all.values()].map((one) => one.stop()));
    },
  };
}

/**
 * Borrows an n8n with the built package and nothing else in it. `stop` cleans it up and gives it back.
 * @throws outside of the e2e project, which opens the pool
 */
export async function borrowN8n(): Promise<TestN8n> {
  const pool = process.env[ADDRESS];
  if (!pool) throw new Error('There is no pool: only the Jest project "e2e" opens one.');
  const { userFolder, ...lent } = JSON.parse(await ask(pool)) as Lent;
  const rest = createRest(lent.url);
  await rest.setUpOwner(owner);
  const notOurs = async (): Promise<never> =>
    await Promise.reject(new Error('This n8n is borrowed: ask for one of your own to stop it.'));
  return {
    rest,
    userFolder,
    n8n: {
      ...lent,
      stop: notOurs,
      kill: notOurs,
      exited: new Promise(() => {}),
      logTail: () => 'The log of a borrowed n8n is not kept.',
    },
    restart: notOurs,
    async stop() {
      for (const { id, active } of await rest.workflows()) {
        if (active) await rest.unpublish(id);
        await rest.deleteWorkflow(id);
      }
      await eventually(async () => (await rest.executions({ status: ['running'] })).length === 0);
      await rest.deleteCredentials();
      await ask(`${pool}?back=${encodeURIComponent(lent.url)}`);
    },
  };
}

/** What the pool answers, without a limit of time: it may have to start an n8n first. */
async function ask(url: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      const { statusCode } = response;
      text(response).then(
        (body) => (statusCode === 200 ? resolve(body) : reject(new Error(body))),
        reject,
      );
    }).on('error', reject);
  });
}
