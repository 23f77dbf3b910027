import { createHmac } from 'node:crypto';

import type { Clock } from '../../core/clock';
import {
  type AgentAddress,
  type Exchange,
  fieldsOf,
  guessed,
  type Occasion,
  post,
} from './exchange';

/** Crisp's own MCP demo is built on the SDK of this time. */
const PROTOCOL = '2025-06-18';

/** Where Hugo asks, and for which website. */
export interface HugoAddress extends AgentAddress {
  /** Sent as Bearer beside the signature; '' for none. */
  token: string;
  websiteId: string;
}

/**
 * Crisp's Hugo asks an external MCP server: it lists the tools, as Crisp does when the server is set up, and calls the
 * first one from the conversation, without arguments.
 *
 * @param sessionId the conversation's id, as everywhere in Crisp's API
 */
export async function askAsHugo(
  address: HugoAddress,
  sessionId: string,
  { question, forged }: Occasion,
  clock: Clock,
): Promise<Exchange> {
  const at = clock.now();
  const { url } = address;
  const signing = { ...address, ...(forged && { secret: guessed(address.secret) }) };
  const list = call(1, 'tools/list', {});
  const listed = await post(url, hugoHeaders(list, signing, at), list, clock);
  const tools = resultOf(listed.text)?.tools as { name: string }[] | undefined;
  const params = { name: tools?.[0]?.name ?? 'visitor_activity', arguments: {} };
  const body = call(2, 'tools/call', params);
  const headers = hugoHeaders(body, signing, clock.now(), sessionId);
  const sent = await post(url, headers, body, clock);

  const identity = Object.entries(headers)
    .filter(([name]) => name.startsWith('X-Crisp-'))
    .map(([name, value]) => ({ name, value }));
  const content = resultOf(sent.text)?.content as { text?: unknown }[] | undefined;
  const text = typeof content?.[0]?.text === 'string' ? content[0].text : sent.text;
  const answer = content ? fieldsOf(text) : null;
  return { at, agent: 'Hugo', question, identity, forged, ...sent, answer, text };
}

const call = (id: number, method: string, params: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

/** The headers of every request to an MCP server; the session only within a conversation. */
export function hugoHeaders(
  body: string,
  { websiteId, secret, token }: Omit<HugoAddress, 'url'>,
  now: number,
  sessionId?: string,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const hmac = createHmac('sha256', secret).update(`${timestamp}.${websiteId}.${body}`);
  return {
    Accept: 'application/json, text/event-stream',
    'MCP-Protocol-Version': PROTOCOL,
    'X-Crisp-Website-Id': websiteId,
    'X-Crisp-Timestamp': timestamp,
    'X-Crisp-Signature': `sha256=${hmac.digest('hex')}`,
    ...(token && { Authorization: `Bearer ${token}` }),
    // Servers have got the UUID alone, though the documentation says session ID.
    ...(sessionId && { 'X-Crisp-Session-Id': sessionId.replace(/^session_/, '') }),
  };
}

/** The result in an answer of JSON-RPC; undefined for an error and for anything else. */
function resultOf(text: string): Record<string, unknown> | undefined {
  const result = fieldsOf(text)?.result;
  return typeof result === 'object' && result !== null
    ? (result as Record<string, unknown>)
    : undefined;
}
