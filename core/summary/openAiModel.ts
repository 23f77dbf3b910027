import { OpenAI } from 'openai';
import { asServiceError, orServiceError } from './modelErrors';
import type { Model } from './summarize';

/** OpenAI, or any server that speaks like it, and what opens it. */
export interface OpenAiServer {
  apiKey: string;
  /** E.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  organization?: string | undefined;
  headers?: Record<string, string> | undefined;
  fetch: typeof globalThis.fetch;
}

export interface OpenAiOptions extends OpenAiServer {
  model: string;
  temperature: number;
  maxTokens: number;
  /** What each model has refused before, by server and name; kept by whoever asks often. */
  refusals?: Map<string, Set<Refusable>>;
}

/** What some models do not know: reasoning models have no temperature, and call the limit by its newer name. */
type Refusable = 'temperature' | 'max_tokens';

/** Somebody looks at a dropdown meanwhile. */
const LIST_TIMEOUT_MS = 20_000;

/**
 * A model behind OpenAI's chat completions, or a server that speaks them too.
 * It throws ServiceError, UnreachableError and OutcomeUnknownError as any service does.
 */
export function createOpenAiModel(options: OpenAiOptions): Model {
  const {
    baseUrl,
    model,
    temperature,
    maxTokens,
    refusals = new Map<string, Set<Refusable>>(),
  } = options;
  const client = clientOf(options);
  const key = `${baseUrl} ${model}`;
  // OpenAI's newer models refuse `max_tokens`; many compatible servers know nothing else.
  const isOpenAi = /(^|\.)openai\.com$/.test(new URL(baseUrl).hostname);
  const refused = refusals.get(key) ?? new Set<Refusable>(isOpenAi ? ['max_tokens'] : []);
  refusals.set(key, refused);
  return async (prompt, signal) => {
    const messages = [{ role: 'user' as const, content: prompt }];
    for (;;) {
      const asked = {
        model,
        ...(!refused.has('temperature') && { temperature }),
        ...(refused.has('max_tokens')
          ? { max_completion_tokens: maxTokens }
          : { max_tokens: maxTokens }),
        messages,
      };
      try {
        const completion = await client.chat.completions.create(asked, { signal });
        // Compatible servers answer a 200 without choices when they mean an error.
        return completion.choices?.[0]?.message?.content ?? '';
      } catch (error) {
        const name = refusedBy(error);
        if (!name || !(name in asked)) throw asServiceError(error);
        refused.add(name);
      }
    }
  };
}

/** What a refusal names as unknown to the model; undefined for any other error. */
function refusedBy(error: unknown): Refusable | undefined {
  if (!(error instanceof OpenAI.BadRequestError)) return undefined;
  const { param } = error;
  // Compatible servers send numbers as codes.
  if (!String(error.code ?? '').startsWith('unsupported_')) return undefined;
  return param === 'temperature' || param === 'max_tokens' ? param : undefined;
}

/** The ids of the models that a server offers, in alphabetical order. Throws as any service does. */
export async function listModels(server: OpenAiServer): Promise<string[]> {
  const listing = clientOf(server).models.list({ timeout: LIST_TIMEOUT_MS });
  const { data } = await orServiceError(listing);
  return data.map(({ id }) => id).sort();
}

function clientOf({ apiKey, baseUrl, organization, headers, fetch }: OpenAiServer): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL: baseUrl,
    organization: organization || null,
    defaultHeaders: headers,
    fetch,
    // The caller decides how often and how long.
    maxRetries: 0,
  });
}
