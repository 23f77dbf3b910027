/** A service answered and did not do what was asked. Trying the same again is pointless or too early. */
export class ServiceError extends Error {
  /** The part of the request that it is about, or '' when the service did not name one. */
  readonly param: string;
  /** How long the service asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param service as people call it, e.g. `Intercom`
   * @param status HTTP status
   * @param code the service's own code, or '' when it gave none
   */
  constructor(
    readonly service: string,
    readonly status: number,
    readonly code: string,
    message: string,
    more: { param?: string | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.name = 'ServiceError';
    this.param = more.param ?? '';
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** No answer, or one that does not tell: the request may or may not have been carried out. */
export class OutcomeUnknownError extends Error {
  /** Whether the service itself has finished with it: what is not done by now will not be. */
  readonly isOver: boolean;

  constructor(
    readonly service: string,
    message: string,
    { isOver = false, ...options }: ErrorOptions & { isOver?: boolean } = {},
  ) {
    super(message, options);
    this.isOver = isOver;
    this.name = 'OutcomeUnknownError';
  }
}

/** No connection came about: the request was certainly not carried out. */
export class UnreachableError extends Error {
  constructor(
    readonly service: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'UnreachableError';
  }
}
