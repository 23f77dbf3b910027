import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Sends a file of a page. @param policy its Content-Security-Policy */
export async function sendFile(
  file: string,
  policy: string,
  response: ServerResponse,
): Promise<true> {
  return sendText(await readFile(file), extname(file), policy, response);
}

/** Sends what a file of a page with this extension would hold. */
export function sendText(
  content: string | Buffer,
  extension: string,
  policy: string,
  response: ServerResponse,
): true {
  response.writeHead(200, {
    'Content-Type': TYPES[extension],
    'Cache-Control': 'no-store',
    'Content-Security-Policy': policy,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(content);
  return true;
}
