import { ensureN8n, oldestN8n } from '../../tools/n8n';
import { createProgress, describeInstall } from '../../tools/progress';

/** Installs the oldest n8n before its tests begin, which have a limit of time. */
export default async function install(): Promise<void> {
  const progress = createProgress();
  const onProgress = (now: Parameters<typeof describeInstall>[0]) =>
    progress.update(describeInstall(now));
  await ensureN8n({ manifestFolder: oldestN8n, onProgress });
  progress.done();
}
