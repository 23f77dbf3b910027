import {
  NodeOperationError,
  type IDataObject,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
} from 'n8n-workflow';
import { parseFrame } from '../../../core/payload/parse';
import type { SessionBatch } from '../../../core/payload/types';
import { withoutQueries } from '../../../core/payload/urls';
import type { NamedMemory } from '../../../core/memory/named';
import type { SessionInfo } from '../../../core/memory/types';
import { isTool, passedOn } from '../../shared/items';
import { openMemory } from '../../shared/memory/open';
import { workAfter } from '../../shared/steps';
import { queryStringsOption } from '../../shared/queryStrings';
import { patientMemory } from '../../shared/memory/trouble';

export const description: INodeProperties[] = [
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    displayOptions: { show: { operation: ['remember'] } },
    default: {},
    options: [
      queryStringsOption,
      {
        displayName: 'Resume Unfinished Sessions',
        name: 'resumeUnfinished',
        type: 'boolean',
        default: true,
        description:
          'Whether sessions come out, too, that a failure or a crash left with something to do, so that later steps can try again',
      },
    ],
  },
];

/** How many unfinished sessions one execution takes along; one that was started for them, all. */
const RESUME_AT_ONCE = { alongside: 100, wakeUp: 10_000 };

/** What came in for one memory, and the item of each batch. */
interface Incoming {
  memory: NamedMemory;
  batches: SessionBatch[];
  origins: number[];
}

/** One item per session: what came in, then sessions that still have something to do. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const { memoryOf } = await openMemory(this);
  const { keepQueryStrings = false, resumeUnfinished = true } = this.getNodeParameter(
    'options',
    0,
    {},
  ) as { keepQueryStrings?: boolean; resumeUnfinished?: boolean };

  /** By the name of their memory, with the items that they came in. */
  const incomingOf = new Map<string, Incoming>();
  const out: INodeExecutionData[] = [];
  let wakeUp: number | undefined;
  let includePaused = false;
  let failure: Error | undefined;
  const incoming = this.getInputData();
  /** What an item has of the one it was made of. */
  const from = (item: number) => {
    const { binary } = incoming[item] ?? {};
    return { pairedItem: { item }, ...(binary && !isTool(this) && { binary }) };
  };
  const fail = (item: number, error: Error) => {
    failure ??= error;
    const { json } = incoming[item]!;
    out.push({
      json: { ...passedOn(this, json), error: error.message },
      error: error as NodeOperationError,
      ...from(item),
    });
  };
  /** What is to be remembered in the item's memory; undefined if it names none. */
  const of = (item: number) => {
    try {
      const memory = memoryOf(item);
      const known = incomingOf.get(memory.name);
      const inIt = known ?? { memory, batches: [], origins: [] };
      if (!known) incomingOf.set(memory.name, inIt);
      return inIt;
    } catch (error) {
      fail(item, error as Error);
      return undefined;
    }
  };
  incoming.forEach(({ json }, item) => {
    const inIt = of(item);
    if (json.type === 'wake_up') {
      wakeUp = item;
      includePaused ||= json.only_due !== true;
      return;
    }
    if (!inIt) return;
    const defaults = { productId: '', receivedAt: Date.now() / 1_000 };
    const parsed = parseFrame(json, defaults);
    for (const batch of parsed.batches) {
      inIt.batches.push(keepQueryStrings ? batch : withoutQueries(batch));
      inIt.origins.push(item);
    }
    if (parsed.batches.length > 0 || parsed.skipped.empty) return;
    const error = new NodeOperationError(
      this.getNode(),
      `This item cannot be remembered (${Object.keys(parsed.skipped).join(', ')})`,
      {
        itemIndex: item,
        description:
          'An item must be an "actions" or "summary" event as Autoplay sends it, with a session_id, user_id or email.',
      },
    );
    fail(item, error);
  });

  // What can be stored is stored first: the stream will not bring it again.
  const seen = new Set<string>();
  for (const { memory, batches, origins } of incomingOf.values()) {
    const remembered = await patientMemory(memory, this.getWorkflow().id).remember(batches);
    remembered.forEach(({ added, ...info }, i) => {
      const batch = batches[i]!;
      seen.add(keyOf(info));
      const item = origins[i] ?? 0;
      const before = addedBefore(incoming[item]);
      const { product_id, session_id } = batch;
      const known = isTool(this) ? { product_id, session_id } : batch;
      const json = { ...known, ...linkFields(info), added: Math.max(added, before) };
      out.push({ json, ...from(item) });
    });
  }
  if (failure && !this.continueOnFail()) throw failure;
  // Not for the model of an AI Agent: they are other visitors'.
  const resumes = resumeUnfinished && !isTool(this);
  for (const { memory, origins } of resumes ? incomingOf.values() : []) {
    const limit = wakeUp === undefined ? RESUME_AT_ONCE.alongside : RESUME_AT_ONCE.wakeUp;
    // Who shares a memory may have no step for what another workflow has left to do.
    const shared = this.getNodeParameter('memoryScope', 0, 'workflow') === 'named';
    const work = shared ? workAfter(this, this.getNode().name, this.getWorkflow().id) : undefined;
    const left = await memory.unfinished({ limit, includePaused, work });
    for (const info of left) {
      if (seen.has(keyOf(info))) continue;
      out.push({ json: resumed(info), pairedItem: { item: wakeUp ?? origins[0] ?? 0 } });
    }
  }
  return [out];
}

/** What the item says were new: the push trigger has remembered them, so that none is any more. */
function addedBefore(item: INodeExecutionData | undefined): number {
  const added = Number(item?.json.added);
  return added > 0 ? added : 0;
}

/** A session without new actions, in the shape of one with. */
function resumed(info: SessionInfo): IDataObject {
  const { product_id, session_id, user_id, email } = info;
  const empty = { type: 'actions', product_id, session_id, user_id, email, actions: [], count: 0 };
  return { ...empty, ...linkFields(info), added: 0, resumed: true };
}

/**
 * All the session's links, and one conversation: the one that the stream named if the session is
 * linked to it, else the one it was linked to first, else, not linked yet, what the stream named.
 */
function linkFields({ links, stream_conversation_id }: SessionInfo): IDataObject {
  const linked = Object.values(links);
  const [first = stream_conversation_id] = linked;
  const own = linked.find((conversation) => conversation === stream_conversation_id);
  return { conversation_id: own ?? first, links };
}

function keyOf({ memory, product_id, session_id }: SessionInfo): string {
  return JSON.stringify([memory, product_id, session_id]);
}
