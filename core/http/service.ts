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
  /** Removes secrets from what the service says before an error shows it: some services quote what they refuse. */
  hide?: Hide;
  /** Whether an answer with a 2xx status is a refusal all the same. */
  isRefusal?: (body: unknown) => boolean;
  /** Whether the service does not answer just now, see {@link Health}. */
  isAway?: (() => boolean) | undefined;
  /** What the service says it still allows; undefined if it does not. */
  readBudget?: (response: ServiceResponse) => Budget | undefined;
  /** How often a request is sent at most, 4 by default; with 1 also one that came too early is not repeated. */
  attempts?: number;
}

export interface CallOptions extends TurnOptions {
  /** Whether the request may be sent again when its outcome is unknown; it is, unless the service is away. */
  repeatable: boolean;
  /** Whether it is sent again after it came too early; it is by default. */
  patient?: boolean | undefined;
  /** Called each time right before the request leaves; what it throws is passed on, and nothing sent. */
  beforeSending?: (() => Promise<void>) | undefined;
  /** Asked each time right before the request leaves. Once it says no, nothing is sent and the call gives undefined. */
  isStillWanted?: (() => boolean) | undefined;
  /**
   * Whether the body of a 2xx answer can be the service's own. A proxy or a portal in between may
   * answer with a page, which tells nothing of what became of the request. By default all but text can.
   */
  isAnswer?: ((body: unknown) => boolean) | undefined;
}

/** Calls one service: in turn, waiting as told, repeating what may be repeated. */
interface Service {
  /**
   * @returns the parsed body of a 2xx answer; undefined when `isStillWanted` said no
   * @throws ServiceError when the service refused
   * @throws UnreachableError when there was no connection to it
   * @throws OutcomeUnknownError when it did not answer, or only with 5xx or a page of somebody else's
   * @throws TooBusyError, and what `beforeSending` throws: nothing was sent
   */
  call(request: ServiceRequest, options: CallOptions): Promise<unknown>;
}

/** Refused for its pace this often in a row, a request is given back: somebody else uses up the limit. */
const MAX_PAUSES = 8;
const MAX_ATTEMPTS = 4;
const MAX_PAUSE_MS = 60_000;
/** 429 is the usual status for too many calls; 420 ("enhance your calm") is Crisp's second one. */
export const TOO_MANY = [429, 420];

/** What came of sending: an answer, or what kept it from coming. */
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
    const asked = readRetryAfter(response.headers['retry-after'], now);
    const reset = budget && budget.remaining <= 0 ? budget.resetAt - now : undefined;
    return now + (asked ?? reset ?? 1_000) + random() * 200;
  }

  /** What an attempt came to: the answer, or what is wrong. */
  function judge(
    response: Attempt,
    isAnswer: (body: unknown) => boolean = isNoText,
  ): { answer: unknown } | { failure: Error } {
    if ('failed' in response) return { failure: noAnswer(name, response.failed) };
    const { status, headers, body } = response;
    const isGood = status >= 200 && status < 300 && !isRefusal?.(body);
    if (isGood && isAnswer(body)) return { answer: body };
    const { code, message } = readError(hideIn(body, hide));
    if (!isGood && status < 500) {
      const said = isRedirect(status) ? redirected(status, headers.location) : message;
      return { failure: new ServiceError(name, status, code, said || `HTTP ${status}`) };
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
        // The pace makes it wait, and what was refused for that alone is no failed attempt.
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

/** Without more of the address than its host: a query may hold secrets. */
function redirected(status: number, location: string | undefined): string {
  const to = URL.parse(location ?? '');
  return `HTTP ${status}, a redirect${to ? ` to ${to.origin}` : ''}, which is not followed`;
}

/** A status of somebody in between, who has given up on a service that may still be at it. */
function isGateways(status: number): boolean {
  return status === 502 || status === 504 || status >= 520;
}

function isNoText(body: unknown): boolean {
  return typeof body !== 'string' || body.trim() === '';
}
