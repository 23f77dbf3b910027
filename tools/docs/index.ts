// `npm run docs`: brings the pages of nodes and credentials up to date with their descriptions.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latestDescriptions } from '../loadPackage';
import { repositoryFolder } from '../n8n/node24';
import { planPages } from './blocks';
import { fillPage } from './pages';

try {
  for (const plan of planPages(latestDescriptions())) {
    const path = join(repositoryFolder, plan.file);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const after = fillPage(before, plan);
    if (after === before) continue;
    writeFileSync(path, after);
    console.log(`${before ? 'updated' : 'new, write an introduction'}: ${plan.file}`);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
