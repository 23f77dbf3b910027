/** An answer in a vendor's error shape, thrown by whatever finds the fault and sent by the server. */
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

/** Tells a fault of the request from a fault of the simulator. */
export function isApiError(thrown: unknown): thrown is ApiError {
  return typeof thrown === 'object' && thrown !== null && 'apiError' in thrown;
}
