import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgress, describeInstall } from '../progress';
import { cacheFolder, ensureN8n } from './install';
import { installPackage } from './installPackage';
import { freePort } from './ports';
import { owner } from './owner';
import { type RunningN8n, startN8n } from './process';
import { createRest, type Rest } from './rest';
import { copyTemplate } from './template';

export { ensureN8n, type N8nInstall, oldestN8n } from './install';
export { installPackage } from './installPackage';
export { freePort } from './ports';
export { type RunningN8n, startN8n } from './process';
export { type QueueN8n, queueEnvironment, startQueueN8n, type Worker } from './queue';
export {
  createRest,
  type Execution,
  type ExecutionSummary,
  type Rest,
  type Workflow,
} from './rest';
export { outputOf } from './executionData';
export { RestError } from './http';
export { setParameters } from './workflowJson';
export type { CredentialMap, WorkflowJson, WorkflowNode } from './workflowJson';

/** An n8n used by one test file. */
export interface TestN8n {
  /** The running process; a new one after `restart`. */
  readonly n8n: RunningN8n;
  rest: Rest;
  userFolder: string;
  /** Stops n8n (or kills it, as a crash would) and starts it again on the same data and the same port. */
  restart(options?: { kill?: boolean; env?: Record<string, string> }): Promise<void>;
  /** Stops n8n and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a fresh n8n with the built package installed and its owner logged in, on a free port and in a temporary
 * user folder. Takes about 6 s.
 *
 * @param options.packageFolder the package to install; this repository by default, `null` for none.
 * @param options.manifestFolder of another n8n than the one everything is developed with, see `ensureN8n`.
 * @param options.userFolder a folder to use instead of a temporary one; it is then kept.
 * @param options.env more variables for n8n.
 * @param options.onLog gets every line n8n writes.
 */
export async function startTestN8n(
  options: {
    packageFolder?: string | null;
    manifestFolder?: string;
    userFolder?: string;
    port?: number;
    env?: Record<string, string>;
    onLog?: (line: string) => void;
  } = {},
): Promise<TestN8n> {
  const { packageFolder, manifestFolder, env = {}, onLog } = options;
  const progress = createProgress();
  const install = await ensureN8n({
    ...(manifestFolder && { manifestFolder }),
    onProgress: (now) => progress.update(describeInstall(now)),
  });
  progress.done();
  const userFolder = options.userFolder ?? (await mkdtemp(join(tmpdir(), 'n8n-autoplay-test-')));
  const isNew = !existsSync(join(userFolder, '.n8n'));
  const port = options.port ?? (await freePort());
  const start = (more: Record<string, string> = {}) =>
    startN8n({ n8n: install, userFolder, port, env: { ...env, ...more }, ...(onLog && { onLog }) });
  const removeData = async () => {
    if (!options.userFolder) await rm(userFolder, { recursive: true, force: true, maxRetries: 3 });
  };

  let n8n: RunningN8n | undefined;
  try {
    if (isNew) await copyTemplate(install, userFolder);
    if (packageFolder !== null) {
      await installPackage({
        userFolder,
        reuse: cacheFolder(),
        ...(packageFolder && { packageFolder }),
      });
    }
    n8n = await start();
    const rest = createRest(n8n.url);
    await rest.setUpOwner(owner);
    let current = n8n;
    return {
      get n8n() {
        return current;
      },
      rest,
      userFolder,
      async restart({ kill = false, env: more } = {}) {
        await (kill ? current.kill() : current.stop());
        current = await start(more);
      },
      async stop() {
        await current.stop();
        await removeData();
      },
    };
  } catch (error) {
    await n8n?.kill();
    await removeData();
    throw error;
  }
}
