/** An error in OpenAI's shape, thrown by the checks and sent by the server. */
export interface ModelError extends Error {
  modelError: true;
  status: number;
  body: { error: { message: string; type: string; param: string | null; code: string | null } };
}

/** Builds an error to throw. */
export function modelError(
  status: number,
  message: string,
  { param = null, code = null }: { param?: string | null; code?: string | null } = {},
): ModelError {
  const error = { message, type: typeOf(status), param, code };
  return Object.assign(new Error(message), { modelError: true as const, status, body: { error } });
}

/** Whether the request is at fault, and not the simulator. */
export function isModelError(thrown: unknown): thrown is ModelError {
  return typeof thrown === 'object' && thrown !== null && 'modelError' in thrown;
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
