import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowJson } from '../n8n';
import { repositoryFolder } from '../n8n/node24';
import type { Contract } from './contract';

/** A folder for each released version of the package. */
export const releasedFolder = join(repositoryFolder, 'test', 'fixtures', 'released');

/** What `npm run freeze` stored for a version of the package. */
export interface Released {
  version: string;
  contract: Contract;
  /** The shipped workflows of that time, by the names of their files. */
  workflows: Record<string, WorkflowJson>;
}

/** All frozen versions. */
export function releasedVersions(): Released[] {
  return readdirSync(releasedFolder).map((version) => {
    const folder = join(releasedFolder, version);
    const read = <T>(...path: string[]) =>
      JSON.parse(readFileSync(join(folder, ...path), 'utf8')) as T;
    const workflows = readdirSync(join(folder, 'workflows')).map((file) => [
      file.replace(/\.json$/, ''),
      read('workflows', file),
    ]);
    return {
      version,
      contract: read<Contract>('contract.json'),
      workflows: Object.fromEntries(workflows) as Record<string, WorkflowJson>,
    };
  });
}
