import type { Clock } from '../clock';
import { fields, isObject, list, textOrNull } from '../http/fields';
import { noAnswer } from '../http/noAnswer';
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

export interface OpenAiOptions extends OpenAiServer {
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
        const reply = await call(options, 'chat/completions', {
          method: 'POST',
          body: JSON.stringify({ model, ...settings, messages }),
          signal,
        });
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
  const reply = await call(server, 'models', { signal: AbortSignal.timeout(LIST_TIMEOUT_MS) });
  const { body } = reply;
  if (fields(body).error) throw errorIn(reply, server.clock.now());
  const listed = [body, ...LISTED_IN.map((name) => fields(body)[name])].find(Array.isArray);
  if (!listed) throw notACompletion(body);
  const ids = list(listed).map((one) =>
    textOrNull(isObject(one) ? NAMED_BY.map((name) => one[name]).find(Boolean) : one),
  );
  return [...new Set(ids.filter((id) => id !== null))].sort();
}

/** One request. @throws ServiceError for any status but one of success */
async function call(
  { apiKey, baseUrl, organization, headers, fetch, clock }: OpenAiServer,
  path: string,
  init: RequestInit,
): Promise<ModelReply> {
  const response = await fetch(addressOf(baseUrl, path), {
    ...init,
    // To another address, a POST would arrive as a GET, and the key would go with it.
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...(init.body && { 'content-type': 'application/json' }),
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      ...(organization && { 'openai-organization': organization }),
      ...headers,
    },
  })
    .then(async (answer) => ({ answer, text: await answer.text() }))
    .catch((error: unknown) => {
      throw init.signal?.aborted ? error : noAnswer(MODEL_SERVER, error);
    });
  const { status } = response.answer;
  if (status >= 300 && status < 400) throw redirected(response.answer);
  const reply = { status, headers: response.answer.headers, body: parsed(response.text) };
  if (!response.answer.ok) throw errorIn(reply, clock.now());
  return reply;
}

/** A server's address may come with a query, as Azure's `api-version`. */
function addressOf(baseUrl: string, path: string): string {
  const url = new URL(baseUrl);
  url.pathname += url.pathname.endsWith('/') ? path : `/${path}`;
  return url.href;
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
