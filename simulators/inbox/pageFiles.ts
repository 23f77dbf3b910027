import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

const FOLDER = join(__dirname, 'public');
/** The whole list, so that no path from outside ever reaches the file system. */
const FILES = new Set([
  'index.html',
  'style.css',
  'app.js',
  'dom.js',
  'entries.js',
  'lists.js',
  'safeHtml.js',
  'state.js',
  'thread.js',
  'visit.js',
]);
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Sends a file of the page; false when it has none of that name. */
export async function sendPageFile(path: string, response: ServerResponse): Promise<boolean> {
  const name = path === '/' ? 'index.html' : path.slice(1);
  if (!FILES.has(name)) return false;
  const content = await readFile(join(FOLDER, name));
  response.writeHead(200, {
    'Content-Type': TYPES[extname(name)],
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'self'; img-src 'self' data:",
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(content);
  return true;
}
