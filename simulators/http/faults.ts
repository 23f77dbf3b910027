import type { IncomingHttpHeaders } from 'node:http';

/** A request as matchers and the journal see it. */
export interface ApiRequest {
  /** Epoch milliseconds. */
  at: number;
  method: string;
  /** Without the query string. */
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed JSON body; undefined when there was none or it was not JSON. */
  body: unknown;
}

/** Milliseconds before an answer, fixed or by request. */
export type Latency = number | ((request: ApiRequest) => number);

/**
 * The effect of a fault on a request:
 * - `status`: answered with this status, not processed;
 * - `reset-before`: connection reset, not processed;
 * - `reset-after`: processed, then the connection is reset without an answer;
 * - `cut-after`: processed, then the connection is reset in the middle of the answer;
 * - `500-after`: processed, then answered with 500;
 * - `page`: not processed, answered with 200 and a web page, as a proxy or portal on the way does;
 * - `delay`: processed and answered, `ms` milliseconds later than otherwise;
 * - `hang`: never answered and not processed; `hang-after`: processed, never answered.
 */
export type Effect =
  | {
      kind: 'status';
      status: number;
      code?: string;
      message?: string;
      retryAfter?: number | string;
    }
  | { kind: 'reset-before' | 'reset-after' | 'cut-after' | '500-after' }
  | { kind: 'page' | 'hang' | 'hang-after' }
  | { kind: 'delay'; ms: number };

interface Fault {
  /** Which requests it affects. */
  match: ((request: ApiRequest) => boolean) | { method?: string; path?: RegExp };
  /** How many requests it affects. Default 1; `Infinity` for all. */
  times?: number;
  effect: Effect;
}

export interface Faults {
  /** Adds a fault and returns a function that removes it. Of several that match, the oldest is used. */
  add(fault: Fault): () => void;
  clear(): void;
  /** The effect on a request; counts as one use of the fault. */
  strike(request: ApiRequest): Effect | undefined;
}

/** Injects faults, so that tests see how a client handles them. */
export function createFaults(): Faults {
  const waiting = new Set<{ fault: Fault; left: number }>();
  const matches = ({ match }: Fault, request: ApiRequest): boolean => {
    if (typeof match === 'function') return match(request);
    const method = match.method === undefined || match.method.toUpperCase() === request.method;
    return method && (match.path === undefined || match.path.test(request.path));
  };
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? 1 };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    clear: () => waiting.clear(),
    strike(request) {
      for (const entry of waiting) {
        if (!matches(entry.fault, request)) continue;
        entry.left -= 1;
        if (entry.left <= 0) waiting.delete(entry);
        return entry.fault.effect;
      }
      return undefined;
    },
  };
}
