import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

// Nobody but GitHub can run these files. What can be known of them without it is looked at here.

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}

interface Job {
  permissions?: Record<string, string>;
  needs?: string;
  'timeout-minutes'?: number;
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const root = join(__dirname, '..', '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const folder = '.github/workflows';
const files = readdirSync(join(root, folder));
const workflow = (file: string) => parse(read(`${folder}/${file}`)) as Workflow;
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

it('there are the two', () => expect(files).toEqual(['ci.yml', 'release.yml']));

describe.each(files)('%s', (file) => {
  const { permissions, jobs } = workflow(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('runs only scripts that there are', () => {
    const run = steps.flatMap((step) => step.run?.split('\n') ?? []);
    const named = run.flatMap(
      (line) => /^npm (?:run )?(?!ci|publish)([\w:]+)/.exec(line)?.[1] ?? [],
    );
    expect(named).toContain('test');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('installs from the lockfile, before anything else of npm', () => {
    for (const job of Object.values(jobs)) {
      const commands = job.steps.flatMap(({ run }) => (run?.startsWith('npm ') ? [run] : []));
      expect(commands[0]).toBe('npm ci');
    }
  });

  it('takes actions of GitHub alone, each of a version', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.filter((name) => !/^actions\/[\w-]+@(v\d+|[0-9a-f]{40})$/.test(name))).toEqual([]);
  });

  it('may do no more than read, and does not run for ever', () => {
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(90);
  });

  it('keeps the n8ns until a lockfile of theirs changes', () => {
    const [cache] = steps.filter(({ uses }) => uses?.startsWith('actions/cache@'));
    expect(cache?.with).toMatchObject({
      path: '~/.cache/n8n-nodes-autoplay',
      key: expect.stringContaining("hashFiles('tools/n8n/**/package-lock.json')"),
    });
  });
});

describe('release.yml', () => {
  const { on, jobs } = workflow('release.yml');

  it('publishes what was tagged, once it is checked and tested, and says where it comes from', () => {
    expect(on).toEqual({ push: { tags: ['v*'] } });
    const tested = jobs.test!.steps.flatMap(({ run }) => run ?? []);
    expect(tested).toEqual(expect.arrayContaining(['npm run release:check', 'npm test']));
    expect(jobs.publish).toMatchObject({
      needs: 'test',
      environment: 'npm',
      permissions: { contents: 'read', 'id-token': 'write' },
    });
    expect(jobs.publish!.steps.at(-1)?.run).toBe('npm publish --provenance --access public');
  });

  it('gives the secret to that step alone', () => {
    const withSecrets = Object.values(jobs)
      .flatMap((job) => job.steps)
      .filter((step) => JSON.stringify(step).includes('secrets.'));
    expect(withSecrets).toEqual([jobs.publish!.steps.at(-1)]);
  });

  it('cannot be gone around: npm checks before it publishes from anywhere', () => {
    expect(scripts.prepublishOnly).toBe('npm run release:check');
  });
});

it.each(['bug', 'wish'])('the form for a %s can be filled in', (name) => {
  const form = parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`)) as {
    name: string;
    body: Array<{ type: string; id?: string }>;
  };
  expect(form.name).toEqual(expect.any(String));
  const fields = form.body.filter(({ type }) => type !== 'markdown');
  expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
});

it('updates are looked for where there is something to update', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as {
    updates: Array<{ 'package-ecosystem': string; directory: string }>;
  };
  expect(updates.map((one) => one['package-ecosystem'])).toEqual(['npm', 'github-actions']);
  for (const { directory } of updates) expect(existsSync(join(root, directory))).toBe(true);
});
