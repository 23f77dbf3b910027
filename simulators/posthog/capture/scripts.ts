import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** PostHog's own library for websites, as it is installed. */
const LIBRARY = join(__dirname, '..', '..', '..', 'node_modules', 'posthog-js', 'dist');

/** The scripts by name. The list is fixed, so that no path from outside reaches the file system. */
const SCRIPTS = new Set(readdirSync(LIBRARY).filter((name) => name.endsWith('.js')));

/** A script that PostHog serves below `/static/`, with or without a version; undefined if there is none. */
export async function staticScript(path: string): Promise<Buffer | undefined> {
  const name = /^\/static\/(?:[\d.]+\/)?([\w.-]+\.js)$/.exec(path)?.[1];
  return name !== undefined && SCRIPTS.has(name) ? await readFile(join(LIBRARY, name)) : undefined;
}
