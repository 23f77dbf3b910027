import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Copies the files of a folder that are not the same in the other, and returns their paths within it. n8n reloads
 * for any file that is written, and compilers write what did not change.
 */
export function copyChanged(from: string, to: string): string[] {
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(from, join(entry.parentPath, entry.name)))
    .filter((path) => {
      const content = readFileSync(join(from, path));
      const target = join(to, path);
      if (existsSync(target) && readFileSync(target).equals(content)) return false;
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
      return true;
    });
}
