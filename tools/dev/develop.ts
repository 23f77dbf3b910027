import { watch } from 'node:fs';
import { join } from 'node:path';
import { newest } from '../demo/build';
import type { Rest } from '../n8n';
import { keepBuilt } from './compile';
import { copyChanged } from './copy';
import { loadedAt, reloaded, restartTriggers } from './n8n';

/** Makes n8n reload nodes when their files change, and refresh open editors. */
export const reloadingEnvironment = { N8N_DEV_RELOAD: 'true' };

const sources = ['core', 'credentials', 'nodes'];
const reloadTimeoutMs = 60_000;
/** Editors save a file in several steps. */
const settleMs = 100;

/** The sources, and the n8n that runs them. */
export interface Development {
  /** The folder of the sources. */
  root: string;
  /** The installed copy of the package. */
  packageFolder: string;
  /** The user folder of an n8n that was started with {@link reloadingEnvironment}. */
  userFolder: string;
  rest: Rest;
  /** Brings changed workflow files into n8n. */
  bringWorkflows: () => Promise<void>;
  log: (text: string) => void;
}

/** Brings changes of the sources into a running n8n until it is stopped, and logs each with its delay. */
export async function developing(options: Development): Promise<{ stop(): Promise<void> }> {
  const { root, packageFolder, userFolder, rest, bringWorkflows, log } = options;
  let work: Promise<void> = Promise.resolve();
  const inTurn = (step: () => Promise<void>) => {
    work = work.then(step).catch((error: Error) => log(error.message));
  };

  const bringNodes = async () => {
    const savedAt = Math.max(...sources.map((folder) => newest(join(root, folder))));
    const seconds = () => `${((Date.now() - savedAt) / 1000).toFixed(1)} s`;
    const before = loadedAt(userFolder);
    const changed = copyChanged(join(root, 'dist'), join(packageFolder, 'dist'));
    if (changed.length === 0) return;
    const what = changed.length > 3 ? `${changed.length} files` : changed.join(', ');
    if (!(await reloaded(userFolder, before, reloadTimeoutMs))) {
      log(`${what}: n8n could not load the nodes. Mend it and save again; its log may say more.`);
      return;
    }
    log(`${what}: n8n has it, ${seconds()} after it was saved.`);
    const restarted = await restartTriggers(rest);
    log(`Restarted with it after ${seconds()}: ${restarted.join(', ') || 'no workflow'}.`);
  };

  const built = await keepBuilt(root, {
    onBuilt: () => inTurn(bringNodes),
    onError: log,
  });
  const watchers = [
    onChange(join(root, 'workflows'), (name) => {
      if (!name?.endsWith('.json')) return;
      log(`${name}: bringing it into n8n.`);
      inTurn(bringWorkflows);
    }),
    onChange(root, (name) => {
      if (name === 'package.json') log('package.json changed: n8n sees it at the next start.');
    }),
  ];
  return {
    async stop() {
      for (const watcher of watchers) watcher.close();
      await built.stop();
      await work;
    },
  };
}

/** @param act gets the name of what changed in the folder. */
function onChange(folder: string, act: (name: string | null) => void): { close(): void } {
  const timers = new Map<string | null, NodeJS.Timeout>();
  const watcher = watch(folder, (_, name) => {
    clearTimeout(timers.get(name));
    timers.set(
      name,
      setTimeout(() => act(name), settleMs),
    );
  });
  return {
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      watcher.close();
    },
  };
}
