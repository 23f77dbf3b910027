import { text } from '../values';

/** A question as it arrived. */
export interface AgentRequest {
  /** GET, POST, DELETE or HEAD. */
  method: string;
  /** By names in lower case. */
  headers: Readonly<Record<string, unknown>>;
  /** What follows the `?` of the address, taken apart. */
  query: Readonly<Record<string, unknown>>;
  /** The bytes as they arrived: a signature is over these. */
  rawBody: Buffer;
}

/** What is sent back. */
export interface AgentResponse {
  status: number;
  /** By names as they are sent, such as `Allow`. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Questions are short. What is longer is refused before a signature is computed over it, in bytes. */
export const MAX_BODY = 65_536;

/** An answer of JSON, in one line. No cache keeps it: it is about a person, and old in a minute. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): AgentResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify(value),
  };
}

/** An answer without content. */
export function emptyResponse(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): AgentResponse {
  return { status, headers: { 'Cache-Control': 'no-store', ...headers }, body: '' };
}

/** A refusal: one line of JSON that says why. */
export function refusal(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): AgentResponse {
  return jsonResponse(status, { error }, headers);
}

/** A header's text without white space around it; '' where it is missing, or came several times. */
export function headerOf({ headers }: Pick<AgentRequest, 'headers'>, name: string): string {
  return text(headers[name]).trim();
}

/** What the Authorization header carries, with or without the word `Bearer`; '' where there is none. */
export function bearerOf(request: Pick<AgentRequest, 'headers'>): string {
  return headerOf(request, 'authorization')
    .replace(/^bearer\s+/i, '')
    .trim();
}
