import { claimActivity, LINK_WINDOW_MS } from '../../core/delivery/claim';
import { LEASE_MS } from '../../core/delivery/lease';
import type { NoteClaim, SessionMemory } from '../../core/memory/types';
import { createRandom } from '../../simulators/random';
import { ACTIONS_EACH, CHAT, NAME, refOf, RETENTION_MS, type Crowd, type Visitor } from './crowd';
import type { MemoryStore } from './memoryStores';
import { median } from './statistics';

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
  /** How many sessions a wake-up found, and how long it took, in milliseconds. */
  wakeUp: { due: number; ms: number };
}

interface Measured {
  store: MemoryStore;
  crowd: Crowd;
  /** The memory that is asked: that of the store, or the same from far away. */
  memory: SessionMemory;
  trips: () => number;
  /** How often each operation is measured. */
  calls: number;
  wakeUps: number;
  signal: AbortSignal;
}

/** Sessions of a call of Remember: half of them are new, the others chosen by chance. */
const CALL = 20;
/** As many as one execution takes, and more than are due. */
const WAKE_UP = { due: 2_000, limit: 10_000 };
const AT_ONCE = 200;
/** Longer than after new activity a session is due. */
const UNTIL_DUE_MS = 61_000;
/** Follows a conversation that is always live. */
const PACE = { liveMs: RETENTION_MS, calmMs: 1, endMs: RETENTION_MS };
/** A step between linked sessions, prime so that it meets all of them. */
const STEP = 7_919;
let notes = 0;
let lastLinked = 0;

/** Measures every operation on a memory as it is now. Afterwards no session is due. */
export async function costsOf(measured: Measured): Promise<Costs> {
  const { store, crowd, memory, calls, wakeUps } = measured;
  const random = createRandom(crowd.linked());
  const remembering = times(calls).map(() => {
    const half = times(CALL / 2);
    const known = half.map(() => crowd.unlinked(random));
    const batches = crowd.acts([...known, ...half.map(() => crowd.stranger())]);
    return () => memory.remember(NAME, batches, RETENTION_MS);
  });
  const remembered = await costOf(measured, remembering, CALL * ACTIONS_EACH);
  const recalling = times(calls * 2).map((i) => () => recall(memory, crowd.any(random), i % 2));
  const recalled = await costOf(measured, recalling);
  const delivering = (await makeDue(store, crowd, calls)).map(
    (visitor) => async () => await commit(memory, await claim(memory, visitor)),
  );
  const delivered = await costOf(measured, delivering);

  const due = Math.min(WAKE_UP.due, crowd.linked());
  const found: Cost[] = [];
  for (let i = 0; i < wakeUps; i++) {
    const visitors = await makeDue(store, crowd, due);
    store.later(UNTIL_DUE_MS);
    found.push(await costOf(measured, [() => wakeUp(memory, due)], due));
    await deliverAll(store, visitors);
  }
  const dueSession = {
    cpuMs: median(found.map(({ cpuMs }) => cpuMs)),
    ms: median(found.map(({ ms }) => ms)),
    trips: median(found.map(({ trips }) => trips)),
  };
  return {
    'remembered action': remembered,
    'claim and commit': delivered,
    recall: recalled,
    'due session': dueSession,
    wakeUp: { due, ms: dueSession.ms * due },
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
  const found = await memory.recall(NAME, { ...whom, windowMs: RETENTION_MS, maxActions: 20 });
  if (!found?.actions.length) throw new Error(`Nothing was recalled of ${JSON.stringify(whom)}`);
}

/** As the Stream Trigger and Remember do it. */
async function wakeUp(memory: SessionMemory, due: number): Promise<void> {
  if (!(await memory.isWorkDue(NAME))) throw new Error('No work was due');
  const { length } = await memory.unfinished(NAME, { limit: WAKE_UP.limit });
  if (length !== due) throw new Error(`A wake-up found ${length} sessions instead of ${due}`);
}

type Claimed = Extract<NoteClaim, { status: 'claimed' }>;

async function claim(memory: SessionMemory, visitor: Visitor): Promise<Claimed> {
  const times = { linkWindowMs: LINK_WINDOW_MS, leaseMs: LEASE_MS };
  const claimed = await claimActivity(memory, refOf(visitor), CHAT, { ...times, pace: PACE });
  if (claimed.status !== 'claimed') throw new Error(`No note was claimed: ${claimed.status}`);
  return claimed;
}

async function commit(memory: SessionMemory, { claim: held, note }: Claimed): Promise<void> {
  await memory.commitNote(held, note, `posted-${++notes}`);
}

/** Linked sessions with an action that is in no note yet. */
async function makeDue({ memory, later }: MemoryStore, crowd: Crowd, count: number) {
  const visitors = times(count).map(() => crowd.linkedOne((lastLinked += STEP) % crowd.linked()));
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = visitors.slice(from, from + AT_ONCE);
    await memory.remember(NAME, crowd.acts(some, 1), RETENTION_MS);
  }
  // The pace leaves a pause after each note.
  later(10);
  return visitors;
}

/** Claims and commits the notes of these sessions. @returns how long the claims took, in milliseconds */
export async function deliverAll(
  { memory }: MemoryStore,
  visitors: readonly Visitor[],
): Promise<number> {
  const began = performance.now();
  const claims = await Promise.all(visitors.map(async (visitor) => await claim(memory, visitor)));
  const tookMs = performance.now() - began;
  await Promise.all(claims.map(async (claimed) => await commit(memory, claimed)));
  return tookMs;
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
  const visitors = await makeDue(store, crowd, LARGE.deliveries);
  const deliveriesPerS = await perSecond(visitors.length, async () => {
    for (const visitor of visitors) await commit(store.memory, await claim(store.memory, visitor));
  });
  return { rowsPerS, deliveriesPerS };
}

async function perSecond(units: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return units / ((performance.now() - began) / 1_000);
}

function times(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
