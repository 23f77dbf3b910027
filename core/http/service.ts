import { wait, type Clock } from '../clock';
import { OutcomeUnknownError, ServiceError, UnreachableError } from './errors';
import { noAnswer } from './noAnswer';
import type { Budget, Pace, TurnOptions } from './pace';

export interface ServiceRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute. */
  url: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
}

export interface ServiceResponse {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Parsed JSON where it was JSON. */
  body: unknown;
}

/** Sends one request with its credentials; rejects only when no answer came. */
export type Send = (request: ServiceRequest) => Promise<ServiceResponse>;

export interface ServiceOptions {
  /** As people call it, for messages. */
  name: string;
  send: Send;
  pace: Pace;
  clock: Clock;
  /** 0 to 1; spreads retries so that callers do not come back all at once. */
  random: () => number;
  /** The service's own error code and text, from the body of an error answer. */
  readError: (body: unknown) => { code: string; message: string };
  /** Whether an answer with a 2xx status is a refusal all the same. */
  isRefusal?: (body: unknown) => boolean;
  /** What the service says it still allows; undefined if it does not. */
  readBudget?: (response: ServiceResponse) => Budget | undefined;
  /** How often a request is sent at most, 4 by default; with 1 also one that came too early is not repeated. */
  attempts?: number;
}

export interface CallOptions extends TurnOptions {
  /** Whether the request may be sent again when its outcome is unknown. */
  repeatable: boolean;
  /** Whether it is sent again after it came too early; it is by default. */
  patient?: boolean | undefined;
  /** Called each time right before the request leaves; what it throws is passed on, and nothing sent. */
  beforeSending?: (() => Promise<void>) | undefined;
  /**
   * Whether the body of a 2xx answer can be the service's own. A proxy or a portal in between may
   * answer with a page, which tells nothing of what became of the request. By default all but text can.
   */
  isAnswer?: ((body: unknown) => boolean) | undefined;
}

/** Calls one service: in turn, waiting as told, repeating what may be repeated. */
export interface Service {
  /**
   * @returns the parsed body of a 2xx answer
   * @throws ServiceError when the service refused
   * @throws UnreachableError when there was no connection to it
   * @throws OutcomeUnknownError when it did not answer, or only with 5xx or a page of somebody else's
   * @throws TooBusyError, and what `beforeSending` throws: nothing was sent
   */
  call(request: ServiceRequest, options: CallOptions): Promise<unknown>;
}

/** Refused for its pace this often in a row, a request is given back: somebody else uses up the limit. */
const MAX_PAUSES = 8;
const ATTEMPTS = 4;
const FIRST_RETRY_MS = 300;
const MAX_PAUSE_MS = 60_000;
/** 429 is the usual status for too many calls; 420 ("enhance your calm") is Crisp's second one. */
export const TOO_MANY = [429, 420];

export function createService(options: ServiceOptions): Service {
  const { name, send, pace, clock, random, readError, readBudget, isRefusal } = options;
  const { attempts: most = ATTEMPTS } = options;

  async function attempt(
    request: ServiceRequest,
    { yieldFor, beforeSending }: CallOptions,
  ): Promise<ServiceResponse | { failed: unknown }> {
    return await pace.run(
      async () => {
        await beforeSending?.();
        const response = await send(request).catch((failed: unknown) => ({ failed }));
        if (!('status' in response)) return response;
        const now = clock.now();
        const budget = readBudget?.(response);
        // Set before the next caller gets its turn.
        if (budget && budget.resetAt > now) pace.spread(budget);
        if (TOO_MANY.includes(response.status)) {
          const until = pauseAfterRefusal(response, budget, now);
          pace.pauseUntil(Math.min(until, now + MAX_PAUSE_MS));
        }
        return response;
      },
      { yieldFor },
    );
  }

  function pauseAfterRefusal(
    response: ServiceResponse,
    budget: Budget | undefined,
    now: number,
  ): number {
    const told = retryAfter(response.headers['retry-after'], now);
    const reset = budget && budget.remaining <= 0 ? budget.resetAt : undefined;
    return (told ?? reset ?? now + 1_000) + random() * 200;
  }

  return {
    async call(request, options) {
      const { repeatable, patient = most > 1, isAnswer = isNoText } = options;
      let pauses = 0;
      for (let attempts = 1; ; attempts++) {
        const response = await attempt(request, options);
        let failure: Error;
        if ('failed' in response) {
          failure = noAnswer(name, response.failed);
        } else {
          const { status, body } = response;
          const isGood = status >= 200 && status < 300 && !isRefusal?.(body);
          if (isGood && isAnswer(body)) return body;
          if (patient && TOO_MANY.includes(status) && ++pauses <= MAX_PAUSES) {
            attempts -= 1;
            continue;
          }
          const { code, message } = readError(body);
          if (!isGood && status < 500) {
            throw new ServiceError(name, status, code, message || `HTTP ${status}`);
          }
          const said = isGood ? 'something else than it should' : message || 'no reason';
          const isOver = !isGood && !isGateways(status);
          failure = new OutcomeUnknownError(name, `${name} answered ${status}: ${said}`, {
            isOver,
          });
        }
        const mayRepeat = repeatable || failure instanceof UnreachableError;
        if (!mayRepeat || attempts >= most) throw failure;
        await wait(clock, backoff(attempts, random));
      }
    },
  };
}

/** A status of somebody in between, who has given up on a service that may still be at it. */
function isGateways(status: number): boolean {
  return status === 502 || status === 504 || status >= 520;
}

function isNoText(body: unknown): boolean {
  return typeof body !== 'string' || body.trim() === '';
}

/** 300 ms doubling, give or take a half. */
export function backoff(attempts: number, random: () => number): number {
  return FIRST_RETRY_MS * 2 ** (attempts - 1) * (0.5 + random());
}

/** Seconds or an HTTP date, as milliseconds since the epoch. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return now + seconds * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : date;
}
