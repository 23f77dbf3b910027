import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { pushBounded } from '../bounded';
import { type Clock, systemClock } from '../../core/clock';
import { type Address, closeServer, listenOn } from '../http/listen';
import { bearerToken, readText, sendJson, sendJsonText } from '../http/messages';
import { answerTo } from './answers';
import { chatCompletion, chatCompletionEvents, chatPrompt } from './chatCompletions';
import { parseBody, requireModel } from './checks';
import { type Completion, type ServerEvent, tokens } from './completion';
import { isModelError, modelError } from './errors';
import type { Form } from './forms';
import type { Prompt } from './prompt';
import { modelResponse, modelResponseEvents, responsesPrompt } from './responses';
import { callFor } from './tools';

/**
 * How the model treats its callers:
 * - `normal`: answers;
 * - `status`: fails with this status;
 * - `empty` and `null`: answers without saying anything;
 * - `hang`: never answers;
 * - `malformed`: answers 200 with broken JSON;
 * - `form`: answers as another server or model does, one of `forms`.
 * With `times`, it returns to `normal` after that many requests.
 */
type ModelBehaviour = { times?: number } & (
  | { mode: 'normal' | 'empty' | 'null' | 'hang' | 'malformed' }
  | { mode: 'status'; status: number; retryAfter?: number; message?: string }
  | { mode: 'form'; form: Form }
);

export type ModelLatency = number | ((prompt: Prompt) => number);

interface ModelOptions {
  apiKey: string;
  models?: readonly string[];
  /** Milliseconds before each answer, fixed or by prompt. */
  latency?: ModelLatency;
  /** Writes the answers that call no tool. By default they are made from the prompt. */
  answer?: (prompt: Prompt) => string;
  /** Texts of prompts as they are shipped: what a prompt says besides is repeated in the answer. */
  knownPrompts?: readonly string[] | undefined;
  /** Requests kept in `requests`. Default 1 000. */
  journalSize?: number | undefined;
  clock?: Clock;
}

/** One request that asked for an answer. */
export interface ModelRequest {
  /** Epoch milliseconds. */
  at: number;
  path: string;
  model: string;
  body: Record<string, unknown>;
  prompt: Prompt;
  /** The answer; null before it is given, and after a failure. */
  answer: string | null;
  /** The tokens that the answer reports, see {@link Completion.usage}; null as long as there is no answer. */
  usage: Completion['usage'] | null;
}

export interface ModelSimulator {
  /** Resolves to the server's origin; clients of OpenAI are given `${url}/v1`. */
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
  behave(behaviour: ModelBehaviour): void;
  setLatency(latency: ModelLatency): void;
  /** Whether the latest caller had a wrong key; undefined before the first call. */
  refused(): boolean | undefined;
  /** The newest that were well-formed and authorised, oldest first. */
  requests: ModelRequest[];
}

interface Endpoint {
  prompt(body: Record<string, unknown>): Prompt;
  whole(completion: Completion): unknown;
  events(completion: Completion, body: Record<string, unknown>): ServerEvent[];
}

/** Answers name it, because the model that was asked for did not write them. */
const NAME = 'simulated-model';
const REQUESTS_KEPT = 1_000;
const MODELS = ['gpt-4o-mini', 'gpt-4o', 'gpt-4.1-mini', 'gpt-5-mini'];

const endpoints: Record<string, Endpoint> = {
  '/v1/chat/completions': {
    prompt: chatPrompt,
    whole: chatCompletion,
    events: (completion, { stream_options }) =>
      chatCompletionEvents(
        completion,
        Boolean((stream_options as { include_usage?: boolean } | undefined)?.include_usage),
      ),
  },
  '/v1/responses': { prompt: responsesPrompt, whole: modelResponse, events: modelResponseEvents },
};

/** A language model behind OpenAI's API: chat completions, responses and the list of models. */
export function createModelSimulator(options: ModelOptions): ModelSimulator {
  const { apiKey, models = MODELS, knownPrompts, clock = systemClock } = options;
  const { journalSize = REQUESTS_KEPT } = options;
  const { answer = (prompt: Prompt) => answerTo(prompt, knownPrompts) } = options;
  const requests: ModelRequest[] = [];
  let latency: ModelLatency = options.latency ?? 0;
  let behaviour: ModelBehaviour = { mode: 'normal' };
  let left = Infinity;
  let serial = 0;
  let refused: boolean | undefined;

  const currentBehaviour = (): ModelBehaviour => {
    if (left <= 0) behaviour = { mode: 'normal' };
    left -= 1;
    return behaviour;
  };

  const complete = (prompt: Prompt, mode: ModelBehaviour['mode']): Completion => {
    const id = String((serial += 1)).padStart(12, '0');
    const call = mode === 'normal' ? callFor(prompt) : undefined;
    const calls = call ? [{ id: `call_${id}`, ...call }] : [];
    const content = mode === 'empty' ? '' : mode === 'null' || call ? null : answer(prompt);
    const input = prompt.messages.reduce((sum, { text }) => sum + tokens(text), 0);
    const output = tokens(content ?? call?.arguments ?? '');
    const created = Math.floor(clock.now() / 1_000);
    return { id, created, model: NAME, content, calls, usage: { input, output } };
  };

  const generate = async (
    path: string,
    endpoint: Endpoint,
    rawBody: string,
    response: ServerResponse,
  ) => {
    const body = parseBody(rawBody);
    const model = requireModel(body.model, models);
    const prompt = endpoint.prompt(body);
    const asked = { at: clock.now(), path, model, body, prompt };
    const noted: ModelRequest = { ...asked, answer: null, usage: null };
    pushBounded(requests, noted, journalSize);

    const current = currentBehaviour();
    const ms = typeof latency === 'number' ? latency : latency(prompt);
    if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve));
    if (current.mode === 'hang') return;
    if (current.mode === 'malformed')
      return sendJsonText(response, 200, '{"id": "chatcmpl-1", "choi');
    if (current.mode === 'status') {
      const { status, retryAfter, message = `Simulated failure ${status}` } = current;
      const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
      return sendJson(response, status, modelError(status, message).body, headers);
    }
    if (current.mode === 'form') return sendForm(response, current.form);
    const completion = complete(prompt, current.mode);
    noted.answer = completion.content;
    noted.usage = completion.usage;
    if (body.stream !== true) return sendJson(response, 200, endpoint.whole(completion));
    stream(response, endpoint.events(completion, body));
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (incoming.url ?? '/').split('?')[0]!;
    const rawBody = await readText(incoming);
    try {
      refused = bearerToken(incoming) !== apiKey;
      if (refused) {
        throw modelError(401, 'Incorrect API key provided.', { code: 'invalid_api_key' });
      }
      if (incoming.method === 'GET' && path === '/v1/models') {
        const data = models.map((id) => ({
          id,
          object: 'model',
          created: 1_715_367_049,
          owned_by: 'system',
        }));
        return sendJson(response, 200, { object: 'list', data });
      }
      const endpoint = incoming.method === 'POST' ? endpoints[path] : undefined;
      if (!endpoint)
        throw modelError(404, `Unknown request URL: ${incoming.method} ${path}.`, {
          code: 'unknown_url',
        });
      await generate(path, endpoint, rawBody, response);
    } catch (thrown) {
      const error = isModelError(thrown) ? thrown : modelError(500, String(thrown));
      sendJson(response, error.status, error.body);
    }
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });

  return {
    listen: (port = 0, host = '127.0.0.1') =>
      listenOn(server, { service: 'Model', variable: 'MODEL_PORT', host, port }),
    close: () => closeServer(server),
    behave(next) {
      behaviour = next;
      left = next.times ?? Infinity;
    },
    setLatency: (next) => void (latency = next),
    refused: () => refused,
    requests,
  };
}

function sendForm(response: ServerResponse, { status, headers, body }: Form): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  if (!response.destroyed) {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(text);
  }
}

function stream(response: ServerResponse, events: ServerEvent[]): void {
  if (response.destroyed) return;
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  for (const { event, data } of events) {
    response.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`);
  }
  response.end();
}
