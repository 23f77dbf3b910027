import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { repositoryFolder } from '../../tools/n8n/node24';
import type { Machine } from './types';

const GB = 2 ** 30;

export function describeMachine(): Machine {
  const manifest = readFileSync(join(repositoryFolder, 'tools', 'n8n', 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { dependencies: { n8n: string } };
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round((totalmem() / GB) * 10) / 10,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    n8n: dependencies.n8n,
  };
}

/** The commit that is checked out, followed by `+` when files differ from it; '' outside of git. */
export function currentCommit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: repositoryFolder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changed = git(
      'status',
      '--porcelain',
      '--untracked-files=no',
      '--',
      '.',
      ':!bench/results',
      ':!docs',
    );
    return git('rev-parse', '--short=12', 'HEAD') + (changed === '' ? '' : '+');
  } catch {
    return '';
  }
}

/** The average number of processes that wanted a core in the last minute; 0 where the system does not say. */
export function currentLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
