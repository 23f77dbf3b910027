import { NodeApiError, NodeOperationError, type IExecuteFunctions, type INode } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { createFailures, type Failure } from '../../core/failures';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../../core/http/errors';
import { StorageError } from '../../core/memory/errors';
import { isTool } from './isTool';
import { sessionIdsOf } from './items';
import { MEMORY_CREDENTIAL } from './memory/settings';
import type { Item } from './operations/run';
import { perProcess } from './perProcess';

/** The failures of each workflow in this process. */
export const failuresOf = perProcess(() => createFailures(systemClock));

/** Refusals that may be different a moment later. */
const FLEETING = [408, 409, 425, 429];

type Context = Pick<IExecuteFunctions, 'getNode' | 'getMode' | 'continueOnFail'>;

/**
 * Whether failures of this step would be shown each time the work is tried. In the editor, in a retry by a person and to
 * a model every failure counts; with "On Error: Continue", the user's own steps handle them.
 */
export function repeatsFailures(context: Context): boolean {
  if (isTool(context) || !['trigger', 'webhook'].includes(context.getMode())) return false;
  return !context.continueOnFail() || context.getNode().onError === 'continueErrorOutput';
}

/** Which work an item is for a step. */
export function subjectOf({ context, json }: Pick<Item, 'context' | 'json'>): string {
  const { product_id = '', session_id = '' } = sessionIdsOf({ json }) ?? {};
  return JSON.stringify([context.getNode().name, product_id, session_id]);
}

/** A failure of an item, by the error as it was thrown. */
export function failureOf(item: Pick<Item, 'context' | 'json'>, error: unknown): Failure {
  const node = item.context.getNode();
  const isStorage = error instanceof StorageError;
  const isOurs = isStorage || error instanceof NodeOperationError || error instanceof NodeApiError;
  return {
    cause: JSON.stringify([credentialsOf(node, isStorage), ...wordsOf(error)]),
    subject: subjectOf(item),
    isLasting:
      isOurs ||
      (error instanceof ServiceError && error.status < 500 && !FLEETING.includes(error.status)),
    isOfService: !isOurs,
  };
}

/** The ids of the credentials that the cause may be in: that of the storage, or the others. */
function credentialsOf({ credentials = {} }: INode, isStorage: boolean): string[] {
  return Object.entries(credentials)
    .filter(([type]) => (type === MEMORY_CREDENTIAL) === isStorage)
    .map(([type, { id }]) => `${type} ${id ?? ''}`)
    .sort();
}

/** What tells one cause from another, without what is of one item or one moment. */
function wordsOf(error: unknown): string[] {
  if (error instanceof ServiceError) {
    const { service, status, code, param } = error;
    return [service, String(status), code, param, code === '' ? general(error.message) : ''];
  }
  if (error instanceof UnreachableError) return [error.service, 'unreachable'];
  if (error instanceof OutcomeUnknownError) return [error.service, 'no answer'];
  return error instanceof Error ? [error.name, general(error.message)] : ['', String(error)];
}

const LONGEST = 200;

/** A message without ids, numbers and quotations. */
function general(message: string): string {
  return message
    .slice(0, 2 * LONGEST)
    .replace(/"[^"]*"|“[^”]*”|'[^']*'/g, '…')
    .replace(/\S*\d\S*/g, '#')
    .slice(0, LONGEST);
}
