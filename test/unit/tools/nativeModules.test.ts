import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensureN8n } from '../../../tools/n8n/install';
import { childEnvironment, node24 } from '../../../tools/n8n/node24';

// The real npm and the real node-gyp, on modules so small that each takes seconds to compile.

/** Nobody listens there: whatever would be fetched from elsewhere fails. */
const DEAD = 'http://127.0.0.1:9';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'native-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Packs a module that compiles with the headers of Node 24 only, and brings nothing ready-made. */
function nativeModule(name: string): string {
  const source = join(folder, `${name}-source`);
  mkdirSync(source);
  const write = (file: string, text: string) => writeFileSync(join(source, file), text);
  write(
    'package.json',
    JSON.stringify({
      name,
      version: '1.0.0',
      main: 'index.js',
      gypfile: true,
      scripts: { install: 'node-gyp rebuild' },
    }),
  );
  write('index.js', `module.exports = require('./build/Release/${name}.node');`);
  write('binding.gyp', `{"targets":[{"target_name":"${name}","sources":["addon.cc"]}]}`);
  write(
    'addon.cc',
    `#include <node_api.h>
#include <node_version.h>
#if NODE_MAJOR_VERSION != 24
#error "These are the headers of another Node."
#endif
NAPI_MODULE_INIT() {
  napi_value answer;
  napi_create_int32(env, 42, &answer);
  return answer;
}
`,
  );
  execFileSync(
    'tar',
    ['-czf', `${name}.tgz`, '-C', source, '--transform', 's,^\\.,package,', '.'],
    {
      cwd: folder,
    },
  );
  return `file:${join(folder, `${name}.tgz`)}`;
}

/** A package "n8n" of one file that needs the native module. */
function manifest(native: string): string {
  const app = join(folder, 'app');
  mkdirSync(join(app, 'bin'), { recursive: true });
  writeFileSync(join(app, 'package.json'), '{"name":"n8n","version":"1.2.3"}');
  writeFileSync(join(app, 'bin/n8n'), "console.log(require('addon'))");
  execFileSync('tar', ['-czf', 'n8n.tgz', '--transform', 's,^app,package,', 'app'], {
    cwd: folder,
  });
  const dependencies = { n8n: `file:${join(folder, 'n8n.tgz')}`, addon: native };
  const packages = {
    '': { dependencies },
    'node_modules/n8n': { version: '1.2.3', resolved: dependencies.n8n },
    'node_modules/addon': { version: '1.0.0', resolved: native, hasInstallScript: true },
  };
  const at = join(folder, 'manifest');
  mkdirSync(at);
  writeFileSync(join(at, 'package.json'), JSON.stringify({ dependencies }));
  writeFileSync(join(at, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  return at;
}

/** This machine's environment with an empty home folder and npm as `settings` say, and nothing else of npm's. */
function environment(settings: Record<string, string> = {}): Record<string, string> {
  const home = join(folder, 'home');
  mkdirSync(home);
  const npmrc = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(join(home, '.npmrc'), npmrc.join(''));
  const inherited = Object.entries(childEnvironment()).filter(([name]) => !/^npm_/i.test(name));
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    // Also where this machine's npm has settings for all its users.
    npm_config_globalconfig: join(home, 'none'),
  };
}

/** A folder that looks like an older Node's. */
function olderNode(): string {
  const headers = join(folder, 'node-20/include/node');
  mkdirSync(headers, { recursive: true });
  const version = ['MAJOR', 'MINOR', 'PATCH'].map((part) => `#define NODE_${part}_VERSION 20\n`);
  writeFileSync(join(headers, 'node_version.h'), version.join(''));
  writeFileSync(join(headers, 'node_api.h'), '#error "An older Node."\n');
  writeFileSync(join(headers, 'common.gypi'), '{}');
  writeFileSync(join(headers, 'config.gypi'), '{}');
  return join(folder, 'node-20');
}

const install = async (settings: Record<string, string> = {}, more: Record<string, string> = {}) =>
  await ensureN8n({
    manifestFolder: manifest(nativeModule('addon')),
    cacheDir: join(folder, 'cache/n8n'),
    nativeModules: ['addon'],
    environment: { ...environment(settings), ...more },
  });

const run = (bin: string) => execFileSync(node24(), [bin], { encoding: 'utf8' }).trim();

describe('a native module is compiled for Node 24, though npm', () => {
  it.each<[string, () => Record<string, string>]>([
    ['has no settings and the home folder is empty', () => ({})],
    ['is set to the headers of an older Node', () => ({ nodedir: olderNode() })],
    ['is set to run no scripts', () => ({ 'ignore-scripts': 'true' })],
    [
      'reaches neither nodejs.org nor github.com',
      () => ({ disturl: DEAD, proxy: DEAD, 'https-proxy': DEAD, 'fetch-retries': '0' }),
    ],
  ])('%s', async (_, settings) => {
    const { bin } = await install(settings());
    expect(run(bin)).toBe('42');
  });
});

it('without a compiler, the install names what is missing before it downloads n8n', async () => {
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  for (const program of ['sh', 'env', 'npm', 'node', 'apt-get']) {
    symlinkSync(where(program) ?? '/bin/false', join(programs, program));
  }
  const phases: string[] = [];
  const failing = ensureN8n({
    manifestFolder: manifest(nativeModule('addon')),
    cacheDir: join(folder, 'cache/n8n'),
    nativeModules: ['addon'],
    environment: { ...environment(), PATH: programs },
    onProgress: ({ phase }) => phases.push(phase),
  });
  await expect(failing).rejects.toThrow(
    'addon must be compiled, which needs Python 3 and make and a C++ compiler. ' +
      'Install: sudo apt-get install python3 make g++',
  );
  expect(phases).not.toContain('downloading');
  expect(existsSync(join(folder, 'cache/n8n'))).toBe(false);
});

function where(program: string): string | undefined {
  if (program === 'node') return node24();
  const folders = [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((at) => join(at, program)).find((path) => existsSync(path));
}
