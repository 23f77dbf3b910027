import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import type { N8nInstall } from './install';
import { withLock } from './lock';
import { freePort } from './ports';
import { startN8n } from './process';

/**
 * Fills an n8n user folder with an empty database that n8n has migrated already: at its first start n8n runs some
 * 250 migrations, which takes longer than all the rest of starting. The template is made once, beside the install.
 * It carries its own encryption key, for n8n stores encrypted settings while it migrates.
 */
export async function copyTemplate(n8n: N8nInstall, userFolder: string): Promise<void> {
  const template = `${n8n.dir}.template`;
  if (!existsSync(template)) {
    await withLock(`${template}.lock`, async () => {
      if (!existsSync(template)) await makeTemplate(n8n, template);
    });
  }
  // n8n's cache for its editor is big, and n8n makes it again at each start.
  const isNeeded = (path: string) => !path.endsWith('/.cache');
  await cp(template, userFolder, { recursive: true, filter: isNeeded });
}

async function makeTemplate(n8n: N8nInstall, template: string): Promise<void> {
  const folder = await mkdtemp(`${template}.partial-`);
  try {
    const started = Promise.withResolvers<void>();
    const onLog = (line: string) => {
      if (line.startsWith('Editor is now accessible')) started.resolve();
    };
    const running = await startN8n({ n8n, userFolder: folder, port: await freePort(), onLog });
    // An older n8n answers before it has started all that it stops.
    await Promise.race([started.promise, running.exited]);
    const { code, signal } = await running.stop();
    // Killed halfway through a write, the database and its log would have to be repaired in every copy.
    if (code !== 0) throw new Error(`n8n did not stop cleanly: ${signal ?? code}`);
    await rename(folder, template);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
