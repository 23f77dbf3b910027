/**
 * What `fetch` throws when no response came: a `TypeError`, with the system's `code`
 * (`ECONNREFUSED`, `ENOTFOUND`, …) if there is one.
 */
type FetchError = TypeError & { code?: string };

/**
 * Makes a `FetchError` of what a request function threw. Keeps only the message and the code, because HTTP
 * clients attach the whole request to their errors, its token included, and the error may be logged.
 */
export function toFetchError(error: unknown): FetchError {
  const { message, code } = describe(error);
  const failure: FetchError = new TypeError(message);
  if (code) failure.code = code;
  return failure;
}

/** The message and the system's code of an error. Takes from its causes what the error itself lacks. */
export function describe(error: unknown): { message: string; code?: string } {
  // Not by `instanceof`, because errors of another realm count as well.
  const parts = (typeof error === 'object' && error !== null ? error : {}) as Partial<FetchError>;
  if (typeof parts.message !== 'string') return { message: String(error) };
  const cause = parts.cause === undefined ? undefined : describe(parts.cause);
  const code = typeof parts.code === 'string' ? parts.code : cause?.code;
  // A refused connection to a host with two addresses is an AggregateError without a message.
  return { message: parts.message || cause?.message || code || '', ...(code && { code }) };
}
