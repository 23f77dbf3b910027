/** A fault of a request. The code that finds it throws it, and the server sends it in the vendor's shape. */
export interface ApiError extends Error {
  apiError: true;
  status: number;
  code: string;
  /** The offending parameter, where there is one. */
  field?: string;
}

/** Builds an error to throw. Status and code are a pair that the vendor answers with. */
export function apiError(status: number, code: string, message: string, field?: string): ApiError {
  return Object.assign(new Error(message), {
    apiError: true as const,
    status,
    code,
    ...(field !== undefined && { field }),
  });
}

/** Whether the request is at fault, and not the simulator. */
export function isApiError(thrown: unknown): thrown is ApiError {
  return typeof thrown === 'object' && thrown !== null && 'apiError' in thrown;
}
