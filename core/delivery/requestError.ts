import { fields, text } from '../values';
import { neverLeft } from '../http/errors';
import type { NotDelivered } from './handOut';

/**
 * What became of a note, by the error that an HTTP request ended with, in whatever shape it arrives. An answer
 * that refuses, and a connection that did not come about, say that nothing was posted. After anything else, no
 * answer in time or a failure within the service, it may have been.
 *
 * @param error with a status and a system's code, as n8n's HTTP Request puts it into an item, or its parts
 */
export function outcomeByError(error: unknown): Exclude<NotDelivered, 'gone'> {
  const { statusCode, status, httpCode, response, code, message, cause } = fields(error);
  const answered = [statusCode, status, httpCode, fields(response).status].map(Number);
  if (answered.some(isRefusal)) return 'refused';
  const causes = [{ code, message }, fields(cause)];
  return causes.some((one) => neverLeft(text(one.code), text(one.message))) ? 'refused' : 'unknown';
}

/** 408 says that the service waited in vain for the rest of the request, or a proxy for the service. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408;
}
