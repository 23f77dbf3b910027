import { join } from 'node:path';
import { node24 } from '../n8n/node24';
import { startServer } from '../servers/child';

/**
 * Keeps `dist` up to date with TypeScript's and gulp's watch modes. Resolves after the first build.
 * @param onBuilt called after each build.
 * @param onError gets each error of the compiler, which builds the rest all the same.
 */
export async function keepBuilt(
  root: string,
  { onBuilt, onError }: { onBuilt: () => void; onError: (message: string) => void },
): Promise<{ stop(): Promise<void> }> {
  const program = (path: string, ...args: string[]) => ({
    command: node24(),
    args: [join(root, 'node_modules', path), ...args],
    cwd: root,
  });
  const tsc = await startServer({
    name: 'TypeScript',
    ...program('typescript/bin/tsc', '--watch', '--preserveWatchOutput', '--pretty', 'false'),
    ready: /Watching for file changes/,
    onLine: (line) => {
      if (/ error TS\d+: /.test(line)) onError(line);
      if (line.includes('Watching for file changes')) onBuilt();
    },
  });
  try {
    const gulp = await startServer({
      name: 'gulp',
      ...program('gulp/bin/gulp.js', 'watch'),
      ready: /Starting 'watch'/,
      onLine: (line) => {
        if (line.includes("Finished 'assets'")) onBuilt();
        if (/error/i.test(line)) onError(line);
      },
    });
    return { stop: async () => void (await Promise.all([tsc.stop(), gulp.stop()])) };
  } catch (error) {
    await tsc.stop();
    throw error;
  }
}
