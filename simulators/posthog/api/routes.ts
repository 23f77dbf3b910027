import { findRoute } from '../../http/route';
import type { Backend, PersonalKey, Project } from '../types';
import { notAllowed, notFound } from './errors';
import { type createFunctions, fullView, shortView } from './functions';

/** One call, after the checks that all calls share. */
export interface Call {
  backend: Backend;
  functions: ReturnType<typeof createFunctions>;
  project: Project;
  key: PersonalKey;
  /** Empty for a GET. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  /** Where the request went, without its query. */
  path: string;
  /** The function in the path, '' if there is none. */
  id: string;
}

interface Route {
  method: 'GET' | 'POST' | 'PATCH';
  /** Below `/api/projects/{id}/`. */
  path: RegExp;
  /** The scope that it needs, without its right. */
  object: 'project' | 'hog_function';
  right: 'read' | 'write';
  status?: number;
  handle(call: Call): unknown;
}

const MOST_ON_PAGE = 100;

const routes: Route[] = [
  {
    ...{ method: 'GET', path: /^$/, object: 'project', right: 'read' },
    handle: ({ backend, project, key }) => ({
      ...projectView(project),
      secret_api_token: `phs_${project.uuid}`,
      secret_api_token_backup: null,
      slack_incoming_webhook: 'https://hooks.example.com/services/secret',
      live_events_token: backend.liveEventsToken(project, key),
    }),
  },
  {
    ...{ method: 'GET', path: /^hog_functions$/, object: 'hog_function', right: 'read' },
    handle({ backend, functions, project, query, path }) {
      const types = query.get('type')?.split(',') ?? [];
      const offset = Number(query.get('offset') ?? 0);
      const limit = Math.min(Number(query.get('limit') ?? MOST_ON_PAGE), MOST_ON_PAGE);
      const found = functions.list(project, types);
      const view = query.get('full') === 'true' ? fullView : shortView;
      const rest = new URLSearchParams(query);
      rest.set('offset', String(offset + limit));
      const next =
        offset + limit < found.length ? `${backend.siteUrl()}${path}?${rest.toString()}` : null;
      const results = found.slice(offset, offset + limit).map(view);
      return { count: found.length, next, previous: null, results };
    },
  },
  {
    ...{ method: 'POST', path: /^hog_functions$/, object: 'hog_function', right: 'write' },
    status: 201,
    handle: ({ functions, project, body, key }) =>
      fullView(functions.create(project, body, key.userId)),
  },
  {
    ...{ method: 'GET', path: /^hog_functions\/([\w-]+)$/, object: 'hog_function', right: 'read' },
    handle: ({ functions, project, id }) => fullView(functions.find(project, id)),
  },
  {
    ...{ method: 'PATCH', path: /^hog_functions\/([\w-]+)$/, object: 'hog_function' },
    right: 'write',
    handle: ({ functions, project, id, body }) => fullView(functions.change(project, id, body)),
  },
] as Route[];

/** A project in the list, which has no token of the live stream. */
export function projectView({ id, uuid, name, organizationId, apiToken }: Project) {
  return {
    ...{ id, uuid, name, organization: organizationId, api_token: apiToken },
    timezone: 'UTC',
    session_recording_opt_in: true,
    app_urls: ['https://boards.example.com'],
  };
}

/**
 * Finds what answers a request, and the function that its path names.
 *
 * @param path below `/api/projects/{id}/`, without a slash at the end
 * @throws ApiError 404 for an address that the API (as far as simulated) does not have, 405 for another method there
 */
export function route(method: string, path: string): Omit<Route, 'path'> & { id: string } {
  const found = findRoute(routes, method, path);
  if (found) return { ...found.route, id: found.caught[0] ?? '' };
  throw routes.some((one) => one.path.test(path)) ? notAllowed(method) : notFound();
}
