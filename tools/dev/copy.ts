import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Copies the files that differ from another folder, and returns their paths. Unchanged files are left alone,
 * because n8n reloads for each written file and compilers write unchanged ones.
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
