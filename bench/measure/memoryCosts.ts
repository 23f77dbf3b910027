import { claimActivity, LINK_WINDOW_MS } from '../../core/delivery/claim';
import { LEASE_MS } from '../../core/delivery/lease';
import type { SessionMemory } from '../../core/memory/types';
import { createRandom } from '../../simulators/random';
import { ACTIONS_EACH, CHAT, NAME, refOf, RETENTION_MS, type Crowd, type Visitor } from './crowd';
import type { MemoryStore } from './memoryStores';
import { median, perSecond } from './statistics';

/** What is measured, each per unit of its work. */
export const OPERATIONS = [
  'remembered action',
  'claim and commit',
  'recall',
  'due session',
] as const;

export type Operation = (typeof OPERATIONS)[number];

export interface Cost {
  /** CPU time of this process and the server, in milliseconds. */
  cpuMs: number;
  /** The median of the calls, in milliseconds. */
  ms: number;
  /** How often the network was crossed there and back; 0 where that is not counted. */
  trips: number;
}

export interface Costs extends Record<Operation, Cost> {
  /** Of a wake-up of all sessions that are due. */
  wakeUp: Cost;
}

interface Measured {
  store: MemoryStore;
  crowd: Crowd;
  /** The memory that is asked: that of the store, or the same from far away. */
  memory: SessionMemory;
  trips: () => number;
  /** How often each operation is measured. */
  calls: number;
  signal: AbortSignal;
}

/** Sessions of a call of Remember: half of them are new, the others chosen by chance. */
const CALL = 20;
/** As many as one execution takes, and more than are due. */
const WAKE_UP = { due: 2_000, limit: 10_000 };
/** Sessions of a wake-up that compares a large memory with a small one, in which no more are due. */
const FEW = 250;
const AT_ONCE = 200;
/** Longer than after new activity, or after it was taken, a session is due. */
const UNTIL_DUE_MS = 61_000;
/** Follows a conversation that is always live. */
const PACE = { liveMs: RETENTION_MS, calmMs: 1, endMs: RETENTION_MS };
/** A step between linked sessions, prime so that it meets all of them. */
const STEP = 7_919;
let notes = 0;
let lastLinked = 0;

/** How many sessions are due in a wake-up: at most half of those that are linked. */
export const dueIn = (crowd: Crowd) => Math.min(WAKE_UP.due, crowd.linked() / 2);

/** Makes the linked sessions due that acted last; from then on each wake-up finds them. */
export async function makeDue({ memory }: MemoryStore, crowd: Crowd): Promise<void> {
  const due = lastLinkedOf(crowd);
  for (let from = 0; from < due.length; from += AT_ONCE) {
    const some = due.slice(from, from + AT_ONCE);
    await memory.remember(NAME, crowd.acts(some, 1), RETENTION_MS);
  }
}

/** Delivers what `makeDue` left, so that no wake-up finds it any more. */
export async function deliverDue({ memory }: MemoryStore, crowd: Crowd): Promise<void> {
  await Promise.all(lastLinkedOf(crowd).map(async (one) => await deliver(memory, one)));
}

const lastLinkedOf = (crowd: Crowd) =>
  times(dueIn(crowd)).map((i) => crowd.linkedOne(crowd.linked() - 1 - i));

/** Measures every operation once on a memory as it is now, after `makeDue`. */
export async function costsOf(measured: Measured): Promise<Costs> {
  const { store, crowd, memory, calls } = measured;
  const random = createRandom(++notes);
  const remembering = times(calls).map(() => {
    const half = times(CALL / 2);
    const known = half.map(() => crowd.unlinked(random));
    const batches = crowd.acts([...known, ...half.map(() => crowd.stranger())]);
    return () => memory.remember(NAME, batches, RETENTION_MS);
  });
  const recalling = times(calls * 2).map((i) => {
    const visitor = crowd.any(random);
    return () => recall(memory, visitor, i % 2);
  });
  const delivering = (await act(store, crowd, calls)).map(
    (visitor) => async () => await deliver(memory, visitor),
  );
  store.later(UNTIL_DUE_MS);
  const due = dueIn(crowd);
  const remembered = await costOf(measured, remembering, CALL * ACTIONS_EACH);
  const delivered = await costOf(measured, delivering);
  const recalled = await costOf(measured, recalling);
  const wokenUp = await costOf(measured, [() => wakeUp(memory, WAKE_UP.limit, due)]);
  store.later(UNTIL_DUE_MS);
  return {
    'remembered action': remembered,
    'claim and commit': delivered,
    recall: recalled,
    'due session': await costOf(measured, [() => wakeUp(memory, FEW, FEW)], FEW),
    wakeUp: wokenUp,
  };
}

/** What one call costs, divided by the units of work in it. */
async function costOf(
  { store, trips, signal }: Measured,
  calls: ReadonlyArray<() => Promise<unknown>>,
  units = 1,
): Promise<Cost> {
  const lengths: number[] = [];
  const [cpuBefore, tripsBefore] = [store.cpuMs(), trips()];
  for (const call of calls) {
    signal.throwIfAborted();
    const began = performance.now();
    await call();
    lengths.push(performance.now() - began);
  }
  const all = calls.length * units;
  return {
    cpuMs: (store.cpuMs() - cpuBefore) / all,
    ms: median(lengths) / units,
    trips: (trips() - tripsBefore) / calls.length,
  };
}

async function recall(
  memory: SessionMemory,
  { session_id, user_id }: Visitor,
  byUser: number,
): Promise<void> {
  const whom = byUser ? { user_id } : { session_id };
  const limits = { windowMs: RETENTION_MS, maxActions: ACTIONS_EACH };
  const found = await memory.recall(NAME, { ...whom, ...limits });
  if (!found?.actions.length) throw new Error(`Nothing was recalled of ${JSON.stringify(whom)}`);
}

/** As the Stream Trigger and Remember do it. */
async function wakeUp(memory: SessionMemory, limit: number, due: number): Promise<void> {
  if (!(await memory.isWorkDue(NAME))) throw new Error('No work was due');
  const query = { limit, includePaused: true };
  const { length } = await memory.unfinished(NAME, query);
  if (length !== due) throw new Error(`A wake-up found ${length} sessions instead of ${due}`);
}

async function deliver(memory: SessionMemory, visitor: Visitor): Promise<void> {
  const condition = { linkWindowMs: LINK_WINDOW_MS, leaseMs: LEASE_MS, pace: PACE };
  const claimed = await claimActivity(memory, refOf(visitor), CHAT, condition);
  if (claimed.status !== 'claimed') throw new Error(`No note was claimed: ${claimed.status}`);
  await memory.commitNote(claimed.claim, claimed.note, `posted-${++notes}`);
}

/** Lets linked sessions act that are due in no wake-up. */
async function act({ memory }: MemoryStore, crowd: Crowd, count: number): Promise<Visitor[]> {
  const others = crowd.linked() - dueIn(crowd);
  const visitors = times(count).map(() => crowd.linkedOne((lastLinked += STEP) % others));
  await memory.remember(NAME, crowd.acts(visitors, 1), RETENTION_MS);
  return visitors;
}

/** What the memory carries, with large calls. */
export interface Rates {
  rowsPerS: number;
  /** Claims with their commits, one after the other. */
  deliveriesPerS: number;
}

const LARGE = { sessions: 340, calls: 10, deliveries: 200 };

export async function ratesOf(store: MemoryStore, crowd: Crowd): Promise<Rates> {
  const random = createRandom(9);
  const calls = times(LARGE.calls).map(() =>
    crowd.acts(
      times(LARGE.sessions).map((i) => (i % 2 ? crowd.stranger() : crowd.unlinked(random))),
    ),
  );
  const rows = LARGE.calls * LARGE.sessions * ACTIONS_EACH;
  const rowsPerS = await perSecond(rows, async () => {
    for (const batches of calls) await store.memory.remember(NAME, batches, RETENTION_MS);
  });
  const visitors = await act(store, crowd, LARGE.deliveries);
  // The pace leaves a pause after each note.
  store.later(UNTIL_DUE_MS);
  const deliveriesPerS = await perSecond(visitors.length, async () => {
    for (const visitor of visitors) await deliver(store.memory, visitor);
  });
  return { rowsPerS, deliveriesPerS };
}

function times(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
