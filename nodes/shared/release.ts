import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Released } from '../../core/dispatcher/types';
import { products } from '../../core/products';
import { tellTrigger } from './signals';

/** What a trigger is sent by a step in another process: under a name that no answer to a webhook has. */
const RELEASED = 'autoplay_released';

/** Whether a node's type is that of a trigger of this package. */
function isOwnTrigger(type: string): boolean {
  const name = type.split('.').at(-1) ?? '';
  return /^autoplay\w*Trigger$/.test(name) || products.some(({ trigger }) => trigger === name);
}

type Context = Pick<
  IExecuteFunctions,
  'getInputData' | 'getMode' | 'getNode' | 'getParentNodes' | 'getWorkflow' | 'sendResponse'
>;

/**
 * Tells the trigger that more of these sessions' activity may come, although the execution goes on. In queue
 * mode it is in another process: n8n takes one answer of an execution back to the trigger that started it,
 * which is how other triggers learn that a message was dealt with. A second one is not heard.
 */
export async function releaseSessions(context: Context): Promise<void> {
  const activity = context.getInputData().flatMap(broughtBy);
  const trigger = tellTrigger(context.getWorkflow().id);
  activity.forEach(trigger.release);
  if (trigger.isHeard || activity.length === 0 || !isOurs(context)) return;
  // Unheard, they are released when the execution ends.
  await context.sendResponse({ [RELEASED]: activity as object[] as IDataObject[] }).catch(() => {});
}

/** What an execution's answer releases; nothing for any other answer. */
export function releasedBy(answer: unknown): Released[] {
  const released = (answer as IDataObject | undefined)?.[RELEASED];
  return Array.isArray(released) ? (released as Released[]) : [];
}

/** Whether a trigger of ours started the execution: to another one, an answer means something else. */
function isOurs(context: Context): boolean {
  if (context.getMode() !== 'trigger') return false;
  const before = context.getParentNodes(context.getNode().name);
  const triggers = before.filter(({ type }) => type.endsWith('Trigger'));
  return triggers.length > 0 && triggers.every(({ type }) => isOwnTrigger(type));
}

/** The last action of an item's session; nothing for an item that only names its session. */
function broughtBy({ json }: INodeExecutionData): Released[] {
  const { product_id, session_id } = json;
  const actions = Array.isArray(json.actions) ? (json.actions as IDataObject[]) : [];
  const action_id = actions.at(-1)?.action_id;
  if (typeof session_id !== 'string' || typeof action_id !== 'string') return [];
  return [{ product_id: typeof product_id === 'string' ? product_id : '', session_id, action_id }];
}
