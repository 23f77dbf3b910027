import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installFolder } from '../../../tools/n8n/install';
import { withLock } from '../../../tools/n8n/lock';
import { freePort, portTakenMessage } from '../../../tools/n8n/ports';

describe('installFolder', () => {
  const name = 'n8n-nodes-autoplay/n8n-2.40.7-ba7816bf8f01';

  it('is named after the version and the lockfile', () => {
    expect(installFolder('abc', '2.40.7', { N8N_AUTOPLAY_CACHE: '/c' })).toBe(`/c/${name}`);
    expect(installFolder('abd', '2.40.7', { N8N_AUTOPLAY_CACHE: '/c' })).not.toBe(`/c/${name}`);
  });

  it('is in the cache folder of this package, of the system or of the user', () => {
    const both = { N8N_AUTOPLAY_CACHE: '/c', XDG_CACHE_HOME: '/x' };
    expect(installFolder('abc', '2.40.7', both)).toBe(`/c/${name}`);
    expect(installFolder('abc', '2.40.7', { XDG_CACHE_HOME: '/x' })).toBe(`/x/${name}`);
    expect(installFolder('abc', '2.40.7', {})).toBe(join(homedir(), '.cache', name));
  });
});

describe('a lock', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lock-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('runs one piece of work after the other, also after a failure', async () => {
    const file = join(folder, 'lock');
    const order: string[] = [];
    const waited = jest.fn();
    const first = withLock(file, async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('first');
      throw new Error('no luck');
    });
    const second = withLock(file, async () => order.push('second'), waited);
    await expect(first).rejects.toThrow('no luck');
    await second;
    expect(order).toEqual(['first', 'second']);
    expect(waited).toHaveBeenCalledTimes(1);
  });
});

describe('ports', () => {
  it('are reserved for one caller across processes', async () => {
    const port = await freePort();
    const first = (port - 15_000) / 15_000 + 1e-9;
    const wanted = [first];
    expect(await freePort(() => wanted.pop() ?? Math.random())).not.toBe(port);
    expect(wanted).toEqual([]);
    const script = `
      const wanted = [${first}];
      require(${JSON.stringify(join(__dirname, '../../../tools/n8n/ports.ts'))})
        .freePort(() => wanted.pop() ?? Math.random()).then(console.log);`;
    const other = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', script]);
    expect(Number(other.stdout)).toBeGreaterThan(0);
    expect(Number(other.stdout)).not.toBe(port);
  });

  it('that are taken name the variable for another port', () => {
    expect(portTakenMessage('n8n', 5678, 'N8N_PORT')).toMatch(
      /Port 5678, which n8n needs.* N8N_PORT=6678 npm start/,
    );
    expect(portTakenMessage('n8n', 65_000, 'N8N_PORT')).toContain('N8N_PORT=64000');
  });
});

// npm ci refuses a lockfile that lacks an optional dependency, even one for another platform.
it.each(['package-lock.json', 'tools/n8n/package-lock.json', 'tools/n8n/oldest/package-lock.json'])(
  '%s names every package',
  (file) => {
    const text = readFileSync(join(__dirname, '..', '..', '..', file), 'utf8');
    const packages: Record<string, { optionalDependencies?: object; extraneous?: boolean }> =
      JSON.parse(text).packages;
    const isNamed = (from: string, name: string): boolean =>
      `${from && `${from}/`}node_modules/${name}` in packages ||
      (from !== '' &&
        isNamed(from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name));
    const lacking = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isNamed(path, name)),
    );
    expect(lacking).toEqual([]);
    expect(Object.keys(packages).filter((path) => packages[path]!.extraneous)).toEqual([]);
  },
);
