import { ensureN8n } from '../../tools/n8n';
import { createProgress, describeInstall } from '../../tools/progress';
import { startPool } from './n8nPool';

/** Installs n8n where that is still to be done, and opens the pool for all end-to-end test files of a run. */
export default async function start(): Promise<void> {
  const progress = createProgress();
  await ensureN8n({ onProgress: (now) => progress.update(describeInstall(now)) });
  progress.done();
  globalThis.testN8nPool = await startPool();
}
