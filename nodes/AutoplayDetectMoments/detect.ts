import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import type { Detected, KeptMoment, Timeline } from '../../core/memory/moments';
import type { NamedMemory } from '../../core/memory/named';
import { linkFields } from '../../core/memory/sessionItem';
import { createDetector, type Detection, type Detector } from '../../core/moments/detect';
import { sessionIdsOf } from '../shared/items';
import { openMemory } from '../shared/memory/open';
import { planMoments } from '../shared/moments';
import { parametersOf } from '../shared/operations/parameters';
import { itemsOf, made, type Item } from '../shared/operations/run';
import { detectorOf } from '../shared/steps';
import { readRules } from './rules';

/** More of a session's actions are not looked at: no rule needs more. */
const MOST_ACTIONS = 200;

/** Looks at the sessions of all items at once, and passes on an item for each moment that had not fired before. */
export async function detectMoments(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const { memoryOf } = await openMemory(context);
  const detector = createDetector(readRules(parametersOf(context, 0)));
  const workflowId = context.getWorkflow().id;
  const name = detectorOf(workflowId, context.getNode().name);
  const out: INodeExecutionData[] = [];
  for (const { memory, items } of byMemory(itemsOf(context), memoryOf)) {
    out.push(...(await lookAt(memory, name, detector, items)));
    await planMoments(memory, [name], workflowId);
  }
  return out;
}

interface OfMemory {
  memory: NamedMemory;
  items: Item[];
}

/** The items that name a session, each session once, by the memory that holds it. */
function byMemory(items: readonly Item[], memoryOf: (item: number) => NamedMemory): OfMemory[] {
  const groups = new Map<string, OfMemory>();
  const seen = new Set<string>();
  for (const item of items) {
    const ids = sessionIdsOf(item);
    if (!ids) continue;
    const memory = memoryOf(item.index);
    const key = JSON.stringify([memory.name, ids.product_id, ids.session_id]);
    if (seen.has(key)) continue;
    seen.add(key);
    const group = groups.get(memory.name) ?? { memory, items: [] };
    groups.set(memory.name, group);
    group.items.push(item);
  }
  return [...groups.values()];
}

async function lookAt(
  memory: NamedMemory,
  name: string,
  detector: Detector,
  items: readonly Item[],
): Promise<INodeExecutionData[]> {
  const timelines = await memory.timelines(
    items.map((item) => sessionIdsOf(item)!),
    {
      ...{ detector: name, maxActions: MOST_ACTIONS },
      ...{ windowMs: detector.windowMs, withHistory: detector.needsHistory },
    },
  );
  const now = systemClock.now();
  const looked = items.flatMap((item, i) => {
    const timeline = timelines[i];
    if (!timeline) return [];
    const found = detector.detect(sessionOf(timeline), now);
    return isNews(timeline, found, now, item) ? [{ item, timeline, found }] : [];
  });
  if (looked.length === 0) return [];
  const kept = await memory.keepMoments(name, looked.map(detectedOf));
  return looked.flatMap(({ item, timeline }, i) =>
    (kept[i] ?? []).map((one) => made(item, momentItem(timeline, one))),
  );
}

interface Looked {
  item: Item;
  timeline: Timeline;
  found: Detection;
}

function sessionOf({ session, is_signed_in, actions, is_complete, ...rest }: Timeline) {
  const { product_id, session_id } = session;
  const { history, learning_since: learningSince, fired } = rest;
  const known = { isSignedIn: is_signed_in, isComplete: is_complete };
  return { product_id, session_id, actions, ...known, history, learningSince, fired };
}

/**
 * Whether there is anything to write. A time to look again that is already planned and comes earlier stays: to look in vain
 * costs less than to write with each action.
 */
function isNews({ due_at }: Timeline, found: Detection, now: number, { json }: Item): boolean {
  if (found.moments.length > 0 || found.history !== undefined) return true;
  // Passing it on has put off the time that was planned.
  if (json.resumed === true) return true;
  if (due_at === null || due_at <= now) return found.dueAt !== due_at;
  return found.dueAt !== null && found.dueAt < due_at;
}

function detectedOf({ timeline: { session }, found }: Looked): Detected {
  const { product_id, session_id } = session;
  return { session: { product_id, session_id }, ...found };
}

/** A moment as an item: what fired, what shows it, and whose it is. */
function momentItem({ session }: Timeline, { moment_id, moment }: KeptMoment): IDataObject {
  const { rule, name, rule_version, at, page, evidence, strength } = moment;
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
