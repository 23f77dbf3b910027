import { OpenAI } from 'openai';
import { ServiceError } from '../http/errors';
import { fields, text } from '../http/fields';
import { noAnswer } from '../http/noAnswer';

/** What errors call OpenAI, or any server that speaks like it. */
export const MODEL_SERVER = "The model's server";

/**
 * Waits for what OpenAI's client gives.
 * @throws ServiceError, UnreachableError and OutcomeUnknownError, as any service does
 */
export async function orServiceError<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw asServiceError(error);
  });
}

/**
 * An error of OpenAI's client as one of any service's: the client hides why no answer came behind
 * "Connection error.", and writes the status in front of what was said.
 */
export function asServiceError(error: unknown): unknown {
  if (error instanceof OpenAI.APIUserAbortError) return error;
  if (error instanceof OpenAI.APIConnectionError)
    return noAnswer(MODEL_SERVER, error.cause ?? error);
  if (!(error instanceof OpenAI.APIError) || error.status === undefined) return error;
  const status = Number(error.status);
  const { code } = error;
  const message = text(fields(error.error).message) || `HTTP ${status}`;
  return new ServiceError(MODEL_SERVER, status, String(code ?? ''), message);
}
