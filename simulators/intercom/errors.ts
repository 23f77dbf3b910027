import { type ApiError, apiError } from '../http/apiError';

export { apiError } from '../http/apiError';

/** The JSON of an error answer. */
export function errorBody(error: ApiError, requestId: string): unknown {
  const { code, message, field } = error;
  return {
    type: 'error.list',
    request_id: requestId,
    errors: [{ code, message, ...(field !== undefined && { field }) }],
  };
}

export const missing = (field: string): ApiError =>
  apiError(400, 'parameter_not_found', `${field} is required`, field);
export const invalid = (field: string, why: string): ApiError =>
  apiError(400, 'parameter_invalid', `${field} ${why}`, field);
export const notFound = (what: string): ApiError => apiError(404, 'not_found', `${what} Not Found`);
