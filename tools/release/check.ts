import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from '../n8n/node24';
import { contractOf } from './contract';
import { type ReleaseFacts, releaseFaults } from './faults';
import { loadPackage } from '../loadPackage';
import { releasedVersions } from './released';

/** `npm run release:check`, also run before every `npm publish`: reports why this version must not be published. */
const read = (file: string) => readFileSync(join(repositoryFolder, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as ReleaseFacts['manifest'];
const { GITHUB_REF_TYPE, GITHUB_REF_NAME, GITHUB_REPOSITORY } = process.env;

const faults = releaseFaults({
  tag: GITHUB_REF_TYPE === 'tag' ? GITHUB_REF_NAME : undefined,
  manifest,
  lockedVersion: (JSON.parse(read('package-lock.json')) as { version: string }).version,
  changelog: existsSync(join(repositoryFolder, 'CHANGELOG.md')) ? read('CHANGELOG.md') : '',
  installPages: Object.fromEntries(
    ['README.md', 'docs/install.md'].map((page) => [page, read(page)]),
  ),
  builtFrom: GITHUB_REPOSITORY,
  frozen: releasedVersions().find(({ version }) => version === manifest.version)?.contract,
  contract: contractOf(loadPackage()),
});
for (const fault of faults) console.error(`- ${fault}`);
if (faults.length === 0) console.log(`${manifest.name} ${manifest.version} may be published.`);
process.exitCode = faults.length === 0 ? 0 : 1;
