import { readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';

import { sendFile } from './files';

const PUBLIC = join(__dirname, 'public');
/** The library that draws the page. It runs in a browser as it is installed. */
const LIBRARY = join(__dirname, '..', '..', 'node_modules', 'lit-html');

const MODULES = ['lit-html', 'directive', 'directive-helpers'].concat(
  ['guard', 'keyed', 'live', 'repeat'].map((name) => `directives/${name}`),
);

/** The file behind each path. The list is fixed, so that no path from outside reaches the file system. */
const FILES = new Map([
  ...readdirSync(PUBLIC).map((name): [string, string] => [`/${name}`, join(PUBLIC, name)]),
  ...MODULES.map((name): [string, string] => [`/lit-html/${name}.js`, join(LIBRARY, `${name}.js`)]),
]);

/** The page loads nothing from elsewhere, has no script or style within itself, and is in no frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sends a file of the page; false when it has none of that name. */
export async function sendPageFile(path: string, response: ServerResponse): Promise<boolean> {
  const file = FILES.get(path === '/' ? '/index.html' : path);
  return file !== undefined && (await sendFile(file, POLICY, response));
}
