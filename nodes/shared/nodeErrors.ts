import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { ServiceError } from '../../core/http/errors';
import type { Problem } from '../../core/stream/problems';
import { adviceFor } from './advice';

/** Where an error happened. */
export interface Where {
  /** The session or conversation, in words; '' where there is none. */
  about?: string;
  itemIndex?: number;
  /** Whether the work is tried again without anybody's doing. */
  retried?: boolean;
}

/** Any error as one of n8n's: what happened, to which session or conversation, and what to do. */
export function asNodeError(
  node: INode,
  error: unknown,
  { about = '', itemIndex, retried = false }: Where = {},
): NodeApiError | NodeOperationError {
  if (error instanceof NodeApiError || error instanceof NodeOperationError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const description = adviceFor(cause, retried);
  const options = {
    ...(itemIndex !== undefined && { itemIndex }),
    ...(description && { description }),
  };
  const to = about && ` (${about})`;
  if (cause instanceof ServiceError) {
    const described = { message: cause.message };
    const message = `${cause.service} refused: ${cause.message}${to}`;
    const httpCode = String(cause.status);
    return saying(new NodeApiError(node, described, { ...options, message, httpCode }), message);
  }
  return operationError(node, cause, `${cause.message}${to}`, options);
}

/** The contents of a searchable list, or an error that says why it is empty. */
export async function orNodeError<T>(node: INode, work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw asNodeError(node, error);
  });
}

/**
 * The contents of a dropdown of the type `options`, or an error whose message contains the advice: n8n shows nothing
 * but the message there, and "[object Object]" for a NodeApiError.
 */
export async function orOneMessage<T>(node: INode, work: Promise<T>): Promise<T> {
  return await orNodeError(node, work).catch((error: NodeApiError | NodeOperationError) => {
    const said = [`${error.message}.`, error.description].filter(Boolean).join(' ');
    throw operationError(node, said, said);
  });
}

/** An error of ours with this message, whatever caused it. */
export function operationError(
  node: INode,
  cause: Error | string,
  message: string,
  options: { description?: string | undefined; itemIndex?: number } = {},
): NodeOperationError {
  return saying(new NodeOperationError(node, cause, options), message);
}

/** A problem of a stream: what to do about it, and what happens next if the problem says so. */
export function problemError(
  node: INode,
  { message, advice, afterwards = '' }: Problem,
): NodeOperationError {
  const description = `${advice} ${afterwards}`.trim();
  return operationError(node, message, message, { description });
}

/**
 * Gives the error this message. n8n replaces a message that contains a system's error code by general words, such as
 * "perhaps it is offline", which do not say what is offline.
 */
function saying<E extends Error>(error: E, message: string): E {
  error.message = message;
  return error;
}
