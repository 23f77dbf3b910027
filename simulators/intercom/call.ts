import type { Answer } from '../http/handler';
import type { Random } from '../random';
import type { ConnectorStore } from './connectors';
import type { Store } from './store';

export interface Workspace {
  id: string;
  name: string;
}

/** One call, after the checks that all calls share. */
export interface Call {
  store: Store;
  connectors: ConnectorStore;
  workspace: Workspace;
  random: Random;
  /** Empty for a GET and a DELETE. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  /** The id in the path. */
  id: string;
}

/** One thing the API can do. */
export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: RegExp;
  /** The answer's JSON, of an answer with status 200 unless it says another. */
  handle(call: Call): string | Answer;
}
