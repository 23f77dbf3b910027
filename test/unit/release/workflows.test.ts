import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

// Only GitHub runs this workflow, and a mistake in it would give the npm token away.

interface Job {
  environment?: string;
  permissions?: Record<string, string>;
  steps: Array<{ run?: string }>;
}

const file = join(__dirname, '..', '..', '..', '.github', 'workflows', 'release.yml');
const { jobs } = parse(readFileSync(file, 'utf8')) as { jobs: Record<string, Job> };

it('the release job with the npm token runs only `npm publish`, without scripts of dependencies', () => {
  const trusted = Object.values(jobs).filter(
    (job) =>
      job.environment === 'npm' ||
      job.permissions?.['id-token'] ||
      JSON.stringify(job).includes('secrets.'),
  );
  expect(trusted.map(({ steps }) => steps.flatMap(({ run }) => run ?? []))).toEqual([
    [expect.stringMatching(/^npm publish \.\/\S+\.tgz .*--ignore-scripts/)],
  ]);
});
