import { type ApiError, apiError } from '../../http/apiError';

/** The words for kinds of errors, by their codes. */
const TYPES: Record<string, string> = {
  not_authenticated: 'authentication_error',
  authentication_failed: 'authentication_error',
  permission_denied: 'authentication_error',
  not_found: 'invalid_request',
  method_not_allowed: 'invalid_request',
  throttled: 'throttled_error',
  error: 'server_error',
};

/** The JSON of an error answer. */
export function errorBody({ code, message, field }: ApiError): unknown {
  const type = TYPES[code] ?? 'validation_error';
  return { type, code, detail: message, attr: field ?? null };
}

/** The code for a status, where a fault names none. */
export function codeOf(status: number): string {
  const codes: Record<number, string> = {
    401: 'authentication_failed',
    403: 'permission_denied',
    404: 'not_found',
    405: 'method_not_allowed',
    429: 'throttled',
  };
  return codes[status] ?? (status >= 500 ? 'error' : 'invalid_input');
}

export const notAuthenticated = (): ApiError =>
  apiError(401, 'not_authenticated', 'Authentication credentials were not provided.');
export const wrongKey = (): ApiError =>
  apiError(
    401,
    'authentication_failed',
    'Personal API key found in request Authorization header is invalid.',
  );
export const denied = (detail: string): ApiError => apiError(403, 'permission_denied', detail);
export const missingScope = (scope: string): ApiError =>
  denied(`API key missing required scope '${scope}'`);
export const notFound = (detail = 'Not found.'): ApiError => apiError(404, 'not_found', detail);
export const notAllowed = (method: string): ApiError =>
  apiError(405, 'method_not_allowed', `Method "${method}" not allowed.`);
export const invalid = (attr: string, detail: string): ApiError =>
  apiError(400, 'invalid_input', detail, attr);
