import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

const BODY_LIMIT = 4 * 1024 * 1024;

/**
 * The whole request body.
 *
 * @throws Error when it is larger than 4 MiB or the client goes away first
 */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error(`The request body is larger than ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The whole request body as text (UTF-8).
 *
 * @throws Error as {@link readBytes}
 */
export async function readText(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString('utf8');
}

/** Answers with text that is JSON already. Does nothing when the client has gone. */
export function sendJsonText(
  response: ServerResponse,
  status: number,
  json: string,
  headers: OutgoingHttpHeaders = {},
): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(json),
    ...headers,
  });
  response.end(json);
}

/** Sends the head and half of the text, then calls `then`. */
export function beginJson(
  response: ServerResponse,
  json: string,
  headers: OutgoingHttpHeaders,
  then: () => void,
): void {
  if (response.destroyed) return;
  const length = Buffer.byteLength(json);
  const type = 'application/json; charset=utf-8';
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': length, ...headers });
  response.write(json.slice(0, json.length / 2), then);
}

/** Answers with a web page, as a proxy or portal on the way does. */
export function sendPage(response: ServerResponse): void {
  if (response.destroyed) return;
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end('<!doctype html><title>Please sign in to use this network</title>');
}

/** Answers with a value as JSON. Does nothing when the client has gone. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  sendJsonText(response, status, JSON.stringify(value), headers);
}

/** The token of an `Authorization: Bearer …` header, or undefined when there is none. */
export function bearerToken(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1];
}
