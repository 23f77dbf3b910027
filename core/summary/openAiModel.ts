import { OpenAI } from 'openai';
import type { Clock } from '../clock';
import { fields, isObject, list, textOrNull } from '../values';
import { noAnswer } from '../http/errors';
import { completionText, notAnswered } from './completion';
import { errorIn, MODEL_SERVER, UnusableAnswerError, type ModelReply } from './modelErrors';
import { limitNames, refusedBy, type Refusable, type Refusals } from './refusals';
import type { Model } from './summarize';

/** OpenAI or a compatible server, and how to reach it. */
export interface OpenAiServer {
  /** '' for a server that needs none. */
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
  /** The model's own if left out. */
  temperature?: number | undefined;
  /** The model's own if left out. */
  maxTokens?: number | undefined;
  /** The settings that each model has refused before, by server and name; kept by callers that ask often. */
  refusals?: Refusals;
}

/** Short, because a user waits for the dropdown. */
const LIST_TIMEOUT_MS = 20_000;

/**
 * A model behind OpenAI's chat completions or a compatible server.
 * It throws ServiceError, UnreachableError and OutcomeUnknownError as other services do, and UnusableAnswerError.
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

/** The fields in which servers list their models: OpenAI's and most others', and those of Ollama and Google. Some return the list itself. */
const LISTED_IN = ['data', 'models'];
const NAMED_BY = ['id', 'name', 'model'];

/** The ids of the models that a server offers, in alphabetical order. Throws as {@link createOpenAiModel}. */
export async function listModels(server: OpenAiServer): Promise<string[]> {
  const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
  const reply = await call(server, signal, (client) => client.models.list({ signal }).asResponse());
  const { body } = reply;
  if (fields(body).error) throw errorIn(reply, server.clock.now());
  const listed = [body, ...LISTED_IN.map((name) => fields(body)[name])].find(Array.isArray);
  if (!listed) throw notAnswered(reply, server.clock.now());
  const ids = list(listed).map((one) =>
    textOrNull(isObject(one) ? NAMED_BY.map((name) => one[name]).find(Boolean) : one),
  );
  return [...new Set(ids.filter((id) => id !== null))].sort();
}

/**
 * Makes one request with OpenAI's client and returns the answer as the server sent it: the client hides what compatible
 * servers say in another shape than OpenAI's.
 * @throws ServiceError for any status but success
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

/** OpenAI's client. It sends the credential's values and nothing from the environment of the process. */
function clientOf(
  { apiKey, baseUrl, organization, headers }: OpenAiServer,
  send: (url: string | URL | Request, init: RequestInit) => Promise<Response>,
): OpenAI {
  // A server's address may have a query, such as Azure's `api-version`.
  const address = new URL(baseUrl);
  const defaultQuery = Object.fromEntries(address.searchParams);
  address.search = '';
  return new OpenAI({
    // The client requires one; the headers below decide what is sent.
    apiKey: apiKey || 'none',
    baseURL: address.href.replace(/\/$/, ''),
    defaultQuery,
    // The caller decides about attempts and time limits.
    maxRetries: 0,
    logLevel: 'off',
    fetch: async (url, init) =>
      await send(url, {
        ...init,
        // The key would go to the other address, and a POST would arrive there as a GET.
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
