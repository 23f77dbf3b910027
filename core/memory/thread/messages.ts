import { LeaseLostError, StorageError, type SessionMemory } from '../types';

/** What is asked of a memory in another thread. */
export interface Call {
  id: number;
  method: keyof SessionMemory;
  args: unknown[];
}

/** What comes back: for each call a result or a failure, and now and then an event. */
export type Answer =
  { id: number; result: unknown } | { id: number; failure: Failure } | { replaced: string };

/** An error on its way: as an object, it would lose its class and its fields. */
export interface Failure {
  name: string;
  message: string;
  stack: string | undefined;
  /** Of a {@link StorageError}. */
  advice?: string;
  /** Of a {@link LeaseLostError}. */
  lostBy?: string;
}

export function toFailure(error: unknown): Failure {
  const { name, message, stack } =
    error instanceof Error ? error : new Error(`Thrown: ${String(error)}`);
  return {
    name,
    message,
    stack,
    ...(error instanceof StorageError && { advice: error.advice }),
    ...(error instanceof LeaseLostError && { lostBy: error.sessionId }),
  };
}

export function toError({ name, message, stack, advice, lostBy }: Failure): Error {
  const error =
    advice !== undefined
      ? new StorageError(message, advice)
      : lostBy !== undefined
        ? new LeaseLostError(lostBy)
        : Object.assign(new Error(message), { name });
  // Where it came about says more than where it was handed over.
  if (stack !== undefined) error.stack = stack;
  return error;
}
