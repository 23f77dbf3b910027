import type {
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  INodeOutputConfiguration,
  INodeProperties,
} from 'n8n-workflow';
import { LINK_WINDOW_MS } from '../../../core/delivery/claim';
import { deliverActivity } from '../../../core/delivery/deliver';
import { ConversationGoneError } from '../../../core/delivery/destination';
import { eachItem, isTool, notLinked, passedOn, sessionOf, unlessGone } from '../items';
import type { Execute } from '../actions';
import { millisecondsOf } from '../numbers';
import { releaseSessions } from '../release';
import { tellTrigger } from '../signals';
import { deliversInto } from '../steps';
import { setUpDelivery, type DeliverySetup, type DestinationOf } from './setUp';

/** An option of each operation that delivers activity. */
export const linkWindowOption: INodeProperties = {
  displayName: 'Seconds Before the Link',
  name: 'linkWindow',
  type: 'number',
  typeOptions: { minValue: 0 },
  default: LINK_WINDOW_MS / 1_000,
  description: 'How much of what happened before a session got its conversation is posted, too',
};

/** The option's value for an item, in milliseconds. @throws NodeOperationError if it is no number */
export function linkWindowOf(context: IExecuteFunctions, itemIndex: number): number {
  const { linkWindow }: IDataObject = context.getNodeParameter('options', itemIndex, {});
  return millisecondsOf(1_000, context, linkWindowOption, linkWindow, { itemIndex });
}

export const fields: INodeProperties[] = [
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    displayOptions: { show: { resource: ['activity'], operation: ['deliver'] } },
    default: {},
    options: [linkWindowOption],
  },
];

/** Two outputs: sessions whose activity is delivered, and sessions without a conversation. */
export const outputs: INodeOutputConfiguration[] = [
  { type: 'main', displayName: 'Delivered' },
  { type: 'main', displayName: 'Not Linked' },
];

export function deliverTo(destinationOf: DestinationOf): Execute {
  return async function () {
    const withoutLink = new Set<INodeExecutionData>();
    // Another execution may remember more activity of these sessions meanwhile: claims keep the order of notes.
    await releaseSessions(this);

    const deliver = async (
      { memoryOf, partsFor }: DeliverySetup,
      item: INodeExecutionData,
      index: number,
    ): Promise<INodeExecutionData[]> => {
      const unlinked = (fields: IDataObject) => {
        const { json } = notLinked(this, item);
        const out = { json: { ...json, ...fields }, pairedItem: { item: index } };
        // An AI Agent reads only the first output of its tool.
        if (!isTool(this)) withoutLink.add(out);
        return [out];
      };
      const session = sessionOf(memoryOf(index), item);
      if (!session) return unlinked({});
      const condition = { linkWindowMs: linkWindowOf(this, index) };
      const parts = partsFor(index);
      const outcome = await unlessGone(this, deliverActivity(parts, session, condition));
      deliversInto(this.getWorkflow().id ?? '', parts.destination.chat);
      if (outcome instanceof ConversationGoneError) {
        return unlinked({ conversation_id: null, link_ended: outcome.conversationId });
      }
      if (outcome.leftForLater) tellTrigger(this.getWorkflow().id).leftForLater();
      if (outcome.status === 'not_linked') return unlinked({});
      const { conversationId, notes } = outcome;
      const posted = { conversation_id: conversationId, notes };
      return [{ json: { ...passedOn(this, item.json), ...posted } }];
    };
    const prepare = () => setUpDelivery(this, destinationOf);
    // All items at once: the gate decides whose turn it is.
    const order = { retried: true, atOnce: Infinity };
    const items = await eachItem(this, prepare, deliver, order);
    const out: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
    for (const item of items) out[withoutLink.has(item) ? 1 : 0].push(item);
    return out;
  };
}
