import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../../core/clock';
import { type Random, uuid } from '../random';
import { type ApiError, apiError, isApiError } from './apiError';
import type { ApiRequest, Effect, Faults, Latency } from './faults';
import type { RequestEntry } from './journal';
import { beginJson, readText, sendJson, sendJsonText, sendPage } from './messages';

/** An answer with another status than 200. */
export interface Answer {
  status: number;
  json: string;
}

/** Carries out a request: the answer's JSON, or an ApiError thrown. */
export type CarryOut = (
  request: ApiRequest,
  rawBody: string,
  query: URLSearchParams,
) => string | Answer;

/** What all answers of a vendor have in common. */
export interface Manners {
  /** Counts a request: the headers of its answer, and the refusal when there were too many. */
  admit(request: ApiRequest): { headers?: Record<string, string>; refusal?: ApiError };
  /** Headers of each answer. */
  headers(request: ApiRequest, requestId: string): Record<string, string>;
  /** The JSON of an error answer. */
  errorBody(error: ApiError, requestId: string): unknown;
  /** The error code for the status of an injected fault that names none. */
  codeOf(status: number): string;
}

interface Parts {
  faults: Faults;
  manners: Manners;
  /** Called for each request, because tests change it. */
  latency: () => Latency;
  carryOut: CarryOut;
  noteRequest: (entry: RequestEntry) => void;
  clock: Clock;
  random: Random;
}

/** Handles what is common to all requests: injected faults, latency, limits, and errors in the vendor's shape. */
export function createHandler(parts: Parts) {
  const { faults, manners, carryOut, noteRequest, clock, random } = parts;
  const pause = (ms: number): Promise<void> =>
    ms > 0 ? new Promise((resolve) => clock.after(ms, resolve)) : Promise.resolve();

  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = uuid(random);
    const rawBody = await readText(incoming);
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://simulator');
    const request: ApiRequest = {
      at: clock.now(),
      method: incoming.method ?? 'GET',
      path: pathname,
      headers: incoming.headers,
      body: parseLeniently(rawBody),
    };
    const effect = faults.strike(request);
    const latency = parts.latency();
    await pause(typeof latency === 'number' ? latency : latency(request));
    if (effect?.kind === 'delay') await pause(effect.ms);
    const { headers: limits, refusal } = manners.admit(request);
    const headers = { ...limits, ...manners.headers(request, requestId) };

    const end = (status: number, send?: () => void): void => {
      noteRequest({ ...request, status });
      send?.();
    };
    const fail = (error: ApiError, more: Record<string, string> = {}): void =>
      end(error.status, () =>
        sendJson(response, error.status, manners.errorBody(error, requestId), {
          ...headers,
          ...more,
        }),
      );
    const serverError = (message: string): ApiError => apiError(500, manners.codeOf(500), message);

    if (effect?.kind === 'hang') return end(0);
    if (effect?.kind === 'reset-before') return end(0, () => reset(incoming));
    if (effect?.kind === 'page') return end(200, () => sendPage(response));
    if (effect?.kind === 'status') {
      const { status, code = manners.codeOf(status), message = 'Injected fault' } = effect;
      return fail(apiError(status, code, message), retryAfter(effect));
    }
    if (refusal) return fail(refusal);
    try {
      const carriedOut = carryOut(request, rawBody, searchParams);
      const { status, json } =
        typeof carriedOut === 'string' ? { status: 200, json: carriedOut } : carriedOut;
      if (effect?.kind === 'hang-after') return end(0);
      if (effect?.kind === 'reset-after') return end(0, () => reset(incoming));
      if (effect?.kind === 'cut-after') {
        return end(0, () => beginJson(response, json, headers, () => reset(incoming)));
      }
      if (effect?.kind === '500-after') return fail(serverError('Server Error'));
      end(status, () => sendJsonText(response, status, json, headers));
    } catch (thrown) {
      fail(isApiError(thrown) ? thrown : serverError(String(thrown)));
    }
  };
}

function parseLeniently(rawBody: string): unknown {
  try {
    return rawBody === '' ? undefined : JSON.parse(rawBody);
  } catch {
    return undefined;
  }
}

/** Resets the connection, as a client sees it when a proxy or the network fails. */
const reset = (incoming: IncomingMessage): void => void incoming.socket.resetAndDestroy();

function retryAfter(effect: Extract<Effect, { kind: 'status' }>): Record<string, string> {
  return effect.retryAfter === undefined ? {} : { 'Retry-After': String(effect.retryAfter) };
}
