import { OpenAI } from 'openai';
import { orServiceError } from './modelErrors';
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
  const limit = /(^|\.)openai\.com$/.test(new URL(baseUrl).hostname)
    ? { max_completion_tokens: maxTokens }
    : { max_tokens: maxTokens };
  return async (prompt, signal) => {
    const asked = {
      model,
      temperature,
      ...limit,
      messages: [{ role: 'user' as const, content: prompt }],
    };
    const completion = await orServiceError(client.chat.completions.create(asked, { signal }));
    // Compatible servers answer a 200 without choices when they mean an error.
    return completion.choices?.[0]?.message?.content ?? '';
  };
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
