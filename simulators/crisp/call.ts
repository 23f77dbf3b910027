import type { Quirks } from './quirks';
import type { Scope } from './scopes';
import type { Store } from './store';
import type { Operator } from './types';

export interface Website {
  id: string;
  name: string;
}

/** One call, after the checks that all calls share. */
export interface Call {
  store: Store;
  website: Website;
  quirks: Readonly<Quirks>;
  operators: readonly Operator[];
  /** Epoch milliseconds. */
  now: number;
  /** Empty for a GET and a DELETE. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  /** The conversation, or what else is in the path first, if there is anything. */
  sessionId: string;
  /** The message in the path; NaN if there is none or it is not a number. */
  fingerprint: number;
}

/** An answer: Crisp's word for what was done, and the data. */
export interface Answer {
  reason: string;
  data: unknown;
  /** Default 200. */
  status?: number;
}

/** One thing the API can do. */
export interface Route {
  method: 'HEAD' | 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/v1/website/{website_id}`. */
  path: RegExp;
  /** What a plugin's token must be allowed to read (HEAD, GET) or write. Missing where any token may. */
  scope?: Scope;
  /** Whether it has no body, although its method may have one. */
  bare?: true;
  handle(call: Call): Answer;
}
