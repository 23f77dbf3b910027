import type { Answer } from '../http/handler';
import type { Random } from '../random';
import type { ConnectorStore } from './connectors';
import type { Quirks } from './quirks';
import type { Store } from './store';
import type { OfficeHours } from './teamRoutes';

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
  quirks: Readonly<Quirks>;
  officeHours: readonly OfficeHours[];
  /** Of the API, as asked for. */
  version: string;
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
  /** The answer's JSON, with its status if that is not 200. */
  handle(call: Call): string | Answer;
}
