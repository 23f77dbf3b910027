import { LeaseLostError, StorageError } from '../errors';
import type { Method } from '../forward';

/** One call of a memory in another thread. */
export interface Request {
  id: number;
  method: Method;
  args: unknown[];
}

/** What comes back: a result or a failure for each call, and now and then an event. */
export type Answer =
  { id: number; result: unknown } | { id: number; failure: Failure } | { replaced: string };

/** An error as plain data: posted as it is, it would lose its class and its fields. */
interface Failure {
  name: string;
  message: string;
  stack: string | undefined;
  /** Of a {@link StorageError}: what to do, and what the database or the system said. */
  advice?: string;
  cause?: { message: string; code?: unknown; errcode?: unknown } | undefined;
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
    ...(error instanceof StorageError && { advice: error.advice, cause: causeOf(error) }),
    ...(error instanceof LeaseLostError && { lostBy: error.sessionId }),
  };
}

function causeOf({ cause }: Error): Failure['cause'] {
  if (!(cause instanceof Error)) return undefined;
  const { message, code, errcode } = cause as Error & { code?: unknown; errcode?: unknown };
  return { message, code, errcode };
}

export function toError(failure: Failure): Error {
  const error = ofItsClass(failure);
  // The stack of the thread in which it was thrown says more than the one of this thread.
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}

function ofItsClass({ name, message, advice, cause, lostBy }: Failure): Error {
  if (advice !== undefined) {
    return new StorageError(message, advice, cause && { cause: asError(cause) });
  }
  if (lostBy !== undefined) return new LeaseLostError(lostBy);
  return Object.assign(new Error(message), { name });
}

function asError({ message, ...codes }: NonNullable<Failure['cause']>): Error {
  return Object.assign(new Error(message), codes);
}
