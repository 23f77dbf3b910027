import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { DetectedMoment } from '../../core/memory/moments';
import type { NamedMemory } from '../../core/memory/named';
import { linkFields } from '../../core/memory/sessionItem';
import { sessionIdsOf } from '../shared/items';
import { openMemory } from '../shared/memory/open';
import { planMoments } from '../shared/moments';
import { parametersOf } from '../shared/operations/parameters';
import { itemsOf, made, type Item } from '../shared/operations/run';
import { detectorOf } from '../shared/steps';
import { readRules } from './rules';

/** Looks at the sessions of all items at once, and passes on an item for each moment that had not fired before. */
export async function detectMoments(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const { memoryOf } = await openMemory(context);
  const rules = readRules(parametersOf(context, 0));
  const workflowId = context.getWorkflow().id;
  const name = detectorOf(workflowId, context.getNode().name);
  const out: INodeExecutionData[] = [];
  for (const { memory, items } of byMemory(itemsOf(context), memoryOf).values()) {
    const sessions = [...items.values()].map((item) => ({
      ...sessionIdsOf(item)!,
      resumed: item.json.resumed === true,
    }));
    const found = await memory.detectMoments({ name, rules }, sessions);
    out.push(...found.map((one) => made(items.get(keyOf(one.session))!, momentItem(one))));
    await planMoments(memory, [name], workflowId);
  }
  return out;
}

interface OfMemory {
  memory: NamedMemory;
  /** The first item of each session. */
  items: Map<string, Item>;
}

/** The items that name a session, by the memory that holds it. */
function byMemory(items: readonly Item[], memoryOf: (item: number) => NamedMemory) {
  const groups = new Map<string, OfMemory>();
  for (const item of items) {
    const ids = sessionIdsOf(item);
    if (!ids) continue;
    const memory = memoryOf(item.index);
    const group = groups.get(memory.name) ?? { memory, items: new Map<string, Item>() };
    groups.set(memory.name, group);
    if (!group.items.has(keyOf(ids))) group.items.set(keyOf(ids), item);
  }
  return groups;
}

const keyOf = ({ product_id, session_id }: { product_id: string; session_id: string }) =>
  JSON.stringify([product_id, session_id]);

/** A moment as an item: what fired, what shows it, and whose it is. */
function momentItem({ moment_id, moment, evidence, session }: DetectedMoment): IDataObject {
  const { rule, name, rule_version, at, page, strength } = moment;
  const { product_id, session_id, user_id, email } = session;
  return {
    ...{ type: 'moment', moment_id, rule, name, rule_version },
    ...{ at: new Date(at).toISOString(), page, strength: Math.round(strength * 100) / 100 },
    evidence: evidence.map(({ at: time, action }) => {
      const { type, title, description, canonical_url, action_id, signal } = action;
      const said = { type, title, description, canonical_url, ...(signal && { signal }) };
      return { at: new Date(time).toISOString(), ...said, action_id };
    }),
    ...{ product_id, session_id, user_id, email },
    ...linkFields(session),
  };
}
