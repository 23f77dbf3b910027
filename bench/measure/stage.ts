import { freePort, startTestN8n } from '../../tools/n8n';
import type { Run } from '../types';
import { diskUse } from './disk';
import { inspect } from './inspector';
import { publish, startServices, type PublishOptions, type ServicesOptions } from './services';
import { finished } from './usage';

export interface StageOptions extends ServicesOptions, PublishOptions {
  /**
   * The limit of n8n's heap, in MB; by default one as for a container of 1 GB. Without a limit, Node lets garbage
   * pile up with the size of the machine. The SSE Trigger's n8n has none: it would not survive one.
   */
  heapMb?: number;
  /** More variables for n8n, which has {@link LAZY_SANDBOXES} otherwise. */
  env?: Record<string, string>;
}

export const HEAP_MB = 512;

/**
 * What docs/recipes/tuning.md recommends: n8n starts a sandbox for expressions only where there are some, instead of
 * with each request and each execution.
 */
export const LAZY_SANDBOXES = { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' };
export const AS_IT_COMES = { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'false' };

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** A real n8n with the built package and one published workflow, and the services around it. */
export async function createStage(options: StageOptions) {
  await using started = new AsyncDisposableStack();
  const services = await startServices(options);
  started.defer(services.stop);
  // The port is only chosen here; n8n opens it when it is asked to, and costs nothing until then.
  const inspectorPort = await freePort();
  const { heapMb = HEAP_MB } = options;
  const limit = options.workflow === 'sse' ? '' : ` --max-old-space-size=${heapMb}`;
  const env = {
    ...{ NODE_OPTIONS: `--inspect-port=${inspectorPort}${limit}` },
    ...LAZY_SANDBOXES,
    ...options.env,
  };
  const n8n = await startTestN8n({ env });
  started.defer(() => n8n.stop());
  const workflow = await publish(n8n.rest, services.urls, options);
  const cleanUp = started.move();
  return {
    ...services,
    rest: n8n.rest,
    workflow,
    userFolder: n8n.userFolder,
    get pid() {
      return n8n.n8n.pid;
    },
    disk: () => diskUse(n8n.userFolder),
    /** Resolves once nothing is left to be done for any session and n8n is calm, or after `mostMs`. */
    finished: async (mostMs: number, signal: AbortSignal): Promise<void> =>
      await finished(() => diskUse(n8n.userFolder).unfinished, [n8n.n8n.pid], mostMs, signal),
    /** Opens Node's inspector in the n8n process. */
    inspect: () => inspect(n8n.n8n.pid, inspectorPort),
    stop: () => cleanUp.disposeAsync(),
  };
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
