import { sessionName } from '../identity';

/** A claim has lapsed, and another worker may hold it by now: stop working on it. */
export class LeaseLostError extends Error {
  constructor(readonly sessionId: string) {
    super(
      `The claim on ${sessionName(sessionId)} lapsed; the worker that holds it now goes on with it.`,
    );
    this.name = 'LeaseLostError';
  }
}

/** The storage cannot be used as it is. The message says what is wrong, and `advice` how a person mends it. */
export class StorageError extends Error {
  constructor(
    message: string,
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StorageError';
  }
}
