import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { childEnvironment, repositoryFolder } from '../../tools/n8n/node24';
import { runNpm } from '../../tools/n8n/npm';

/** A service of a compose file, as far as tests look at it. */
export interface Service {
  image: string;
  command?: string | string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

/** The shipped `docker-compose.yml`, with its anchors and merges worked out. */
export function composeFile() {
  const text = readFileSync(join(repositoryFolder, 'docker-compose.yml'), 'utf8');
  const file = parse(text, { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
  return { ...file, text };
}

const run = promisify(execFile);

/**
 * Runs what the compose file installs the package with, on the built package: into a folder that is the
 * volume of all processes there. Returns how to put that into the user folder of one, and how to remove it.
 */
export async function installAsComposed() {
  const folder = await mkdtemp(join(tmpdir(), 'n8n-autoplay-volume-'));
  const nodes = join(folder, 'nodes');
  const bin = join(folder, 'bin');
  for (const one of [nodes, bin]) await mkdir(one);
  // There is no user of that name here.
  await writeFile(join(bin, 'chown'), '#!/bin/sh\n', { mode: 0o755 });
  const pack = ['pack', '--quiet', '--ignore-scripts', '--pack-destination', folder];
  const tarball = (await runNpm(pack, { cwd: repositoryFolder })).trim();
  const { entrypoint = [], command = [] } = composeFile().services.nodes!;
  const [shell, ...args] = [...entrypoint, ...command].map((arg) => arg.replaceAll('$$', '$'));
  const env = childEnvironment({ NODES_FOLDER: nodes, PACKAGE: join(folder, tarball) });
  env.PATH = [bin, env.PATH].join(delimiter);
  await run(shell!, args, { cwd: folder, env });
  return {
    async into(userFolder: string): Promise<void> {
      await mkdir(join(userFolder, '.n8n'), { recursive: true });
      await run('cp', ['-R', nodes, join(userFolder, '.n8n')]);
    },
    remove: async () => await rm(folder, { recursive: true, force: true }),
  };
}
