import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import {
  createRest,
  ensureN8n,
  installPackage,
  type N8nInstall,
  type Rest,
  type RunningN8n,
  startN8n,
} from '../n8n';
import { lockOwner, tryLock } from '../n8n/lock';
import { repositoryFolder } from '../n8n/node24';
import { build, isBuilt } from './build';
import { type DemoMemory, readMemory, writeMemory } from './memory';
import { describeInstall, type Progress } from '../progress';
import { createOfferReports, memoriesWithOffers } from './offers';
import { checkPorts, startServices } from './services';
import type { DemoSettings } from './settings';
import { factsOf, setUpN8n, type SetUpResult, type Webhook } from './setUp';
import { summary } from './summary';

/** A demo that is up. */
export interface RunningDemo {
  settings: DemoSettings;
  rest: Rest;
  /** Where the package was installed. */
  packageFolder: string;
  /** Brings workflow files that changed into n8n. */
  setUp(): Promise<SetUpResult>;
}

/**
 * Starts the demo, says where to look, and keeps it up until `signal` is aborted; then stops everything.
 * @param options.env more variables for n8n.
 * @param options.whileUp starts more, once all is up; returns how to stop that.
 * @throws when something cannot be started, or n8n ends by itself; whatever had been started is stopped.
 */
export async function startDemo(options: {
  settings: DemoSettings;
  progress: Progress;
  signal: AbortSignal;
  env?: Record<string, string>;
  whileUp?: (demo: RunningDemo) => Promise<() => Promise<void>>;
}): Promise<void> {
  const { settings, progress, signal, env = {}, whileUp } = options;
  const { folder } = settings;
  await using started = new AsyncDisposableStack();
  const step = (text: string) => {
    signal.throwIfAborted();
    progress.step(text);
  };

  const lock = tryLock(join(folder, 'lock'));
  if (!lock) {
    throw new Error(
      `The demo already runs on ${folder} (process ${lockOwner(join(folder, 'lock'))}). Stop it, or set DEMO_FOLDER to another folder and the ports to others.`,
    );
  }
  started.defer(() => lock.release());
  await checkPorts(settings);

  step('Looking for n8n');
  const install = await ensureN8n({
    signal,
    onProgress: (now) => progress.update(describeInstall(now)),
  });
  if (!isBuilt(repositoryFolder)) {
    step('Building the package');
    await build(repositoryFolder, signal);
  }

  step('Starting the simulators');
  const reports = createOfferReports(folder);
  started.defer(() => reports.close());
  let offerMemories: string[] = [];
  const services = await startServices(
    settings,
    (message) => progress.step(message),
    () => reports.report(offerMemories),
  );
  started.defer(() => services.stop());

  step(`Starting n8n ${install.version}`);
  const { dir: packageFolder } = await installPackage({ userFolder: folder });
  const n8n = await startWithLog(install, settings, env, signal);
  started.defer(async () => void (await n8n.stop()));

  step('Setting up the workflows');
  const memoryFile = join(folder, 'demo.json');
  const memory: DemoMemory = readMemory(memoryFile);
  const rest = createRest(n8n.url);
  const { urls } = services;
  const save = () => writeMemory(memoryFile, memory);
  const setUp = async () => {
    const made = await setUpN8n({ rest, settings, urls, memory, save });
    offerMemories = memoriesWithOffers(made.workflows);
    return made;
  };
  const result = await setUp();
  const isReal = ({ chat }: Webhook) => settings[chat] !== undefined;
  for (const webhook of result.webhooks) if (!isReal(webhook)) services.notify(webhook);
  signal.throwIfAborted();
  services.describe(factsOf(n8n.url, result));
  services.startVisitors();

  progress.done();
  console.log(
    summary({
      settings,
      n8nUrl: n8n.url,
      email: result.email,
      password: result.password,
      workflows: result.workflows,
      toRegister: result.webhooks.filter(isReal),
      ...(services.inboxUrl && { inboxUrl: services.inboxUrl }),
    }),
  );
  if (whileUp) started.defer(await whileUp({ settings, rest, packageFolder, setUp }));
  await untilStopped(n8n, signal);
}

async function startWithLog(
  n8n: N8nInstall,
  { folder, ports, publicUrl }: DemoSettings,
  more: Record<string, string>,
  signal: AbortSignal,
): Promise<RunningN8n> {
  const log = createWriteStream(join(folder, 'n8n.log'));
  const own = Object.entries(process.env).filter(([name]) => /^N8N_(?!AUTOPLAY_)/.test(name));
  return await startN8n({
    n8n,
    userFolder: folder,
    port: ports.n8n,
    signal,
    env: {
      GENERIC_TIMEZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
      N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '10',
      ...(publicUrl && { WEBHOOK_URL: publicUrl }),
      ...(Object.fromEntries(own) as Record<string, string>),
      ...more,
    },
    onLog: (line) => log.write(`${line}\n`),
  });
}

async function untilStopped(n8n: RunningN8n, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const exit = await Promise.race([stopped, n8n.exited]);
  if (exit && !signal.aborted) {
    throw new Error(
      `n8n ended by itself (${exit.signal ?? exit.code}). Its log:\n${n8n.logTail()}`,
    );
  }
}
