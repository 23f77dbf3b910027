import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from '../n8n/node24';
import { contractOf } from './contract';
import { loadPackage } from '../loadPackage';
import { releasedFolder } from './released';

/** `npm run freeze`: stores what workflows of this version rely on, for the tests of all later versions. */
const { version } = JSON.parse(readFileSync(join(repositoryFolder, 'package.json'), 'utf8')) as {
  version: string;
};
const folder = join(releasedFolder, version);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, 'contract.json'),
  `${JSON.stringify(contractOf(loadPackage()), null, 1)}\n`,
);
cpSync(join(repositoryFolder, 'workflows'), join(folder, 'workflows'), { recursive: true });
console.log(
  `test/fixtures/released/${version} holds the contract and the workflows of ${version}.`,
);
