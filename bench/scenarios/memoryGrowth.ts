import { claimActivity, LINK_WINDOW_MS } from '../../core/delivery/claim';
import { LEASE_MS } from '../../core/delivery/lease';
import type { Claim, PendingNote, SessionMemory } from '../../core/memory/types';
import { createRandom } from '../../simulators/random';
import {
  ACTIONS_EACH,
  CHAT,
  createCrowd,
  NAME,
  refOf,
  RETENTION_MS,
  type Crowd,
  type Visitor,
} from '../measure/crowd';
import { openPostgresStore, openSqliteStore, type MemoryStore } from '../measure/memoryStores';
import { median } from '../measure/statistics';
import type { Run } from '../types';

const CALL = { sessions: 20 };
const ROUNDS = 5;

export interface Costs {
  remember: number;
  deliver: number;
  recall: number;
  wakeUp: number;
}

export async function measureAll(
  run: Pick<Run, 'signal' | 'progress'>,
  { memory: near, later }: Pick<MemoryStore, 'memory' | 'later'>,
  memory: SessionMemory,
  crowd: Crowd,
  calls: number,
) {
  const random = createRandom(3);
  const { signal } = run;
  /** The median of some rounds of the mean time, in milliseconds. */
  async function rounds(count: number, prepare: () => Promise<Array<() => Promise<unknown>>>) {
    const means: number[] = [];
    for (let i = 0; i < count; i++) {
      const works = await prepare();
      const began = performance.now();
      for (const work of works) {
        signal.throwIfAborted();
        await work();
      }
      means.push((performance.now() - began) / works.length);
    }
    return median(means);
  }
  const times = (count: number) => Array.from({ length: count }, (_, i) => i);
  const remembered = (known: () => Visitor) => () =>
    Promise.resolve(
      times(calls).map(() => {
        const half = times(CALL.sessions / 2);
        const visitors = [...half.map(known), ...half.map(() => crowd.stranger())];
        const batches = crowd.acts(visitors);
        return () => memory.remember(NAME, batches, RETENTION_MS);
      }),
    );
  const remember = await rounds(ROUNDS, remembered(() => crowd.unlinked(random)));
  const recall = await rounds(ROUNDS, async () =>
    times(calls * 2).map((i) => {
      const { session_id, user_id } = crowd.any(random);
      const whom = i % 2 ? { session_id } : { user_id };
      return async () => {
        const found = await memory.recall(NAME, { ...whom, windowMs: RETENTION_MS, maxActions: 20 });
        if (!found?.actions.length) throw new Error(`Nothing was recalled of ${session_id}`);
      };
    }),
  );
  let at = 0;
  const nextLinked = (count: number) =>
    times(count).map(() => crowd.linkedOne((at += 7919) % crowd.linked()));
  const claim = async (visitor: Visitor) => {
    const claimed = await claimActivity(memory, refOf(visitor), CHAT, {
      linkWindowMs: LINK_WINDOW_MS,
      leaseMs: LEASE_MS,
      pace: { liveMs: RETENTION_MS, calmMs: 1, endMs: RETENTION_MS },
    });
    if (claimed.status !== 'claimed') throw new Error(`No note was claimed: ${claimed.status}`);
    return claimed as { claim: Claim; note: PendingNote };
  };
  let notes = 0;
  const prefix = Math.random().toString(36).slice(2);
  const commit = async ({ claim: held, note }: { claim: Claim; note: PendingNote }) =>
    await memory.commitNote(held, note, `posted-${prefix}-${++notes}`);
  const deliver = await rounds(ROUNDS, async () => {
    const visitors = nextLinked(calls);
    await near.remember(NAME, crowd.acts(visitors, 1), RETENTION_MS);
    later(10);
    return visitors.map((visitor) => async () => await commit(await claim(visitor)));
  });
  const due = Math.min(2000, crowd.linked());
  const wakeUps: number[] = [];
  let claims = 0;
  for (let i = 0; i < 3; i++) {
    const visitors = nextLinked(due);
    for (let from = 0; from < due; from += 200)
      await near.remember(NAME, crowd.acts(visitors.slice(from, from + 200), 1), RETENTION_MS);
    later(61_000);
    const began = performance.now();
    if (!(await memory.isWorkDue(NAME))) throw new Error('Nothing is due');
    const found = await memory.unfinished(NAME, { limit: 10_000 });
    wakeUps.push(performance.now() - began);
    if (found.length !== due) throw new Error(`${found.length} found instead of ${due}`);
    const then = performance.now();
    const claimed = await Promise.all(visitors.map(claim));
    claims = performance.now() - then;
    await Promise.all(claimed.map(commit));
  }
  return {
    remember: (remember / CALL.sessions / ACTIONS_EACH) * 1000,
    recall: recall * 1000,
    deliver: deliver * 1000,
    wakeUp: median(wakeUps),
    due,
    claims,
  };
}

export { createCrowd, openPostgresStore, openSqliteStore };
