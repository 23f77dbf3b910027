// `npm start`, `npm test` and `npm run dev` on a machine with nothing but Node and npm: installs the dependencies when they are
// missing, then hands over to a script in tools, which runs with the newer Node that one of the dependencies is.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import bootstrap from './tools/bootstrap.cjs';

const root = dirname(fileURLToPath(import.meta.url));
const { findNode24, reasonToInstall, tooOld } = bootstrap;

const complaint = tooOld(process.versions.node);
if (complaint) fail(complaint);

const reason = reasonToInstall(root);
if (reason) {
  console.log(`\n  Installing dependencies (${reason}); about a minute…`);
  npm(
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'The dependencies could not be installed',
  );
}
if (!findNode24(root)) {
  // The package `node` fetches its binary in an install script, which some people's npm is told to leave out.
  npm(['rebuild', '--ignore-scripts=false', 'node'], 'Node 24 could not be installed');
}
const node = findNode24(root);
if (!node) fail('The dependency "node" did not bring Node 24. Remove node_modules and try again.');

const given = process.argv.slice(2);
// `npm start -- --source posthog` names no script.
if (given[0] === undefined || given[0].startsWith('--')) given.unshift('tools/start.ts');
const [script, ...more] = given;
const child = spawn(node, ['--no-warnings', '--import', 'tsx', script, ...more], {
  cwd: root,
  // Nothing is sent through it: when this process is gone, the channel closes, and everything stops.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
child.on('error', (error) => fail(`${node} could not be started: ${error.message}`));
child.on('exit', (code) => process.exit(code ?? 1));

// Ctrl-C reaches the child directly; here it only must not end the wait for it.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

if (process.env.npm_lifecycle_event) {
  // npm killed outright takes nobody along: neither us nor the shell that it runs us with.
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const first = ancestors();
  setInterval(() => ancestors() !== first && child.kill('SIGTERM'), 1000).unref();
}

/** The parent of another process, where the system tells (Linux); elsewhere undefined. */
function parentOf(pid) {
  try {
    // The name, in parentheses, may hold anything; the parent is the second field after it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1];
  } catch {
    return undefined;
  }
}

function npm(args, failure) {
  const { status, error } = spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
  if (error) fail(`${failure}: ${error.message}`);
  if (status !== 0) fail(`${failure}; npm says why above.`);
}

function fail(message) {
  console.error(`\n  ${message}\n`);
  process.exit(1);
}
