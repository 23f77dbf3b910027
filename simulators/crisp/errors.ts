import { type ApiError, apiError } from '../http/apiError';

// Crisp documents the shape of an error and `invalid_data`. The other reasons are inferred from its
// success reasons and its client.

/** The JSON of an error answer. */
export function errorBody({ code, message }: ApiError): unknown {
  return { error: true, reason: code, data: { message } };
}

export const invalid = (message: string): ApiError => apiError(400, 'invalid_data', message);
export const notFound = (what: 'website' | 'session' | 'message' | 'route' | 'token'): ApiError =>
  apiError(404, `${what}_not_found`, `This ${what} does not exist`);
/** Crisp answers every fault of a token with the same error. */
export const noAccess = (): ApiError =>
  apiError(401, 'invalid_session', 'The token or its tier is missing or wrong');
/** What a plugin's token meets at a route that its scopes do not include; told by those who met it. */
export const notAllowed = (): ApiError =>
  apiError(403, 'not_allowed', 'The scopes of this token do not include this');
/** The visitor's chatbox does not send what a blocked visitor writes. */
export const isBlocked = (): ApiError => apiError(400, 'blocked', 'This visitor is blocked');
