import { answerMcp, type McpServer } from '../../../core/agents/mcp';
import { call, request } from '../../support/agents';

const server = (fields: Partial<McpServer['tool']> = {}): McpServer => ({
  name: 'autoplay-context',
  version: '1.2.3',
  tool: {
    name: 'visitor_activity',
    description: 'What they did',
    parameters: {},
    call: (given) => Promise.resolve({ text: JSON.stringify(given) }),
    ...fields,
  },
});

async function send(body: unknown, headers: Record<string, string> = {}, tool = {}) {
  const answer = await answerMcp(request({ body, headers }), server(tool));
  return { status: answer.status, json: answer.body ? JSON.parse(answer.body) : '' };
}
const rpc = (method: string, params?: object, id: unknown = 0) => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params && { params }),
});

const META = 'io.modelcontextprotocol/';
const meta = (version = '2026-07-28') => ({
  [`${META}protocolVersion`]: version,
  [`${META}clientInfo`]: { name: 'test', version: '1' },
  [`${META}clientCapabilities`]: {},
});
async function modern(
  method: string,
  params: object = {},
  headers: Record<string, string | undefined> = {},
  tool = {},
) {
  const all = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...('name' in params && { 'mcp-name': String(params.name) }),
    ...headers,
  };
  const sent = Object.entries(all).filter(([, value]) => value !== undefined);
  const body = rpc(method, { _meta: meta(), ...params });
  return await send(body, Object.fromEntries(sent), tool);
}

describe('what is no request', () => {
  it.each([
    ['{', 400, -32700],
    ['', 400, -32700],
    ['[]', 400, -32600],
    [JSON.stringify([rpc('ping')]), 400, -32600],
    ['null', 400, -32600],
    ['{"id":1,"method":"ping"}', 400, -32600],
    [JSON.stringify(rpc('ping', undefined, null)), 400, -32600],
    [JSON.stringify(rpc('ping', undefined, 1.5)), 400, -32600],
    [JSON.stringify(rpc('ping', undefined, {})), 400, -32600],
    ['{"jsonrpc":"2.0","id":1}', 400, -32600],
  ])('%s', async (body, status, code) => {
    expect(await send(body)).toMatchObject({ status, json: { jsonrpc: '2.0', error: { code } } });
  });

  it('a notification, and an answer to no question, are taken without a word', async () => {
    for (const body of [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 3, result: {} },
    ]) {
      expect(await send(body)).toEqual({ status: 202, json: '' });
    }
  });
});

describe('up to 2025-11-25', () => {
  it.each([
    ['2025-06-18', '2025-06-18'],
    ['2024-11-05', '2024-11-05'],
    ['1999-01-01', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    [undefined, '2025-11-25'],
  ])('a client that asks for %s gets %s', async (protocolVersion, expected) => {
    const { status, json } = await send(rpc('initialize', { protocolVersion }));
    expect(status).toBe(200);
    expect(json).toEqual({
      jsonrpc: '2.0',
      id: 0,
      result: {
        protocolVersion: expected,
        capabilities: { tools: {} },
        serverInfo: { name: 'autoplay-context', version: '1.2.3' },
      },
    });
  });

  it.each([0, 7, -1, 'server-discover-probe-1', ''])('answers the id %j', async (id) => {
    expect((await send(rpc('ping', undefined, id))).json).toEqual({
      jsonrpc: '2.0',
      id,
      result: {},
    });
  });

  it('lists the one tool, which takes nothing', async () => {
    const { json } = await send(rpc('tools/list'));
    expect(json.result).toEqual({
      tools: [
        {
          name: 'visitor_activity',
          description: 'What they did',
          inputSchema: { type: 'object', additionalProperties: false },
          annotations: { readOnlyHint: true, openWorldHint: false },
        },
      ],
    });
  });

  it.each([undefined, {}, null])('calls it with the arguments %j', async (args) => {
    const body = call();
    Object.assign(body.params, args !== undefined && { arguments: args });
    expect((await send(body)).json.result).toEqual({ content: [{ type: 'text', text: '{}' }] });
  });

  it.each([
    [{ name: 'other' }],
    [{}],
    [{ name: 'visitor_activity', arguments: [] }],
    [{ name: 'visitor_activity', arguments: { session_id: 'session_1111' } }],
    [{ name: 'visitor_activity', arguments: { constructor: 'x' } }],
  ])('refuses the call %j', async (params) => {
    expect(await send(rpc('tools/call', params))).toMatchObject({
      status: 200,
      json: { id: 0, error: { code: -32602 } },
    });
  });

  it('takes the parameters that a tool has, as texts', async () => {
    const tool = { parameters: { user_id: 'The user', email: 'The address' } };
    const { json } = await send(call({ user_id: 42, email: null }), {}, tool);
    expect(json.result.content[0].text).toBe('{"user_id":"42"}');
    expect((await send(call({ user_id: {} }), {}, tool)).json.error.code).toBe(-32602);
    expect((await send(rpc('tools/list'), {}, tool)).json.result.tools[0].inputSchema).toEqual({
      type: 'object',
      properties: {
        user_id: { type: 'string', description: 'The user' },
        email: { type: 'string', description: 'The address' },
      },
      additionalProperties: false,
    });
  });

  it('what the tool cannot answer is a result that says so', async () => {
    const tool = { call: () => Promise.resolve({ text: 'No.', isError: true }) };
    expect((await send(call(), {}, tool)).json.result).toEqual({
      content: [{ type: 'text', text: 'No.' }],
      isError: true,
    });
  });

  it('does not know other methods, nor those of the other era', async () => {
    for (const method of ['resources/list', 'server/discover', 'constructor']) {
      expect(await send(rpc(method))).toMatchObject({
        status: 200,
        json: { error: { code: -32601 } },
      });
    }
  });

  it('takes any of its versions in the header, or none, and refuses others as an old server would', async () => {
    const version = (value: string) => ({ 'mcp-protocol-version': value });
    expect((await send(rpc('ping'), version('2025-11-25'))).status).toBe(200);
    const { status, json } = await send(rpc('ping'), version('1999-01-01'));
    expect(status).toBe(400);
    expect(json.error.code).toBe(-32600);
  });
});

describe('since 2026-07-28', () => {
  const serverInfo = { [`${META}serverInfo`]: { name: 'autoplay-context', version: '1.2.3' } };

  it('says what it supports', async () => {
    expect(await modern('server/discover')).toEqual({
      status: 200,
      json: {
        jsonrpc: '2.0',
        id: 0,
        result: {
          resultType: 'complete',
          supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
          capabilities: { tools: {} },
          ttlMs: 60_000,
          cacheScope: 'private',
          _meta: serverInfo,
        },
      },
    });
  });

  it('lists and calls', async () => {
    const list = await modern('tools/list');
    expect(list.json.result).toMatchObject({ resultType: 'complete', cacheScope: 'private' });
    const called = await modern('tools/call', { name: 'visitor_activity' });
    expect(called.json.result).toEqual({
      resultType: 'complete',
      content: [{ type: 'text', text: '{}' }],
      _meta: serverInfo,
    });
    const encoded = `=?base64?${Buffer.from('visitor_activity').toString('base64')}?=`;
    const again = await modern('tools/call', { name: 'visitor_activity' }, { 'mcp-name': encoded });
    expect(again.status).toBe(200);
  });

  it.each(['initialize', 'ping', 'resources/list'])('does not know %s', async (method) => {
    expect(await modern(method)).toMatchObject({ status: 404, json: { error: { code: -32601 } } });
  });

  it.each<[string, object, Record<string, string | undefined>, number]>([
    ['no version in the header', {}, { 'mcp-protocol-version': undefined }, -32020],
    ['another version in the header', {}, { 'mcp-protocol-version': '2025-11-25' }, -32020],
    ['no method in the header', {}, { 'mcp-method': undefined }, -32020],
    ['another method in the header', {}, { 'mcp-method': 'ping' }, -32020],
    ['no name in the header', {}, { 'mcp-name': undefined }, -32020],
    ['another name in the header', {}, { 'mcp-name': 'x' }, -32020],
    ['an unknown tool', { name: 'x' }, { 'mcp-name': 'x' }, -32602],
    ['no version in the body', { _meta: {} }, {}, -32602],
    ['no capabilities', { _meta: { [`${META}protocolVersion`]: '2026-07-28' } }, {}, -32602],
  ])('refuses a call with %s', async (_, params, headers, code) => {
    const answer = await modern('tools/call', { name: 'visitor_activity', ...params }, headers);
    expect(answer).toMatchObject({ status: 400, json: { id: 0, error: { code } } });
  });

  it('tells a newer client what it supports', async () => {
    const headers = { 'mcp-protocol-version': '2030-01-01' };
    expect(await modern('tools/list', { _meta: meta('2030-01-01') }, headers)).toMatchObject({
      status: 400,
      json: {
        error: {
          code: -32022,
          data: { supported: expect.arrayContaining(['2026-07-28']), requested: '2030-01-01' },
        },
      },
    });
  });
});
