import { spawn } from 'node:child_process';
import { repositoryFolder } from './n8n/node24';

// `npm test` and `npm run test:oldest`, once start.mjs has installed the dependencies. Arguments after `--` go to Jest.

const [suite, ...jestArguments] = process.argv.slice(2);

/** npm scripts that run in this order; the scripts of a row run at the same time. */
const steps: string[][][] =
  suite === 'oldest'
    ? [[['build']], [['jest', '--selectProjects', 'oldest', ...jestArguments]]]
    : [
        [['lint'], ['typecheck'], ['build']],
        [['jest', '--ignoreProjects', 'oldest', ...jestArguments]],
      ];

async function main() {
  const started = Date.now();
  for (const row of steps) {
    const codes = await Promise.all(row.map(run));
    const failed = codes.find((code) => code !== 0);
    if (failed !== undefined) process.exit(failed);
  }
  const seconds = Math.round((Date.now() - started) / 1_000);
  console.log(`\n  All green after ${Math.floor(seconds / 60)} min ${seconds % 60} s.`);
  process.exit(0);
}

/** Runs an npm script, prints its output at once, and resolves with its exit code. */
async function run([script, ...more]: string[]): Promise<number> {
  const child = spawn('npm', ['run', '--silent', script!, '--', ...more], {
    cwd: repositoryFolder,
    stdio: 'inherit',
  });
  // Ctrl-C in a terminal also reaches npm; a signal to this process alone does not.
  const end = () => child.kill('SIGTERM');
  for (const signal of ['SIGTERM', 'SIGHUP', 'disconnect']) process.on(signal, end);
  process.on('SIGINT', () => {});
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code !== 0) console.error(`\n  npm run ${script} failed.`);
      resolve(code ?? 1);
    });
  });
}

void main();
