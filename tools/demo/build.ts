import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NpmError, runNpm } from '../n8n/npm';

const sources = [
  'credentials',
  'nodes',
  'core',
  'gulpfile.js',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

/** Whether `dist` is newer than everything it is made from. */
export function isBuilt(root: string): boolean {
  const built = newest(join(root, 'dist'));
  return built > 0 && sources.every((source) => newest(join(root, source)) <= built);
}

/** Builds the package. @throws with the compiler's output. */
export async function build(root: string, signal?: AbortSignal): Promise<void> {
  try {
    await runNpm(['run', 'build'], { cwd: root, signal });
  } catch (error) {
    signal?.throwIfAborted();
    const output = error instanceof NpmError ? error.output : (error as Error).message;
    throw new Error(`The package could not be built.\n${output.trim()}`, { cause: error });
  }
}

/** The latest modification below `path`, in epoch milliseconds; 0 when there is nothing. */
export function newest(path: string): number {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
