/** An answer in Intercom's error shape, thrown by whatever finds the fault and sent by the server. */
export interface ApiError extends Error {
  apiError: true;
  status: number;
  code: string;
  /** The offending parameter, where there is one. */
  field?: string;
}

/** Builds an error to throw. Status and code are the vendor's documented pairs. */
export function apiError(status: number, code: string, message: string, field?: string): ApiError {
  return Object.assign(new Error(message), {
    apiError: true as const,
    status,
    code,
    ...(field !== undefined && { field }),
  });
}

/** Tells a fault of the request from a fault of the simulator. */
export function isApiError(thrown: unknown): thrown is ApiError {
  return typeof thrown === 'object' && thrown !== null && 'apiError' in thrown;
}

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
