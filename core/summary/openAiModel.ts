import { OpenAI } from 'openai';
import type { Clock } from '../clock';
import { fields, isObject, list, textOrNull } from '../values';
import { noAnswer } from '../http/errors';
import { completionText, notACompletion } from './completion';
import { errorIn, MODEL_SERVER, UnusableAnswerError, type ModelReply } from './modelErrors';
import { limitNames, refusedBy, type Refusable, type Refusals } from './refusals';
import type { Model } from './summarize';

/** OpenAI, or any server that speaks like it, and what opens it. */
export interface OpenAiServer {
  /** Empty for a server that wants none. */
  apiKey: string;
  /** E.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  organization?: string | undefined;
  headers?: Record<string, string> | undefined;
  fetch: typeof globalThis.fetch;
  clock: Pick<Clock, 'now'>;
}

interface OpenAiOptions extends OpenAiServer {
  model: string;
  /** Left out where it is not given. */
  temperature?: number | undefined;
  /** Left out where it is not given. */
  maxTokens?: number | undefined;
  /** What each model has refused before, by server and name; kept by callers that ask often. */
  refusals?: Refusals;
}

/** A user is waiting for the dropdown. */
const LIST_TIMEOUT_MS = 20_000;

/**
 * A model behind OpenAI's chat completions, or a server that speaks them too.
 * It throws ServiceError, UnreachableError and OutcomeUnknownError as any service does, and UnusableAnswerError.
 */
export function createOpenAiModel(options: OpenAiOptions): Model {
  const {
    baseUrl,
    model,
    temperature,
    maxTokens,
    clock,
    refusals = new Map() as Refusals,
  } = options;
  const key = `${baseUrl} ${model}`;
  const refused = refusals.get(key) ?? new Set<Refusable>();
  refusals.set(key, refused);
  const limits = limitNames(baseUrl);
  return async (prompt, signal) => {
    for (;;) {
      const limit = limits.find((name) => !refused.has(name));
      const settings = {
        ...(temperature !== undefined && !refused.has('temperature') && { temperature }),
        ...(maxTokens !== undefined && limit && { [limit]: maxTokens }),
      };
      const messages = [{ role: 'user' as const, content: prompt }];
      try {
        const asked = { model, ...settings, messages };
        const reply = await call(options, signal, (client) =>
          client.chat.completions.create(asked, { signal }).asResponse(),
        );
        return completionText(reply, clock.now());
      } catch (error) {
        const names = refusedBy(error, Object.keys(settings) as Refusable[]);
        if (names.length === 0) throw error;
        names.forEach((name) => refused.add(name));
      }
    }
  };
}

/** Where servers list their models: OpenAI and most others, Ollama and Google, and those that give the list itself. */
const LISTED_IN = ['data', 'models'];
const NAMED_BY = ['id', 'name', 'model'];

/** The ids of the models that a server offers, in alphabetical order. Throws as {@link createOpenAiModel}. */
export async function listModels(server: OpenAiServer): Promise<string[]> {
  const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
  const reply = await call(server, signal, (client) => client.models.list({ signal }).asResponse());
  const { body } = reply;
  if (fields(body).error) throw errorIn(reply, server.clock.now());
  const listed = [body, ...LISTED_IN.map((name) => fields(body)[name])].find(Array.isArray);
  if (!listed) throw notACompletion(body);
  const ids = list(listed).map((one) =>
    textOrNull(isObject(one) ? NAMED_BY.map((name) => one[name]).find(Boolean) : one),
  );
  return [...new Set(ids.filter((id) => id !== null))].sort();
}

/**
 * One request of OpenAI's client, and what came back as the server sent it: the client hides what compatible servers say
 * in another shape than OpenAI's.
 * @throws ServiceError for any status but one of success
 */
async function call(
  server: OpenAiServer,
  signal: AbortSignal,
  ask: (client: OpenAI) => Promise<unknown>,
): Promise<ModelReply> {
  let came: { answer: Response; text: string } | undefined;
  let failure: unknown;
  const client = clientOf(server, async (url, init) => {
    try {
      const answer = await server.fetch(url, init);
      came = { answer, text: await answer.text() };
    } catch (error) {
      failure = error;
      throw error;
    }
    return Response.json({});
  });
  await ask(client).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw failure === undefined ? error : noAnswer(MODEL_SERVER, failure);
  });
  const { answer, text } = came!;
  if (answer.status >= 300 && answer.status < 400) throw redirected(answer);
  const reply = { status: answer.status, headers: answer.headers, body: parsed(text) };
  if (!answer.ok) throw errorIn(reply, server.clock.now());
  return reply;
}

/** OpenAI's client, which sends what the credential says and nothing that the environment of the process holds for it. */
function clientOf(
  { apiKey, baseUrl, organization, headers }: OpenAiServer,
  send: (url: string | URL | Request, init: RequestInit) => Promise<Response>,
): OpenAI {
  // A server's address may come with a query, as Azure's `api-version`.
  const address = new URL(baseUrl);
  const defaultQuery = Object.fromEntries(address.searchParams);
  address.search = '';
  return new OpenAI({
    // The client wants one; what is sent is decided below.
    apiKey: apiKey || 'none',
    baseURL: address.href.replace(/\/$/, ''),
    defaultQuery,
    // The caller decides how often and how long.
    maxRetries: 0,
    logLevel: 'off',
    fetch: async (url, init) =>
      await send(url, {
        ...init,
        // To another address, a POST would arrive as a GET, and the key would go with it.
        redirect: 'manual',
        headers: {
          accept: 'application/json',
          ...(init?.body && { 'content-type': 'application/json' }),
          ...(apiKey && { authorization: `Bearer ${apiKey}` }),
          ...(organization && { 'openai-organization': organization }),
          ...headers,
        },
      }),
  });
}

function redirected({ headers }: Response): Error {
  const to = URL.parse(headers.get('location') ?? '');
  const where = to ? ` to ${to.origin}` : '';
  return new UnusableAnswerError(
    `The model's server redirects${where}`,
    'Enter the address that it redirects to as Base URL in the OpenAI credential, beginning with https:// where it does.',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
