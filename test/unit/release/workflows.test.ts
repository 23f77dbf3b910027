import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

// Only GitHub runs these workflows. What would cost a release, or its token, is checked here.

interface Workflow {
  jobs: Record<
    string,
    {
      environment?: string;
      permissions?: Record<string, string>;
      steps: Array<{ run?: string; env?: Record<string, string> }>;
    }
  >;
}

const root = join(__dirname, '..', '..', '..');
const folder = join(root, '.github/workflows');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const jobsOf = (file: string) =>
  Object.values((parse(readFileSync(join(folder, file), 'utf8')) as Workflow).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap(({ steps }) => steps);

it.each(readdirSync(folder))('%s runs only npm scripts that exist', (file) => {
  const commands = stepsOf(file).flatMap(({ run }) => run?.split('\n') ?? []);
  const named = commands.flatMap(
    (line) => /^npm (?:run )?(?!ci|publish|pack)([\w:]+)/.exec(line)?.[1] ?? [],
  );
  expect(named).toEqual(expect.arrayContaining(['test', 'test:oldest']));
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

it('the npm token reaches no step but the one that publishes', () => {
  const withToken = stepsOf('release.yml').filter((step) =>
    JSON.stringify(step).includes('secrets.'),
  );
  expect(withToken.map(({ run }) => run)).toEqual([expect.stringMatching(/^npm publish /)]);
});

it('what may publish runs nothing but npm publish, of what was packed elsewhere and without its scripts', () => {
  const trusted = jobsOf('release.yml').filter(
    ({ environment, permissions, steps }) =>
      environment === 'npm' ||
      permissions?.['id-token'] ||
      JSON.stringify(steps).includes('secrets.'),
  );
  expect(trusted.map(({ steps }) => steps.flatMap(({ run }) => run ?? []))).toEqual([
    [expect.stringMatching(/^npm publish \.\/\S+\.tgz .*--ignore-scripts/)],
  ]);
});
