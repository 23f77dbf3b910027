import type { ApiRequest } from './faults';
import type { Violation } from './journal';

/**
 * The body of a request that must have one, noting what is wrong with how it was sent.
 *
 * @param refuse makes the vendor's error
 * @throws what `refuse` makes, for a body that is not a JSON object or is not declared as JSON
 */
export function jsonBody(
  { at, method, path, headers, body }: ApiRequest,
  rawBody: string,
  note: (violation: Violation) => void,
  refuse: (message: string) => Error,
): Record<string, unknown> {
  const violate = (rule: Violation['rule'], detail: string): void =>
    note({ at, rule, method, path, detail });
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type)) {
    violate('content-type', type || 'none');
    throw refuse('Content-Type must be application/json');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    violate('invalid-json', rawBody.slice(0, 80));
    throw refuse('The body is not a JSON object');
  }
  return body as Record<string, unknown>;
}
