// `npm run docs`: brings the pages of nodes and credentials up to date with their descriptions.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planPages } from './blocks';
import { readDescriptions } from './descriptions';
import { fillPage } from './pages';

const root = join(__dirname, '..', '..');

async function main(): Promise<void> {
  for (const plan of planPages(await readDescriptions(root))) {
    const path = join(root, plan.file);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const after = fillPage(before, plan);
    if (after === before) continue;
    writeFileSync(path, after);
    console.log(`${before ? 'updated' : 'new, write an introduction'}: ${plan.file}`);
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
