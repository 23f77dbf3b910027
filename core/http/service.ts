import { wait, type Clock } from '../clock';
import { noAnswer, OutcomeUnknownError, ServiceError, UnreachableError } from './errors';
import type { Budget, Pace, TurnOptions } from './pace';
import { readRetryAfter, retryPause } from './retries';
import { hideIn, type Hide } from './secrets';

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
  /** By names in lower case. */
  headers: Record<string, string>;
  /** Parsed if it was JSON, else the text. */
  body: unknown;
}

/** Sends one request with its credentials. Rejects only if no answer came. */
export type Send = (request: ServiceRequest) => Promise<ServiceResponse>;

export interface ServiceOptions {
  /** The service's name in error messages. */
  name: string;
  send: Send;
  pace: Pace;
  clock: Clock;
  /** 0 ≤ x < 1; spreads retries, so that callers do not return all at once. */
  random: () => number;
  /** The service's own error code and text, and the part of the request that it refuses, from the body of an error answer. */
  readError: (body: unknown) => { code: string; message: string; param?: string };
  /** Removes secrets from the service's texts before an error shows them, because some services quote what they refuse. */
  hide?: Hide;
  /** Whether an answer with a 2xx status is a refusal nevertheless. */
  isRefusal?: (body: unknown) => boolean;
  /** Whether the service is known not to answer at present, see {@link Health}. */
  isAway?: (() => boolean) | undefined;
  /** How many calls the service still allows, if its answer says so. */
  readBudget?: (response: ServiceResponse) => Budget | undefined;
  /** How often a request is sent at most. Default 4. With 1, a request that is refused with 429 is not repeated either. */
  attempts?: number;
}

export interface CallOptions extends TurnOptions {
  /** Whether the request is sent again when its outcome is unknown. It never is while the service is away. */
  repeatable: boolean;
  /** Whether the request is sent again after a 429. Default true, unless `attempts` is 1. */
  patient?: boolean | undefined;
  /** Called right before each sending. If it throws, nothing is sent and the call throws the same. */
  beforeSending?: (() => Promise<void>) | undefined;
  /** Called right before each sending. If it returns false, nothing is sent and the call returns undefined. */
  isStillWanted?: (() => boolean) | undefined;
  /**
   * Whether the body of a 2xx answer can come from the service. A proxy or a portal in between may answer
   * with a page, and then the outcome is unknown. By default, everything except text can.
   */
  isAnswer?: ((body: unknown) => boolean) | undefined;
}

/** Calls one service: in turn, with the pauses that it asks for, and repeating what may be repeated. */
interface Service {
  /**
   * @returns the parsed body of a 2xx answer; undefined if `isStillWanted` returned false
   * @throws ServiceError if the service refused
   * @throws UnreachableError if there was no connection to it
   * @throws OutcomeUnknownError if no answer came, or only a 5xx or a page that is not the service's
   * @throws TooBusyError, or what `beforeSending` throws; nothing was sent
   */
  call(request: ServiceRequest, options: CallOptions): Promise<unknown>;
}

/** A request that is refused with 429 this often in a row fails, because other programs use up the limit. */
const MAX_PAUSES = 8;
const MAX_ATTEMPTS = 4;
const MAX_PAUSE_MS = 60_000;
/** 429 is the usual status for too many calls; 420 ("enhance your calm") is Crisp's second one. */
export const TOO_MANY = [429, 420];

/** The result of one sending: an answer, or what the request failed with. */
type Attempt = ServiceResponse | { failed: unknown };

export function createService(options: ServiceOptions): Service {
  const { name, send, pace, clock, random, readError, readBudget, isRefusal } = options;
  const { isAway = () => false, attempts: most = MAX_ATTEMPTS, hide = (text) => text } = options;

  async function attempt(
    request: ServiceRequest,
    { yieldFor, beforeSending, isStillWanted }: CallOptions,
  ): Promise<Attempt | undefined> {
    return await pace.run(
      async () => {
        if (isStillWanted?.() === false) return undefined;
        await beforeSending?.();
        const response = await send(request).catch((failed: unknown) => ({ failed }));
        if (!('status' in response)) return response;
        const now = clock.now();
        const budget = readBudget?.(response);
        // Must be set before the next caller gets its turn.
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
    const asked = readRetryAfter(response.headers['retry-after'], now);
    const reset = budget && budget.remaining <= 0 ? budget.resetAt - now : undefined;
    return now + (asked ?? reset ?? 1_000) + random() * 200;
  }

  /** Reads the result of one sending. */
  function judge(
    response: Attempt,
    isAnswer: (body: unknown) => boolean = isNoText,
  ): { answer: unknown } | { failure: Error } {
    if ('failed' in response) return { failure: noAnswer(name, response.failed) };
    const { status, headers, body } = response;
    const isGood = status >= 200 && status < 300 && !isRefusal?.(body);
    if (isGood && isAnswer(body)) return { answer: body };
    const { code, message, param } = readError(hideIn(body, hide));
    if (!isGood && status < 500) {
      const said = isRedirect(status) ? redirected(status, headers.location) : message;
      const retryAfterMs = readRetryAfter(headers['retry-after'], clock.now());
      const more = { param, retryAfterMs };
      return { failure: new ServiceError(name, status, code, said || `HTTP ${status}`, more) };
    }
    const said = isGood ? 'something else than it should' : message || 'no reason';
    const isOver = !isGood && !isGateways(status);
    const unknown = new OutcomeUnknownError(name, `${name} answered ${status}: ${said}`, {
      isOver,
    });
    return { failure: unknown };
  }

  return {
    async call(request, options) {
      const { repeatable, patient = most > 1, isAnswer } = options;
      let pauses = 0;
      let attempts = 0;
      for (;;) {
        const response = await attempt(request, options);
        if (response === undefined) return undefined;
        const cameTooEarly = 'status' in response && TOO_MANY.includes(response.status);
        // Not a failed attempt: the pace lets the next one wait.
        if (cameTooEarly && patient && ++pauses <= MAX_PAUSES) continue;
        const outcome = judge(response, isAnswer);
        if ('answer' in outcome) return outcome.answer;
        const { failure } = outcome;
        attempts += 1;
        const mayRepeat =
          failure instanceof UnreachableError ||
          (repeatable && !isAway() && failure instanceof OutcomeUnknownError);
        if (!mayRepeat || attempts >= most) throw failure;
        await wait(clock, retryPause(attempts, random));
      }
    },
  };
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Names only the origin of the new address, because a query may hold secrets. */
function redirected(status: number, location: string | undefined): string {
  const to = URL.parse(location ?? '');
  return `HTTP ${status}, a redirect${to ? ` to ${to.origin}` : ''}, which is not followed`;
}

/** Whether a gateway sent this status. It has given up, while the service may still be working on the request. */
function isGateways(status: number): boolean {
  return status === 502 || status === 504 || status >= 520;
}

function isNoText(body: unknown): boolean {
  return typeof body !== 'string' || body.trim() === '';
}
