import { type ApiError, apiError } from '../http/apiError';

// The vendor documents the shape of an error and `invalid_data`. The other reasons are inferred
// from how its success reasons and its client name things.

/** The JSON of an error answer. */
export function errorBody({ code, message }: ApiError): unknown {
  return { error: true, reason: code, data: { message } };
}

export const invalid = (message: string): ApiError => apiError(400, 'invalid_data', message);
export const notFound = (what: 'website' | 'session' | 'message' | 'route'): ApiError =>
  apiError(404, `${what}_not_found`, `This ${what} does not exist`);
/** One error for all that can be wrong with a token: the vendor does not help somebody who guesses. */
export const noAccess = (): ApiError =>
  apiError(401, 'invalid_session', 'The token or its tier is missing or wrong');
