import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
} from 'n8n-workflow';
import { systemClock } from '../../../core/clock';
import type { NamedMemory } from '../../../core/memory/named';
import { linkFields, resumedItem } from '../../../core/memory/sessionItem';
import type { SessionInfo } from '../../../core/memory/types';
import { parseFrame } from '../../../core/payload/parse';
import type { SessionBatch, SkipReason } from '../../../core/payload/types';
import { withoutQueries } from '../../../core/payload/urls';
import { openMemory } from '../../shared/memory/open';
import { asNodeError } from '../../shared/nodeErrors';
import { optionsField } from '../../shared/operations/fields';
import type { Operation } from '../../shared/operations/operation';
import { parametersOf } from '../../shared/operations/parameters';
import { isTool } from '../../shared/isTool';
import { itemsOf, made, outOf, type Item } from '../../shared/operations/run';
import { queryStringsOption } from '../../shared/queryStrings';
import { detectorsAfter, workAfter } from '../../shared/steps';
import { planMoments } from '../../shared/moments';
import { patientMemory } from '../../shared/memory/trouble';

const resumeUnfinished: INodeProperties = {
  displayName: 'Resume Unfinished Sessions',
  name: 'resumeUnfinished',
  type: 'boolean',
  default: true,
  description:
    'Whether to pass on sessions that a failure or crash left unfinished, so that the next nodes retry them',
};

/** How many unfinished sessions an execution takes along; one that was started for them takes all. */
const RESUME_AT_ONCE = { alongside: 100, wakeUp: 10_000 };

/** Stores what came in, and brings back what was left unfinished: one item per session. */
export const remember: Operation = {
  value: 'remember',
  name: 'Remember',
  action: 'Remember activity',
  description: 'Store incoming activity. Comes first in every workflow, after the trigger.',
  fields: [optionsField(queryStringsOption, resumeUnfinished)],
  async execute(context) {
    const { memoryOf } = await openMemory(context);
    const { options } = parametersOf(context, 0);
    const incoming = readItems(context, memoryOf, options.isOn(queryStringsOption));
    const out = incoming.failed.map(([item, error]) => outOf(item, error));

    // What can be stored is stored before a failure is thrown: the stream will not bring it again.
    const seen = new Set<string>();
    for (const { memory, contents } of incoming.byMemory.values()) {
      const batches = contents.map(({ batch }) => batch);
      const patient = patientMemory(memory, context.getWorkflow().id);
      const remembered = await patient.remember(batches);
      for (const [i, { added, ...info }] of remembered.entries()) {
        seen.add(keyOf(info));
        out.push(rememberedItem(contents[i]!, info, added));
      }
    }
    const [failure] = incoming.failed;
    if (failure && !context.continueOnFail()) throw failure[1];

    // Unfinished sessions are those of other visitors, which a tool must not show to its model.
    if (!options.isOn(resumeUnfinished) || isTool(context)) return [out];
    const work = workOf(context);
    const workflowId = context.getWorkflow().id;
    const detectors = detectorsAfter(context, context.getNode().name, workflowId);
    for (const { memory, contents } of incoming.byMemory.values()) {
      const { wakeUp, includePaused } = incoming;
      const limit = wakeUp ? RESUME_AT_ONCE.wakeUp : RESUME_AT_ONCE.alongside;
      const left = await memory.unfinished({ limit, includePaused, work, detectors });
      // Where no session goes on, no detector says when it has to look again.
      if (detectors?.length !== 0) await planMoments(memory, detectors, workflowId);
      const index = (wakeUp ?? contents[0]?.item)?.index ?? 0;
      const isNew = (info: SessionInfo) => !seen.has(keyOf(info));
      const resumed = left.filter(isNew).map(resumedItem);
      out.push(...resumed.map((json) => ({ json, pairedItem: { item: index } })));
    }
    return [out];
  },
};

/** A batch, and the item that it came in. */
interface Content {
  batch: SessionBatch;
  item: Item;
}

interface Incoming {
  /** By the name of the memory; without contents for one that only a wake-up names. */
  byMemory: Map<string, { memory: NamedMemory; contents: Content[] }>;
  /** Items that cannot be remembered. */
  failed: Array<[Item, Error]>;
  /** The last wake-up among the items. */
  wakeUp?: Item;
  /** Whether a wake-up asks for sessions, too, that pause after a failure. */
  includePaused: boolean;
}

/** Reads what the items bring and sorts it by memory. */
function readItems(
  context: IExecuteFunctions,
  memoryOf: (item: number) => NamedMemory,
  keepsQueries: boolean,
): Incoming {
  const incoming: Incoming = { byMemory: new Map(), failed: [], includePaused: false };
  for (const item of itemsOf(context)) {
    const { json } = item;
    if (json.type === 'wake_up') {
      incoming.wakeUp = item;
      incoming.includePaused ||= json.only_due !== true;
    }
    try {
      const memory = memoryOf(item.index);
      const known = incoming.byMemory.get(memory.name) ?? { memory, contents: [] };
      incoming.byMemory.set(memory.name, known);
      if (json.type === 'wake_up') continue;
      for (const batch of batchesOf(item)) {
        known.contents.push({ batch: keepsQueries ? batch : withoutQueries(batch), item });
      }
    } catch (error) {
      incoming.failed.push([item, asNodeError(context.getNode(), error)]);
    }
  }
  return incoming;
}

const SKIPPED: Record<SkipReason, string> = {
  broken_json: 'it is no JSON',
  not_an_object: 'it is no object',
  unknown_type: 'its type is neither "actions" nor "summary"',
  no_session: 'it names no session, user or email address',
  bad_action: 'none of its actions is one',
  empty: 'nothing is in it',
};

/** @throws NodeOperationError when an item is no event, or nothing in it can be used */
function batchesOf({ json, fault }: Item): SessionBatch[] {
  const { batches, skipped } = parseFrame(json, {
    productId: '',
    receivedAt: systemClock.now() / 1_000,
  });
  if (batches.length > 0 || skipped.empty) return batches;
  const reasons = Object.keys(skipped).map((reason) => SKIPPED[reason as SkipReason]);
  throw fault(
    `This item cannot be remembered: ${reasons.join('; ')}`,
    'An item must be an "actions" or "summary" event as Autoplay sends it, with a session_id, user_id or email.',
  );
}

function rememberedItem(
  { batch, item }: Content,
  info: SessionInfo,
  added: number,
): INodeExecutionData {
  const { product_id, session_id } = batch;
  const known = isTool(item.context) ? { product_id, session_id } : batch;
  return made(item, {
    ...known,
    ...linkFields(info),
    // The push trigger has stored them already and says how many were new: now none is.
    added: Math.max(added, Number(item.json.added) || 0),
  });
}

/** What later steps can do, where workflows share a memory: what is left may be for a step of another workflow. */
function workOf(context: IExecuteFunctions) {
  const isShared = context.getNodeParameter('memoryScope', 0, 'workflow') !== 'workflow';
  return isShared
    ? workAfter(context, context.getNode().name, context.getWorkflow().id)
    : undefined;
}

function keyOf({ memory, product_id, session_id }: SessionInfo): string {
  return JSON.stringify([memory, product_id, session_id]);
}
