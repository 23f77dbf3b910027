import { OpenAI } from 'openai';
import { orServiceError } from './modelErrors';
import type { Model } from './summarize';

export interface OpenAiOptions {
  apiKey: string;
  /** Of any compatible server, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  organization?: string | undefined;
  headers?: Record<string, string> | undefined;
  model: string;
  temperature: number;
  maxTokens: number;
  fetch: typeof globalThis.fetch;
}

/**
 * A model behind OpenAI's chat completions, or a server that speaks them too.
 * It throws ServiceError, UnreachableError and OutcomeUnknownError as any service does.
 */
export function createOpenAiModel(options: OpenAiOptions): Model {
  const { apiKey, baseUrl, organization, headers, model, temperature, maxTokens } = options;
  const client = new OpenAI({
    apiKey,
    baseURL: baseUrl,
    organization: organization || null,
    defaultHeaders: headers,
    fetch: options.fetch,
    // The caller decides how often and how long.
    maxRetries: 0,
  });
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
