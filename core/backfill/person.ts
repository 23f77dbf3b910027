import type { Action } from '../payload/types';
import { backfilledId, contentOf } from './content';

/** A person for whom the stream brought actions, or a backfill did. Times are those of the visitor's clock, in seconds. */
export interface Person {
  /** Null as long as nothing has said who they are. */
  userId: string | null;
  /** The session that the stream named last. */
  sessionId: string | null;
  /** When the stream last brought something, in milliseconds since the epoch. */
  lastAt: number;
  /** The latest actions that the stream brought, in the order of arrival. */
  recent: Action[];
  /** Only later actions are sure to be in `recent` if the stream brought them; undefined if nothing has come. */
  knownAfter: number | undefined;
  /** What backfills brought, by content; undefined if they brought nothing, as for most people. */
  filled: Map<string, Filled> | undefined;
}

/** Equal actions that backfills brought. */
interface Filled {
  count: number;
  at: number;
  /** The ids of those that the stream brought as well, later. */
  repeated: Set<string>;
}

/** The connector returns 50, and none of them may be in doubt. */
const MOST_RECENT = 100;
const MOST_FILLED = 500;
/** Sets an exclusive bound right before an action. */
const A_MILLISECOND = 0.001;

export function createPerson(userId: string | null): Person {
  return {
    userId,
    sessionId: null,
    lastAt: -Infinity,
    recent: [],
    knownAfter: undefined,
    filled: undefined,
  };
}

/** Takes over what is known of a person who goes by another id now. Other sessions may still have them by the old one. */
export function takeOver(person: Person, before: Person): void {
  // Of both, everything is known only since the later of their beginnings.
  const bounds = [person.knownAfter, before.knownAfter].filter((time) => time !== undefined);
  if (bounds.length > 0) person.knownAfter = Math.max(...bounds);
  person.recent.push(...before.recent);
  for (const [content, filled] of before.filled ?? []) filledOf(person).set(content, filled);
}

function filledOf(person: Person): Map<string, Filled> {
  return (person.filled ??= new Map<string, Filled>());
}

/** Adds an action that the stream brought. Returns whether a backfill brought it before. */
export function addStreamed(person: Person, action: Action): boolean {
  const { recent, filled } = person;
  // Of most people, one action comes. Pushing it into an empty array would reserve room for sixteen more.
  if (recent.length === 0) person.recent = [action];
  else recent.push(action);
  if (action.timestamp_start !== null) person.knownAfter ??= action.timestamp_start - A_MILLISECOND;
  // Not one by one, because moving the others each time is slow.
  if (recent.length > 2 * MOST_RECENT) {
    for (const { timestamp_start } of recent.splice(0, MOST_RECENT)) {
      person.knownAfter = Math.max(person.knownAfter ?? -Infinity, timestamp_start ?? -Infinity);
    }
  }
  const equal = filled?.get(contentOf(action) ?? '');
  if (!equal) return false;
  if (equal.repeated.has(action.action_id)) return true;
  if (equal.repeated.size >= equal.count) return false;
  equal.repeated.add(action.action_id);
  return true;
}

/**
 * Those of a visitor's last actions that neither the stream nor an earlier backfill brought, oldest first, each with its
 * id. From now on they count as brought. Of equal actions, as many are missing as the answer has more.
 */
export function takeMissing(person: Person, actions: readonly Action[]): Action[] {
  const streamed = new Map<string, Set<string>>();
  for (const action of person.recent) {
    const content = contentOf(action);
    if (content === undefined) continue;
    streamed.set(content, (streamed.get(content) ?? new Set()).add(action.action_id));
  }
  const counted = new Map<string, number>();
  const missing: Action[] = [];
  for (const action of actions.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    const content = contentOf(action);
    if (content === undefined || timeOf(action) <= (person.knownAfter ?? -Infinity)) continue;
    const nth = (counted.get(content) ?? 0) + 1;
    counted.set(content, nth);
    const filled = filledOf(person);
    const equal = filled.get(content) ?? { count: 0, at: timeOf(action), repeated: new Set() };
    const brought = (streamed.get(content)?.size ?? 0) + equal.count - equal.repeated.size;
    if (nth <= brought) continue;
    filled.set(content, { ...equal, count: equal.count + 1 });
    missing.push({ ...action, action_id: backfilledId(content, nth) });
  }
  forgetOldest(person);
  return missing;
}

/** What is forgotten must not be brought again. */
function forgetOldest(person: Person): void {
  const { filled } = person;
  for (const [content, { at }] of filled ?? []) {
    if (!filled || filled.size <= MOST_FILLED) return;
    filled.delete(content);
    person.knownAfter = Math.max(person.knownAfter ?? -Infinity, at);
  }
}

function timeOf({ timestamp_start }: Action): number {
  return timestamp_start ?? 0;
}
