import { ServiceError } from '../http/errors';
import { shortLine } from '../text/visible';
import { fields, idOrNull, list, text, textOrNull } from '../values';
import { createIntercomCall, type IntercomApiOptions } from './api';

/** Older versions of the API have no data connectors. */
const CONNECTORS_VERSION = '2.16';

/** The most that Intercom lists on a page. */
const PAGE = 50;
const MAX_PAGES = 100;
const MAX_NAME = 100;

/** A data connector as lists show it, as far as it is used here. */
export interface ConnectorEntry {
  id: string;
  isLive: boolean;
}

/** A data connector, as far as it is used here. */
export interface Connector extends ConnectorEntry {
  /** In one line, for a log. */
  name: string;
  /** Where it sends its requests; '' for nowhere yet. */
  url: string;
  /** In lower case. Intercom never shows their values. */
  headerNames: string[];
  /** Epoch milliseconds; NaN if Intercom does not say it. */
  createdAt: number;
  /** Likewise. */
  updatedAt: number;
}

/** The part of Intercom's API of data connectors that is used here. All methods throw as {@link Service.call}. */
export interface ConnectorApi {
  /** All of the workspace, whatever their state. */
  list(): Promise<ConnectorEntry[]>;
  /** Undefined if it was deleted since it was listed. */
  get(entry: ConnectorEntry): Promise<Connector | undefined>;
  /** Makes a draft. Sent once: after no answer, the connector may exist all the same. */
  create(body: object): Promise<Connector>;
  /** Changes these fields and no others. */
  change(id: string, changes: object): Promise<Connector>;
  /** Deletes a draft that nothing uses: Intercom refuses any other with 409. */
  delete(id: string): Promise<void>;
}

export function createConnectorApi(options: IntercomApiOptions): ConnectorApi {
  const call = createIntercomCall(options, CONNECTORS_VERSION);
  const isConnector = (body: unknown) => idOrNull(fields(body).id) !== null;
  const one = (id: string) => `/data_connectors/${encodeURIComponent(id)}`;

  return {
    async list() {
      const found: ConnectorEntry[] = [];
      let after: string | null = null;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const cursor: string = after === null ? '' : `&starting_after=${encodeURIComponent(after)}`;
        const isAnswer = (body: unknown) => Array.isArray(fields(body).data);
        const path = `/data_connectors?per_page=${PAGE}${cursor}`;
        const { data, pages } = fields(await call('GET', path, undefined, { isAnswer }));
        found.push(...list(data).filter(isConnector).map(readEntry));
        after = textOrNull(fields(fields(pages).next).starting_after);
        if (after === null) break;
      }
      return found;
    },
    async get(entry) {
      // Intercom looks for a live version unless the request names another, and a draft has none.
      const path = `${one(entry.id)}?state_version=${entry.isLive ? 'live' : 'draft'}`;
      try {
        return readConnector(await call('GET', path, undefined, { isAnswer: isConnector }));
      } catch (error) {
        if (error instanceof ServiceError && error.status === 404) return undefined;
        throw error;
      }
    },
    async create(body) {
      const sent = { repeatable: false, isAnswer: isConnector };
      return readConnector(await call('POST', '/data_connectors', body, sent));
    },
    async change(id, changes) {
      return readConnector(await call('PATCH', one(id), changes, { isAnswer: isConnector }));
    },
    async delete(id) {
      await call('DELETE', one(id));
    },
  };
}

function readEntry(value: unknown): ConnectorEntry {
  const { id, state } = fields(value);
  return { id: text(id).trim(), isLive: state === 'live' };
}

function readConnector(value: unknown): Connector {
  const { name, url, headers, created_at, updated_at } = fields(value);
  return {
    ...readEntry(value),
    name: shortLine(text(name), MAX_NAME),
    url: text(url),
    headerNames: list(headers).map((one) => text(fields(one).name).toLowerCase()),
    createdAt: Date.parse(text(created_at)),
    updatedAt: Date.parse(text(updated_at)),
  };
}
