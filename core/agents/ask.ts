import type { Clock } from '../clock';
import { constantTimeEqual, isSecret } from '../http/signature';
import { personIdOrNull } from '../identity';
import { chatKey } from '../memory/chatKey';
import type { RecallQuery, Recollection } from '../memory/types';
import { asError, fields, isObject } from '../values';
import { answerOf, type Answer } from './answer';
import {
  bearerOf,
  emptyResponse,
  headerOf,
  jsonResponse,
  MAX_BODY,
  refusal,
  type AgentRequest,
  type AgentResponse,
} from './http';
import { readHugo, type HugoRules } from './hugo';
import { answerMcp, type McpServer } from './mcp';
import type { RateLimit } from './rateLimit';
import { readUserToken, type TokenRules } from './userToken';

/** Who asks, and how they prove it. */
export type Asker =
  /** Intercom's Fin with a token of the visitor: the token alone says who they are. */
  | { kind: 'finToken'; rules: TokenRules }
  /** Fin with a secret: Intercom's settings say who the visitor is, in the input `user_id`. */
  | { kind: 'finSecret'; secret: string }
  /** Crisp's Hugo: the conversation says who. @param token asked for beside the signature; '' for none */
  | { kind: 'hugo'; rules: HugoRules; token: string }
  /** Agents of the team, who may name anybody. */
  | { kind: 'agents'; token: string };

/** What a question is answered with. */
export interface AskParts {
  asker: Asker;
  recall(query: RecallQuery): Promise<Recollection | null>;
  /** How far back actions are listed, in milliseconds. */
  windowMs: number;
  maxActions: number;
  includeSummary: boolean;
  /** Needed only if the memory holds several products. */
  productId: string | undefined;
  /** How the tool is described to a model. */
  tool: { name: string; description: string };
  version: string;
  perMinute: number;
  limit: RateLimit;
  clock: Clock;
}

/** One question that was answered. */
export interface Question {
  asker: 'fin' | 'hugo' | 'agents';
  /** In which the visitor asked; null where that is not proven. */
  conversation_id: string | null;
  session_id: string | null;
  product_id: string | null;
  user_id: string | null;
  answer: Answer;
}

/** What is sent back, with the question if it was one, or why the request was refused. */
export interface Asked {
  response: AgentResponse;
  question?: Question;
  refused?: string;
  /** What kept the memory from answering. */
  trouble?: Error;
}

/** Whom an asker may ask about. Nothing else of a request decides it. */
type Subject =
  | { conversation_id: string; chat: string }
  | { session_id?: string; user_id?: string; email?: string };

/**
 * Answers one request. What it costs to check is bounded before it is checked.
 * @throws Error for a key of the settings that cannot be one
 */
export async function ask(request: AgentRequest, parts: AskParts): Promise<Asked> {
  const early = refuseEarly(request, parts.asker);
  if (early) return { response: early };
  const { asker } = parts;
  switch (asker.kind) {
    case 'hugo':
      return await askHugo(request, asker, parts);
    case 'agents':
      return await askAgents(request, asker, parts);
    default:
      return await askFin(request, asker, parts);
  }
}

/** What no proof could make right; undefined if there is nothing. */
function refuseEarly(request: AgentRequest, { kind }: Asker): AgentResponse | undefined {
  const { method, rawBody } = request;
  const isMcp = kind === 'hugo' || (kind === 'agents' && wantsStream(request));
  const methods = isMcp ? ['POST'] : ['GET', 'POST'];
  if (method === 'HEAD' && !isMcp) return emptyResponse(200);
  if (!methods.includes(method)) {
    return refusal(405, 'method_not_allowed', { Allow: methods.join(', ') });
  }
  // Fin, Hugo and agents ask from servers. A web page must not use a token that it finds in the browser.
  if (request.headers.origin !== undefined) return refusal(403, 'origin_not_allowed');
  if (rawBody.length > MAX_BODY) return refusal(413, 'too_large');
  return undefined;
}

/** An MCP client that tries for a stream of the server's own. */
function wantsStream(request: AgentRequest): boolean {
  return request.method !== 'POST' && headerOf(request, 'accept').includes('text/event-stream');
}

async function askFin(
  request: AgentRequest,
  asker: Extract<Asker, { kind: 'finToken' | 'finSecret' }>,
  parts: AskParts,
): Promise<Asked> {
  let userId: string | null;
  if (asker.kind === 'finToken') {
    const holder = await readUserToken(bearerOf(request), asker.rules, parts.clock.now());
    if (!holder.ok) return unauthorized(holder.why);
    ({ userId } = holder);
  } else {
    if (!isBearer(request, asker.secret)) return unauthorized('invalid_token');
    userId = personIdOrNull(inputsOf(request)?.user_id);
  }
  const late = tooOften(parts, userId ?? '');
  if (late) return late;
  // Without a usable user id, Fin gets the answer for an unknown visitor, because it takes an error for an outage.
  const subject = userId === null ? undefined : { user_id: userId };
  return await answerPlainly('fin', subject, parts);
}

async function askHugo(
  request: AgentRequest,
  { rules, token }: Extract<Asker, { kind: 'hugo' }>,
  parts: AskParts,
): Promise<Asked> {
  const read = readHugo(request, rules, parts.clock.now());
  if (!read.ok) return unauthorized(read.why);
  if (token !== '' && !isBearer(request, token)) return unauthorized('invalid_token');
  const { conversationId } = read;
  const late = tooOften(parts, conversationId ?? '');
  if (late) return late;
  const chat = chatKey('crisp', rules.websiteId);
  return await askOverMcp(request, parts, {}, async () =>
    conversationId === null
      ? NO_CONVERSATION
      : await look('hugo', { chat, conversation_id: conversationId }, parts),
  );
}

const NO_CONVERSATION =
  'This was not asked in a conversation, so there is no visitor to look up. Ask in a conversation.';

async function askAgents(
  request: AgentRequest,
  { token }: Extract<Asker, { kind: 'agents' }>,
  parts: AskParts,
): Promise<Asked> {
  if (!isBearer(request, token)) return unauthorized('invalid_token');
  const late = tooOften(parts, '');
  if (late) return late;
  const inputs = inputsOf(request);
  const isMcp = request.method === 'POST' && (!inputs || inputs.jsonrpc !== undefined);
  if (isMcp) {
    return await askOverMcp(request, parts, NAMES, async (given) => {
      const subject = namedIn(given);
      return subject ? await look('agents', subject, parts) : NOBODY_NAMED;
    });
  }
  const subject = namedIn(inputs ?? {});
  if (!subject) return { response: refusal(400, NOBODY_NAMED) };
  return await answerPlainly('agents', subject, parts);
}

/** Answers a question of plain HTTP. */
async function answerPlainly(
  asker: Question['asker'],
  subject: Subject | undefined,
  parts: AskParts,
): Promise<Asked> {
  try {
    const question = await look(asker, subject, parts);
    return { response: jsonResponse(200, question.answer), question };
  } catch (error) {
    const response = refusal(503, 'unavailable', { 'Retry-After': '5' });
    return { response, trouble: asError(error) };
  }
}

const NAMES = {
  session_id: 'The ID of the session, if it was given',
  user_id: 'The ID of the user, if it was given',
  email: 'The email address of the visitor, if it was given',
};
const NOBODY_NAMED = 'Name a visitor by session_id, user_id or email.';

function namedIn(given: Readonly<Record<string, unknown>>): Subject | undefined {
  const session_id = personIdOrNull(given.session_id);
  const user_id = personIdOrNull(given.user_id);
  const email = personIdOrNull(given.email);
  if (session_id === null && user_id === null && email === null) return undefined;
  return {
    ...(session_id !== null && { session_id }),
    ...(user_id !== null && { user_id }),
    ...(email !== null && { email }),
  };
}

/** Answers a message of MCP. @param answer a question that was looked up, or a sentence why none could be */
async function askOverMcp(
  request: AgentRequest,
  { tool, version }: AskParts,
  parameters: McpServer['tool']['parameters'],
  answer: (given: Readonly<Record<string, string>>) => Promise<Question | string>,
): Promise<Asked> {
  let question: Question | undefined;
  let trouble: Error | undefined;
  const response = await answerMcp(request, {
    name: 'autoplay-context',
    version,
    tool: {
      ...tool,
      parameters,
      async call(given) {
        try {
          const found = await answer(given);
          if (typeof found === 'string') return { text: found, isError: true };
          question = found;
          return { text: JSON.stringify(found.answer) };
        } catch (error) {
          trouble = asError(error);
          return { text: NOT_NOW, isError: true };
        }
      },
    },
  });
  return { response, ...(question && { question }), ...(trouble && { trouble }) };
}

const NOT_NOW = 'What the visitor has been doing cannot be looked up right now. Go on without it.';

/** Looks up what is known of a subject; nothing for none. */
async function look(
  asker: Question['asker'],
  subject: Subject | undefined,
  { recall, windowMs, maxActions, includeSummary, productId, clock }: AskParts,
): Promise<Question> {
  const query = { ...subject, product_id: productId, windowMs, maxActions };
  const found = subject ? await inTime(recall(query), clock) : null;
  const form = { windowMs, includeSummary, isTeam: asker === 'agents' };
  return {
    asker,
    conversation_id: subject && 'conversation_id' in subject ? subject.conversation_id : null,
    session_id: found?.session.session_id ?? null,
    product_id: found?.session.product_id ?? null,
    user_id: found?.session.user_id ?? null,
    answer: answerOf(found, form, clock.now()),
  };
}

/** Fin gives up after 15 seconds, and a visitor sooner, in milliseconds. */
const PATIENCE_MS = 8_000;

/** @throws Error when it takes too long */
async function inTime<T>(work: Promise<T>, clock: Clock): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(PATIENCE_MS, () => reject(new Error('the memory took too long')));
  try {
    return await Promise.race([work, promise]);
  } finally {
    cancel();
  }
}

/** The inputs of plain HTTP: a JSON object, or the address's query. Undefined for a body that is neither empty nor one. */
function inputsOf({ method, query, rawBody }: AgentRequest): Record<string, unknown> | undefined {
  if (method === 'GET') return fields(query);
  if (rawBody.length === 0) return fields(query);
  try {
    const body: unknown = JSON.parse(rawBody.toString('utf8'));
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function isBearer(request: AgentRequest, secret: string): boolean {
  return isSecret(secret) && constantTimeEqual(bearerOf(request), secret);
}

function unauthorized(why: string): Asked {
  return { response: refusal(401, why, { 'WWW-Authenticate': 'Bearer' }), refused: why };
}

/** @param asker tells those apart who ask with the same proof */
function tooOften(
  { limit, perMinute, asker: { kind } }: AskParts,
  asker: string,
): Asked | undefined {
  const seconds = limit.take(JSON.stringify([kind, asker]), perMinute);
  if (seconds === 0) return undefined;
  return { response: refusal(429, 'too_many_questions', { 'Retry-After': String(seconds) }) };
}
