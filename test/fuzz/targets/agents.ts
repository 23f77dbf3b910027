import fc from 'fast-check';
import { answerOf, MAX_ANSWER } from '../../../core/agents/answer';
import { bearerOf } from '../../../core/agents/http';
import { readHugo } from '../../../core/agents/hugo';
import { answerMcp, type McpServer } from '../../../core/agents/mcp';
import { isObject } from '../../../core/values';
import { action } from '../../support/batches';
import { hostileRecord, hostileText, hostileValue } from '../arbitraries';
import { mutated } from '../mutate';
import { must, type Target } from '../target';

const NOW = 1_767_225_600_000;
const META = 'io.modelcontextprotocol/';

const server: McpServer = {
  name: 'server',
  version: '1',
  tool: {
    name: 'visitor_activity',
    description: '',
    parameters: { user_id: '' },
    call: (given) => Promise.resolve({ text: JSON.stringify(given) }),
  },
};

const meta = (version: unknown) => ({
  [`${META}protocolVersion`]: version,
  [`${META}clientCapabilities`]: {},
});
const methods = fc.constantFrom(
  ...[
    'initialize',
    'ping',
    'tools/list',
    'tools/call',
    'server/discover',
    'notifications/x',
    '__proto__',
  ],
);
const params = fc
  .tuple(
    hostileRecord('name', 'arguments', '_meta', 'protocolVersion'),
    fc.record({ name: fc.constant('visitor_activity'), arguments: hostileValue }),
    fc.oneof(fc.constant(undefined), fc.constant('2026-07-28'), hostileValue),
  )
  .map(([odd, good, version]) => ({
    ...odd,
    ...good,
    ...(version !== undefined && { _meta: meta(version) }),
  }));
const message = fc.record({
  jsonrpc: fc.constant('2.0'),
  id: fc.oneof(fc.nat(), fc.string(), hostileValue),
  method: fc.oneof({ weight: 5, arbitrary: methods }, { weight: 1, arbitrary: hostileValue }),
  params: fc.oneof({ weight: 5, arbitrary: params }, { weight: 1, arbitrary: hostileValue }),
});
const headers = fc.record({
  'mcp-protocol-version': fc.constantFrom('', '2026-07-28', '2025-06-18', 'x'),
  'mcp-method': methods,
  'mcp-name': fc.oneof(fc.constantFrom('visitor_activity', '=?base64??='), hostileText),
});

async function checkMcp(body: string, sent: Record<string, unknown>): Promise<void> {
  const { status, body: said } = await answerMcp(
    { headers: sent, rawBody: Buffer.from(body) },
    server,
  );
  must([200, 202, 400, 404].includes(status), 'an odd status', [body, status]);
  if (status === 202) return must(said === '', 'words to a notification', body);
  const answer: unknown = JSON.parse(said);
  must(isObject(answer) && answer.jsonrpc === '2.0' && 'id' in answer, 'no answer', [body, said]);
  must(isObject(answer.result) !== isObject(answer.error), 'not one of two', [body, said]);
  must(status === 200 || isObject(answer.error), 'a failure without a reason', [body, said]);
}

const actions = fc.array(
  fc.record({ description: hostileText, url: hostileText, signal: hostileText, at: hostileValue }),
  { maxLength: 60 },
);

export const agentTargets: Target[] = [
  {
    name: 'agents: a message of MCP of any shape is answered by the rules of JSON-RPC',
    share: 10,
    property: fc.asyncProperty(message, headers, async (given, sent) => {
      await checkMcp(JSON.stringify(given) ?? '', sent);
    }),
  },
  {
    name: 'agents: a damaged message of MCP is answered as well',
    share: 5,
    property: fc.asyncProperty(
      mutated(message.map((given) => JSON.stringify(given) ?? '')),
      headers,
      async (given, sent) => await checkMcp(given.toString(), sent),
    ),
  },
  {
    name: 'agents: nobody becomes Hugo by headers of any shape',
    share: 5,
    property: fc.property(
      hostileRecord(
        'x-crisp-website-id',
        'x-crisp-timestamp',
        'x-crisp-signature',
        'x-crisp-session-id',
      ),
      (sent) => {
        const rules = { secrets: ['mcp_sec_1', ''], websiteId: 'w' };
        must(!readHugo({ headers: sent, rawBody: Buffer.alloc(0) }, rules, NOW).ok, 'let in', sent);
      },
    ),
  },
  {
    name: 'agents: an answer is small, and closes no fence, whatever pages say',
    share: 5,
    property: fc.property(actions, hostileText, (all, summary) => {
      const session = { memory: 'm', product_id: 'p', session_id: 's', user_id: null, email: null };
      const found = {
        session: { ...session, stream_conversation_id: null, links: {} },
        ...{ last_seen_at: NOW, summary, project_url: null },
        actions: all.map(({ description, url, signal, at }) => {
          const timestamp_start = typeof at === 'number' ? at : null;
          return action({ description, canonical_url: url, signal, timestamp_start });
        }),
      };
      const form = { windowMs: 60_000, includeSummary: true, isTeam: false };
      const said = JSON.stringify(answerOf(found, form, NOW));
      must(Buffer.byteLength(said) <= MAX_ANSWER, 'too long', said);
      must(!/[<>]/.test(said) && said.isWellFormed(), 'not cleaned', said);
    }),
  },
];

/** See `patterns.ts`. */
export const agentReaders = [
  {
    file: 'core/agents/http.ts',
    pieces: ['bearer ', 'bearer', ' ', '\t', 'a', '\n'],
    read: (authorization: string) => bearerOf({ headers: { authorization } }),
  },
  {
    file: 'core/agents/mcp.ts',
    pieces: ['=?base64?', '?=', '=', '?', 'a', ' ', '\n'],
    // What reads the header comes before the first wait.
    read: (name: string) =>
      answerMcp(
        {
          headers: {
            'mcp-protocol-version': '2026-07-28',
            'mcp-method': 'tools/call',
            'mcp-name': name,
          },
          rawBody: Buffer.from(
            JSON.stringify({
              jsonrpc: '2.0',
              id: 1,
              method: 'tools/call',
              params: { _meta: meta('2026-07-28') },
            }),
          ),
        },
        server,
      ),
  },
];
