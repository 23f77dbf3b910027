import type { Random } from '../random';
import type { Store } from './store';

export interface Workspace {
  id: string;
  name: string;
}

/** One call, after the checks that all calls share. */
export interface Call {
  store: Store;
  workspace: Workspace;
  random: Random;
  /** Empty for a GET. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  /** The id in the path. */
  id: string;
}

/** One thing the API can do. */
export interface Route {
  method: 'GET' | 'POST';
  path: RegExp;
  /** The answer's JSON. */
  handle(call: Call): string;
}
