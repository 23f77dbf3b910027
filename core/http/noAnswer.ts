import { OutcomeUnknownError, UnreachableError } from './errors';
import { describe } from './fetchErrors';

/** How systems say that there was no connection, so that nothing can have been sent. */
export const NEVER_LEFT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/**
 * The error for a request that got no answer.
 * @param service as people call it
 * @param cause what the request failed with
 */
export function noAnswer(service: string, cause: unknown): UnreachableError | OutcomeUnknownError {
  const { message, code } = describe(cause);
  return code && NEVER_LEFT.includes(code)
    ? new UnreachableError(service, `${service} cannot be reached: ${message}`, { cause })
    : new OutcomeUnknownError(service, `${service} did not answer: ${message}`, { cause });
}
