import type { ApiRequest } from '../http/faults';
import { jsonBody } from '../http/jsonBody';
import type { Violation } from '../http/journal';
import { differences } from '../http/shape';
import { documented } from './documented';
import { apiError, notFound } from './errors';
import { isSince, USUAL_VERSION, VERSIONS } from './versions';

/**
 * Checks a request, apart from its token. A missing or unknown API version and undocumented fields are
 * noted in the journal and accepted, as Intercom accepts them.
 *
 * @returns the body; empty for a GET and a DELETE
 * @throws ApiError 400 for a body that is not a JSON object, or is not declared as JSON; 404 for an address that
 *   the API version does not have
 */
export function checkRequest(
  request: ApiRequest,
  rawBody: string,
  query: URLSearchParams,
  note: (violation: Violation) => void,
): Record<string, unknown> {
  const { at, method, path, headers } = request;
  const violate = (rule: Violation['rule'], detail: string): void =>
    note({ at, rule, method, path, detail });

  const version = headers['intercom-version'];
  if (version === undefined) violate('version-missing', 'No Intercom-Version header');
  else if (!VERSIONS.has(String(version))) violate('version-unknown', `Version ${String(version)}`);
  for (const difference of differences(documented, { ...request, query })) {
    violate('undocumented', difference);
  }
  // Assumed: an older version has no such address.
  if (path.startsWith('/data_connectors') && !isSince(String(version ?? USUAL_VERSION), '2.16')) {
    throw notFound('Resource');
  }
  if (method === 'GET' || method === 'DELETE') return {};

  return jsonBody(request, rawBody, note, (message) => apiError(400, 'bad_request', message));
}
