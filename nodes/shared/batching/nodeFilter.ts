import type { ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import { createFilter, type Filter } from '../../../core/filter/filter';
import { readFilter } from './filters';
import { perProcess } from '../perProcess';

type Context = Pick<
  ITriggerFunctions | IWebhookFunctions,
  'getNode' | 'getNodeParameter' | 'getWorkflow' | 'getMode' | 'logger'
>;

/** The filter of each node: it follows who acts in a session from push to push. */
const filters = perProcess<{ rules?: string; filter?: Filter | undefined }>(() => ({}));

/**
 * The filter of this node with its present settings; undefined if they leave out nothing.
 * @throws NodeOperationError for settings that cannot be used
 */
export function filterOf(context: Context): Filter | undefined {
  const { id, name } = context.getNode();
  // A test in the editor may have other settings.
  const isTest = context.getMode() === 'manual';
  const held = filters(JSON.stringify([context.getWorkflow().id, id, isTest]));
  const rules = readFilter(context);
  const key = JSON.stringify(rules);
  if (held.rules !== key) {
    held.rules = key;
    held.filter = createFilter(rules, (reason) =>
      context.logger.info(`${name}: leaving out by ${reason}, as the node's settings say`),
    );
  }
  return held.filter;
}
