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
}

/** Somebody looks at a dropdown meanwhile. */
const LIST_TIMEOUT_MS = 20_000;

/**
 * A model behind OpenAI's chat completions, or a server that speaks them too.
 * It throws ServiceError, UnreachableError and OutcomeUnknownError as any service does.
 */
export function createOpenAiModel(options: OpenAiOptions): Model {
  const { baseUrl, model, temperature, maxTokens } = options;
  const client = clientOf(options);
  // OpenAI's newer models refuse `max_tokens`; many compatible servers know nothing else.
  let settings: Settings = /(^|\.)openai\.com$/.test(new URL(baseUrl).hostname)
    ? { temperature, max_completion_tokens: maxTokens }
    : { temperature, max_tokens: maxTokens };
  return async (prompt, signal) => {
    const messages = [{ role: 'user' as const, content: prompt }];
    for (;;) {
      const asked = { model, ...settings, messages };
      try {
        const completion = await client.chat.completions.create(asked, { signal });
        // Compatible servers answer a 200 without choices when they mean an error.
        return completion.choices?.[0]?.message?.content ?? '';
      } catch (error) {
        const others = withoutRefused(asked, error);
        if (!others) throw asServiceError(error);
        settings = others;
      }
    }
  };
}

interface Settings {
  temperature?: number;
  max_tokens?: number;
  max_completion_tokens?: number;
}

/**
 * The settings without the one that a model does not know, as its refusal names it: reasoning models have no
 * temperature, and call the limit by its newer name wherever they run. Undefined for any other error.
 */
function withoutRefused(settings: Settings, error: unknown): Settings | undefined {
  if (!(error instanceof OpenAI.BadRequestError) || !error.code?.startsWith('unsupported_')) return;
  const { temperature, max_tokens, max_completion_tokens } = settings;
  const limit = max_tokens === undefined ? { max_completion_tokens } : { max_tokens };
  if (error.param === 'temperature' && temperature !== undefined) return limit;
  if (error.param === 'max_tokens' && max_tokens !== undefined) {
    return { ...(temperature !== undefined && { temperature }), max_completion_tokens: max_tokens };
  }
  return undefined;
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
