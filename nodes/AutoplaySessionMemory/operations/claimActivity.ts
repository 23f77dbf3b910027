import type {
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  INodeProperties,
} from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { ActivityCondition } from '../../../core/delivery/claim';
import { createPortion, type HandedOut, type Portion } from '../../../core/delivery/handOut';
import { LEASE_MS } from '../../../core/delivery/lease';
import type { Execute } from '../../shared/actions';
import { linkWindowOf, linkWindowOption } from '../../shared/activity/deliver';
import { eachItem, isTool, passedOn, sessionOf } from '../../shared/items';
import { openMemory, type OpenMemory } from '../../shared/memory/open';
import { millisecondsOf } from '../../shared/numbers';
import { tellTrigger } from '../../shared/signals';
import { chatFields, chatOf } from './chat';

const show = { operation: ['claimActivity'] };

const secondsToPost: INodeProperties = {
  displayName: 'Seconds to Post',
  name: 'secondsToPost',
  type: 'number',
  typeOptions: { minValue: 10, maxValue: 600 },
  default: LEASE_MS / 1_000,
  description:
    'How long nobody else gets the note, and two seconds more for each note that is claimed at once (100 at most; the others follow later). It has to last until Mark as Delivered or Mark as Not Delivered: longer than the timeout of the HTTP Request. The note is handed out again after that.',
};

export const description: INodeProperties[] = [
  ...chatFields(show),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    displayOptions: { show },
    default: {},
    options: [linkWindowOption, secondsToPost],
  },
];

/** Two outputs: sessions with a note to post, and those whose conversation gets none from here. */
export const outputs = [
  { type: 'main', displayName: 'To Post' },
  { type: 'main', displayName: 'Nothing to Post' },
];

/**
 * Each item with `claim_status`; by the first output with its `conversation_id`, the `activity_note` to post in it, and
 * the `claim` on that.
 */
export const execute: Execute = async function () {
  const nothing = new Set<INodeExecutionData>();
  /** By chat product and options. */
  const portions = new Map<string, Portion>();
  /** What each claim that was taken is confirmed with. */
  const claimed = new Map<INodeExecutionData, () => Promise<boolean>>();
  const leaveForLater = (out: INodeExecutionData) => {
    nothing.add(out);
    // Who is at it may not see what came after their note.
    tellTrigger(this.getWorkflow().id).leftForLater();
  };

  const claim = async (
    { storage, memoryOf }: OpenMemory,
    item: INodeExecutionData,
    index: number,
  ): Promise<INodeExecutionData[]> => {
    const chat = chatOf(this, index, item.json);
    const memory = memoryOf(index);
    const session = sessionOf(memory, item);
    const parts = { memory: storage, clock: systemClock };
    const condition = conditionOf(this, index);
    const kind = JSON.stringify([chat, condition]);
    const portion = portions.get(kind) ?? createPortion(parts, chat, condition);
    portions.set(kind, portion);
    const outcome: HandedOut = session ? await portion.handOut(session) : { status: 'not_linked' };
    const json = { ...passedOn(this, item.json), ...toItem(outcome) };
    const out: INodeExecutionData = { json, pairedItem: { item: index } };
    if (outcome.status === 'claimed') {
      claimed.set(out, async () => await portion.confirm(memory.name, outcome.claim));
    } else if (outcome.status === 'busy') leaveForLater(out);
    else nothing.add(out);
    return [out];
  };
  const items = await eachItem(this, () => openMemory(this), claim, { retried: true });
  // What was claimed first may have waited long for the last. One that cannot be confirmed comes again.
  const confirm = async ([out, isOurs]: [INodeExecutionData, () => Promise<boolean>]) => {
    if (await isOurs().catch(() => false)) return;
    const { claim: _claim, activity_note: _note, ...rest } = out.json;
    out.json = { ...rest, claim_status: 'busy' };
    leaveForLater(out);
  };
  await Promise.all([...claimed].map(confirm));
  // An AI Agent reads what its tool gives by the first output.
  if (isTool(this)) return [items, []];
  const out: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
  for (const item of items) out[nothing.has(item) ? 1 : 0].push(item);
  return out;
};

function conditionOf(context: IExecuteFunctions, itemIndex: number): ActivityCondition {
  const options: IDataObject = context.getNodeParameter('options', itemIndex, {});
  return {
    linkWindowMs: linkWindowOf(context, itemIndex),
    leaseMs: millisecondsOf(1_000, context, secondsToPost, options.secondsToPost, { itemIndex }),
  };
}

function toItem(outcome: HandedOut) {
  const { status } = outcome;
  if (status === 'not_linked') return { claim_status: status };
  const linked = { claim_status: status, conversation_id: outcome.conversationId };
  if (status !== 'claimed') return linked;
  const { text, actions, triedBefore, claim } = outcome;
  return { ...linked, claim, activity_note: { text, actions, tried_before: triedBefore } };
}
