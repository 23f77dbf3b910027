/**
 * What `fetch` throws when no response came: a `TypeError`, with the system's `code`
 * (`ECONNREFUSED`, `ENOTFOUND`, …) where there is one.
 */
type FetchError = TypeError & { code?: string };

/**
 * Makes a `FetchError` of whatever a request function threw. HTTP clients hang the whole request,
 * its token included, on their errors; only the words and the code are kept, so that the error can
 * be logged.
 */
export function toFetchError(error: unknown): FetchError {
  const { message, code } = describe(error);
  const failure: FetchError = new TypeError(message);
  if (code) failure.code = code;
  return failure;
}

/** The words and the system's code of an error, looking through to its cause for either. */
export function describe(error: unknown): { message: string; code?: string } {
  // By its parts and not by `instanceof`: errors of another realm are errors as well.
  const parts = (typeof error === 'object' && error !== null ? error : {}) as Partial<FetchError>;
  if (typeof parts.message !== 'string') return { message: String(error) };
  const cause = parts.cause === undefined ? undefined : describe(parts.cause);
  const code = typeof parts.code === 'string' ? parts.code : cause?.code;
  // A refused connection to a name with two addresses comes as an AggregateError without words.
  return { message: parts.message || cause?.message || code || '', ...(code && { code }) };
}
