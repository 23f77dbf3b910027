import type { Random } from '../random';
import type { Store } from './store';

export interface Workspace {
  id: string;
  name: string;
}

/** One call, checked for everything that all calls have in common. */
export interface Call {
  store: Store;
  workspace: Workspace;
  random: Random;
  /** Empty for a GET. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  /** What the pattern's group caught: the id in the path. */
  id: string;
}

/** One thing the API can do. */
export interface Route {
  method: 'GET' | 'POST';
  path: RegExp;
  /** The answer's JSON. */
  handle(call: Call): string;
}
