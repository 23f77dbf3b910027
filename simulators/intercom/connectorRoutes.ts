import { apiError } from '../http/apiError';
import type { Call, Route } from './call';
import { connectorDetail, connectorView, type DataConnector } from './connectors';
import { STATES } from './documented';

const PER_PAGE_LIMIT = 50;
const ONE = /^\/data_connectors\/([^/]+)$/;

const detail = (connector: DataConnector): string => JSON.stringify(connectorDetail(connector));

/** Listing, reading, making, changing and deleting data connectors. */
export const connectorRoutes: Route[] = [
  {
    method: 'GET',
    path: /^\/data_connectors$/,
    handle: ({ connectors, query }) => list(connectors.all(), query),
  },
  {
    method: 'POST',
    path: /^\/data_connectors$/,
    handle: ({ connectors, body }) => ({ status: 201, json: detail(connectors.make(body)) }),
  },
  { method: 'GET', path: ONE, handle: read },
  {
    method: 'PATCH',
    path: ONE,
    handle: ({ connectors, id, body }) => detail(connectors.edit(id, body)),
  },
  {
    method: 'DELETE',
    path: ONE,
    handle({ connectors, id }) {
      connectors.delete(id);
      return JSON.stringify({ id, object: 'data_connector', deleted: true });
    },
  },
];

/** The one that was updated last comes first. */
function list(all: DataConnector[], query: URLSearchParams): string {
  const sorted = all.sort((a, b) => b.updated_at - a.updated_at || Number(b.id) - Number(a.id));
  const perPage = Number(query.get('per_page') ?? 20) || 20;
  const size = Math.min(Math.max(perPage, 1), PER_PAGE_LIMIT);
  const after = query.get('starting_after');
  const from = after === null ? 0 : sorted.findIndex((one) => cursorOf(one) === after) + 1;
  if (after !== null && from === 0) {
    const advice = 'Please try again using a starting_after value from a paginated response';
    throw apiError(400, 'client_error', `Invalid starting_after param. ${advice}`);
  }
  const items = sorted.slice(from, from + size);
  const next = from + size < sorted.length ? { starting_after: cursorOf(items.at(-1)!) } : null;
  const pages = { type: 'pages', per_page: size, next };
  return JSON.stringify({ type: 'list', data: items.map(connectorView), pages });
}

/** Says nothing that a client could read, as Intercom's. */
const cursorOf = ({ updated_at, id }: DataConnector): string =>
  Buffer.from(JSON.stringify([updated_at, id])).toString('base64');

/** Assumed: a draft has no live version, and a connector that is live has no draft beside it. */
function read({ connectors, id, query }: Call): string {
  const version = query.get('state_version') ?? 'live';
  if (!STATES.includes(version as never)) {
    const message = `Invalid state_version. Must be one of: ${[...STATES].reverse().join(', ')}`;
    throw apiError(400, 'parameter_invalid', message);
  }
  const found = connectors.get(id);
  if (found.state === version) return detail(found);
  throw apiError(404, 'data_connector_not_found', 'Data connector not found');
}
