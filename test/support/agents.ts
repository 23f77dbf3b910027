import { createHmac } from 'node:crypto';
import { ask, type AskParts } from '../../core/agents/ask';
import type { AgentRequest } from '../../core/agents/http';
import { hugoSignature } from '../../core/agents/hugo';
import { createRateLimit } from '../../core/agents/rateLimit';

export const WEBSITE = '11111111-2222-4333-8444-555555555555';
export const HUGO_SECRET = 'mcp_sec_example_0123456789abcdef';
export const TOKEN_SECRET = 'a-shared-secret-of-the-site-0123456789';
export const NOW = 1_767_225_600_000;

/** A JSON Web Token with HS256, made without the library that reads it. */
export function token(claims: object, secret = TOKEN_SECRET, header: object = { alg: 'HS256' }) {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ typ: 'JWT', ...header })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** A request as n8n gives it. */
export function request(fields: Partial<AgentRequest> & { body?: unknown } = {}): AgentRequest {
  const { body, ...rest } = fields;
  const rawBody = Buffer.from(
    body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
  );
  return { method: 'POST', headers: {}, query: {}, rawBody, ...rest };
}

export const call = (args?: object, id: unknown = 7) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'visitor_activity', ...(args && { arguments: args }) },
});

/** A request signed as Crisp signs it. */
export function signed(
  body: unknown,
  {
    session,
    now = NOW,
    secret = HUGO_SECRET,
    website = WEBSITE,
    headers = {},
  }: {
    session?: string;
    now?: number;
    secret?: string;
    website?: string;
    headers?: Record<string, string>;
  } = {},
): AgentRequest {
  const unsigned = request({ body });
  const timestamp = String(Math.floor(now / 1_000));
  return {
    ...unsigned,
    headers: {
      'x-crisp-website-id': website,
      'x-crisp-timestamp': timestamp,
      'x-crisp-signature': hugoSignature(secret, timestamp, website, unsigned),
      ...(session !== undefined && { 'x-crisp-session-id': session }),
      ...headers,
    },
  };
}

export const hugo: AskParts['asker'] = {
  kind: 'hugo',
  rules: { secrets: [HUGO_SECRET], websiteId: WEBSITE },
  token: '',
};
export const finToken: AskParts['asker'] = {
  kind: 'finToken',
  rules: { algorithm: 'HS256', key: TOKEN_SECRET, audience: '' },
};

/** What a question is answered with, from a memory that knows nobody. */
export function parts(fields: Partial<AskParts> = {}): AskParts {
  const clock = fields.clock ?? { now: () => NOW, after: () => () => {} };
  return {
    asker: hugo,
    recall: () => Promise.resolve(null),
    windowMs: 600_000,
    maxActions: 20,
    includeSummary: true,
    productId: undefined,
    tool: { name: 'visitor_activity', description: 'What the visitor has been doing' },
    version: '1',
    perMinute: 1_000_000,
    limit: createRateLimit(clock),
    clock,
    ...fields,
  };
}

/** The status and the parsed body of an answer. */
export async function asked(
  question: AgentRequest,
  fields: Partial<AskParts> = {},
): Promise<{
  status: number;
  headers: Readonly<Record<string, string>>;
  json: Json;
  text: string;
}> {
  const { response } = await ask(question, parts(fields));
  const { status, headers, body } = response;
  return { status, headers, text: body, json: body === '' ? {} : JSON.parse(body) };
}

/** As a test reads it: only what it expects is checked. */

export type Json = any;
