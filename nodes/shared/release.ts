import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Released } from '../../core/dispatcher/types';
import { products } from '../../core/products';
import { sessionIdsOf } from './items';
import { tellTrigger } from './signals';

/** The field with which a step in another process answers to its trigger. No answer to a webhook has one of this name. */
const RELEASED = 'autoplay_released';

/** Whether a node's type is that of a trigger of this package. */
function isOwnTrigger(type: string): boolean {
  const name = type.split('.').at(-1) ?? '';
  const isSource = /^(?:autoplay\w*|posthogActivity)Trigger$/.test(name);
  return isSource || products.some(({ trigger }) => trigger === name);
}

type Context = Pick<
  IExecuteFunctions,
  'getInputData' | 'getMode' | 'getNode' | 'getParentNodes' | 'getWorkflow' | 'sendResponse'
>;

/**
 * Lets the trigger pass on more activity of these sessions while this execution still runs. In queue mode the trigger is
 * in another process. n8n carries one answer of an execution back to the trigger that started it, as it does for message
 * queues; it ignores a second one.
 */
export async function releaseSessions(context: Context): Promise<void> {
  const activity = context.getInputData().flatMap(broughtBy);
  const trigger = tellTrigger(context.getWorkflow().id);
  activity.forEach(trigger.release);
  if (trigger.isHeard || activity.length === 0 || !isOurs(context)) return;
  // If the answer is lost, the sessions are released when the execution ends.
  await context.sendResponse({ [RELEASED]: activity as object[] as IDataObject[] }).catch(() => {});
}

/** The sessions that an execution's answer releases; none for any other answer. */
export function releasedBy(answer: unknown): Released[] {
  const released = (answer as IDataObject | undefined)?.[RELEASED];
  return Array.isArray(released) ? (released as Released[]) : [];
}

/** Whether a trigger of this package started the execution. To another trigger, an answer means something else. */
function isOurs(context: Context): boolean {
  if (context.getMode() !== 'trigger') return false;
  const before = context.getParentNodes(context.getNode().name);
  const triggers = before.filter(({ type }) => type.endsWith('Trigger'));
  return triggers.length > 0 && triggers.every(({ type }) => isOwnTrigger(type));
}

/** The last action of an item's session; none for an item that only names its session. */
function broughtBy({ json }: INodeExecutionData): Released[] {
  const session = sessionIdsOf({ json });
  const actions = Array.isArray(json.actions) ? (json.actions as IDataObject[]) : [];
  const action_id = actions.at(-1)?.action_id;
  return session && typeof action_id === 'string' ? [{ ...session, action_id }] : [];
}
