import type { Store } from './store';

export interface Website {
  id: string;
  name: string;
}

/** One call, after the checks that all calls share. */
export interface Call {
  store: Store;
  website: Website;
  /** Empty for a GET and a DELETE. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  /** The conversation in the path, if there is one. */
  sessionId: string;
  /** The message in the path; NaN if there is none or it is not a number. */
  fingerprint: number;
}

/** An answer: Crisp's word for what was done, and the data. */
export interface Answer {
  reason: string;
  data: unknown;
}

/** One thing the API can do. */
export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/v1/website/{website_id}`. */
  path: RegExp;
  handle(call: Call): Answer;
}
