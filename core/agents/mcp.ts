import { fields, isObject, text } from '../values';
import {
  emptyResponse,
  headerOf,
  jsonResponse,
  type AgentRequest,
  type AgentResponse,
} from './http';

// The Model Context Protocol over Streamable HTTP, for a server with one tool and no state. It has two eras: up to
// 2025-11-25 a client begins with `initialize`; since 2026-07-28 each request says by itself what it needs.

const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
const MODERN_VERSIONS = ['2026-07-28'];
const VERSIONS = [...MODERN_VERSIONS, ...LEGACY_VERSIONS];

/** The prefix of what a modern request says about itself. */
const META = 'io.modelcontextprotocol/';

/** How long a client may keep the list of tools, in milliseconds. A person changes the wording now and then. */
const TTL_MS = 60_000;

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const HEADER_MISMATCH = -32_020;
const UNSUPPORTED_VERSION = -32_022;

/** The server's one tool. */
export interface McpTool {
  name: string;
  description: string;
  /** Names and descriptions of its parameters, all of them optional texts. None for a tool that takes nothing. */
  parameters: Readonly<Record<string, string>>;
  /** Never rejects. @param given the parameters that were given, as texts */
  call(given: Readonly<Record<string, string>>): Promise<McpResult>;
}

/** The text that the model reads. `isError` marks the call as failed, so that the model reports it or tries again. */
export interface McpResult {
  text: string;
  isError?: boolean;
}

export interface McpServer {
  name: string;
  version: string;
  tool: McpTool;
}

/** What a request failed with; `status` is HTTP's. */
interface Fault {
  status: number;
  code: number;
  message: string;
  data?: unknown;
}

type Id = string | number;

/**
 * Answers one message. The caller has checked who sends it, its method (POST), its Origin and its length.
 */
export async function answerMcp(
  request: Pick<AgentRequest, 'headers' | 'rawBody'>,
  server: McpServer,
): Promise<AgentResponse> {
  let message: unknown;
  try {
    message = JSON.parse(request.rawBody.toString('utf8'));
  } catch {
    return failed(null, { status: 400, code: PARSE_ERROR, message: 'The body is no JSON' });
  }
  if (!isObject(message) || message.jsonrpc !== '2.0') {
    const why = 'The body is no single JSON-RPC 2.0 message';
    return failed(null, { status: 400, code: INVALID_REQUEST, message: why });
  }
  const { id, method } = message;
  // A notification, or an answer to what this server never asks.
  if (id === undefined && typeof method === 'string') return emptyResponse(202);
  if (method === undefined && ('result' in message || 'error' in message))
    return emptyResponse(202);
  if (!isId(id) || typeof method !== 'string') {
    const why = 'A request has a method, and an id that is a text or a whole number';
    return failed(isId(id) ? id : null, { status: 400, code: INVALID_REQUEST, message: why });
  }
  const params = fields(message.params);
  const meta = fields(params._meta);
  const header = headerOf(request, 'mcp-protocol-version');
  const isModern = meta[`${META}protocolVersion`] !== undefined || MODERN_VERSIONS.includes(header);
  const fault = isModern ? modernFault(request, method, params, meta) : legacyFault(header);
  if (fault) return failed(id, fault);
  return isModern
    ? await modern(id, method, params, server)
    : await legacy(id, method, params, server);
}

async function legacy(
  id: Id,
  method: string,
  params: Record<string, unknown>,
  server: McpServer,
): Promise<AgentResponse> {
  const { name, version, tool } = server;
  switch (method) {
    case 'initialize': {
      const asked = text(params.protocolVersion);
      const protocolVersion = LEGACY_VERSIONS.includes(asked) ? asked : LEGACY_VERSIONS[0];
      const serverInfo = { name, version };
      return succeeded(id, { protocolVersion, capabilities: { tools: {} }, serverInfo });
    }
    case 'ping':
      return succeeded(id, {});
    case 'tools/list':
      return succeeded(id, { tools: [described(tool)] });
    case 'tools/call':
      return await called(id, params, tool, { invalid: 200 }, (result) => result);
    default:
      return failed(id, unknownMethod(method, 200));
  }
}

async function modern(
  id: Id,
  method: string,
  params: Record<string, unknown>,
  server: McpServer,
): Promise<AgentResponse> {
  const { name, version, tool } = server;
  const complete = (result: object) => ({
    resultType: 'complete',
    ...result,
    _meta: { [`${META}serverInfo`]: { name, version } },
  });
  // The wording may differ from one customer of a shared proxy to the next.
  const kept = { ttlMs: TTL_MS, cacheScope: 'private' };
  switch (method) {
    case 'server/discover':
      return succeeded(
        id,
        complete({ supportedVersions: VERSIONS, capabilities: { tools: {} }, ...kept }),
      );
    case 'tools/list':
      return succeeded(id, complete({ tools: [described(tool)], ...kept }));
    case 'tools/call':
      return await called(id, params, tool, { invalid: 400 }, complete);
    default:
      return failed(id, unknownMethod(method, 404));
  }
}

async function called(
  id: Id,
  params: Record<string, unknown>,
  tool: McpTool,
  status: { invalid: number },
  finish: (result: object) => object,
): Promise<AgentResponse> {
  const invalid = (message: string) =>
    failed(id, { status: status.invalid, code: INVALID_PARAMS, message });
  if (params.name !== tool.name) return invalid(`There is one tool here, ${tool.name}`);
  // Clients leave out empty arguments, or send null.
  const given = params.arguments ?? {};
  if (!isObject(given)) return invalid('Arguments have to be an object');
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  const odd = entries.find(([key]) => !Object.hasOwn(tool.parameters, key));
  // Models make up ids for parameters that they invent. Refusing those shows the model that the tool ignores them.
  if (odd) return invalid(`${tool.name} takes ${listed(Object.keys(tool.parameters))}`);
  if (!entries.every(([, value]) => typeof value === 'string' || typeof value === 'number')) {
    return invalid('Every argument has to be a text');
  }
  const texts = entries.map(([key, value]) => [key, text(value)] as const);
  const { text: said, isError } = await tool.call(Object.fromEntries(texts));
  const content = [{ type: 'text', text: said }];
  return succeeded(id, finish(isError ? { content, isError } : { content }));
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no arguments' : `only these arguments: ${names.join(', ')}`;
}

function described({ name, description, parameters }: McpTool) {
  const properties = Object.entries(parameters).map(
    ([key, said]) => [key, { type: 'string', description: said }] as const,
  );
  return {
    name,
    description,
    inputSchema: {
      type: 'object',
      ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
      additionalProperties: false,
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
  };
}

/** A header with a version that is not known. Without one, it is an old client, which cannot say. */
function legacyFault(header: string): Fault | undefined {
  if (header === '' || LEGACY_VERSIONS.includes(header)) return undefined;
  return { status: 400, code: INVALID_REQUEST, message: 'MCP-Protocol-Version is not supported' };
}

/** What proxies read in the headers has to be what is done by the body. */
function modernFault(
  request: Pick<AgentRequest, 'headers'>,
  method: string,
  params: Record<string, unknown>,
  meta: Record<string, unknown>,
): Fault | undefined {
  const mismatch = (name: string): Fault => ({
    status: 400,
    code: HEADER_MISMATCH,
    message: `Header mismatch: ${name} is missing, or differs from the body`,
  });
  const invalid = (what: string): Fault => ({
    status: 400,
    code: INVALID_PARAMS,
    message: `params._meta has no ${META}${what}`,
  });
  const version = meta[`${META}protocolVersion`];
  if (typeof version !== 'string') return invalid('protocolVersion');
  if (headerOf(request, 'mcp-protocol-version') !== version) {
    return mismatch('MCP-Protocol-Version');
  }
  if (!MODERN_VERSIONS.includes(version)) {
    return {
      status: 400,
      code: UNSUPPORTED_VERSION,
      message: 'Unsupported protocol version',
      data: { supported: VERSIONS, requested: version },
    };
  }
  if (headerOf(request, 'mcp-method') !== method) return mismatch('Mcp-Method');
  if (method === 'tools/call' && decoded(headerOf(request, 'mcp-name')) !== params.name) {
    return mismatch('Mcp-Name');
  }
  if (!isObject(meta[`${META}clientCapabilities`])) return invalid('clientCapabilities');
  return undefined;
}

/** A header's value, which may be written as `=?base64?…?=`. */
function decoded(value: string): string {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}

/** 0 is an id: some clients begin with it. */
function isId(id: unknown): id is Id {
  return typeof id === 'string' || Number.isInteger(id);
}

function unknownMethod(method: string, status: number): Fault {
  return { status, code: METHOD_NOT_FOUND, message: `Method not found: ${method.slice(0, 100)}` };
}

function succeeded(id: Id, result: object): AgentResponse {
  return jsonResponse(200, { jsonrpc: '2.0', id, result });
}

function failed(id: Id | null, { status, code, message, data }: Fault): AgentResponse {
  const error = { code, message, ...(data !== undefined && { data }) };
  return jsonResponse(status, { jsonrpc: '2.0', id, error });
}
