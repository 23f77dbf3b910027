/** A service answered and did not do what was asked. Trying the same again is pointless or too early. */
export class ServiceError extends Error {
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
  ) {
    super(message);
    this.name = 'ServiceError';
  }
}

/** No answer, or one that does not tell: the request may or may not have been carried out. */
export class OutcomeUnknownError extends Error {
  constructor(
    readonly service: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'OutcomeUnknownError';
  }
}
