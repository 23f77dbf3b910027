import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../clock';
import type { ApiRequest, Effect, Faults } from '../http/faults';
import type { RequestEntry } from '../http/journal';
import { bearerToken, readText, sendJson, sendJsonText } from '../http/messages';
import { type Random, uuid } from '../random';
import { type ApiError, apiError, errorBody, isApiError } from './errors';
import type { RateLimit } from './rateLimit';

/** Carries out a request: the answer's JSON, or an ApiError thrown. */
export type CarryOut = (
  request: ApiRequest,
  rawBody: string,
  query: URLSearchParams,
  token: string | undefined,
) => string;

interface Parts {
  faults: Faults;
  rateLimit: RateLimit;
  /** Milliseconds before the answer. */
  latency: (request: ApiRequest) => number;
  carryOut: CarryOut;
  noteRequest: (entry: RequestEntry) => void;
  clock: Clock;
  random: Random;
}

/** Everything around a request: faults to order, latency, the rate limit, errors in Intercom's shape. */
export function createHandler(parts: Parts) {
  const { faults, rateLimit, latency, carryOut, noteRequest, clock, random } = parts;
  const pause = (ms: number): Promise<void> =>
    ms > 0 ? new Promise((resolve) => clock.setTimeout(resolve, ms)) : Promise.resolve();

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
    await pause(latency(request));
    if (effect?.kind === 'delay') await pause(effect.ms);
    const { allowed, headers: limits } = rateLimit.admit();
    const headers = { ...limits, 'X-Request-Id': requestId, 'Intercom-Version': version(incoming) };

    const end = (status: number, send?: () => void): void => {
      noteRequest({ ...request, status });
      send?.();
    };
    const fail = (error: ApiError, more: Record<string, string> = {}): void =>
      end(error.status, () =>
        sendJson(response, error.status, errorBody(error, requestId), { ...headers, ...more }),
      );

    if (effect?.kind === 'hang') return end(0);
    if (effect?.kind === 'reset-before') return end(0, () => reset(incoming));
    if (effect?.kind === 'status') return fail(faultError(effect), retryAfter(effect));
    if (!allowed) {
      const text = `Exceeded rate limit of ${rateLimit.perWindow} in 10_seconds`;
      return fail(apiError(429, 'rate_limit_exceeded', text));
    }
    try {
      const json = carryOut(request, rawBody, searchParams, bearerToken(incoming));
      if (effect?.kind === 'hang-after') return end(0);
      if (effect?.kind === 'reset-after') return end(0, () => reset(incoming));
      if (effect?.kind === '500-after') return fail(apiError(500, 'server_error', 'Server Error'));
      end(200, () => sendJsonText(response, 200, json, headers));
    } catch (thrown) {
      fail(isApiError(thrown) ? thrown : apiError(500, 'server_error', String(thrown)));
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

const version = ({ headers }: IncomingMessage): string =>
  String(headers['intercom-version'] ?? '2.14');

/** A reset rather than a polite end: what a client sees when a proxy or the network fails. */
const reset = (incoming: IncomingMessage): void => void incoming.socket.resetAndDestroy();

function faultError(effect: Extract<Effect, { kind: 'status' }>): ApiError {
  const { status, code, message = 'Injected fault' } = effect;
  const usual =
    status === 429 ? 'rate_limit_exceeded' : status >= 500 ? 'server_error' : 'client_error';
  return apiError(status, code ?? usual, message);
}

function retryAfter(effect: Extract<Effect, { kind: 'status' }>): Record<string, string> {
  return effect.retryAfter === undefined ? {} : { 'Retry-After': String(effect.retryAfter) };
}
