// `npm run docs`: brings the pages of nodes and credentials up to date with their descriptions, and the flows for PostHog
// with those for Autoplay.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format as prettierFormat, resolveConfig } from 'prettier';
import { latestDescriptions } from '../loadPackage';
import { repositoryFolder } from '../n8n/node24';
import { planPages } from './blocks';
import { fillPage } from './pages';
import { FLOWS, posthogFlow } from './posthogWorkflows';

async function main(): Promise<void> {
  for (const plan of planPages(latestDescriptions())) {
    const path = join(repositoryFolder, plan.file);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const after = fillPage(before, plan);
    if (after === before) continue;
    writeFileSync(path, after);
    console.log(`${before ? 'updated' : 'new, write an introduction'}: ${plan.file}`);
  }
  for (const { from, file } of FLOWS) {
    const path = join(repositoryFolder, file);
    const format = { ...(await resolveConfig(path)), filepath: path };
    const text = JSON.stringify(posthogFlow(repositoryFolder, from));
    writeFileSync(path, await prettierFormat(text, format));
  }
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
