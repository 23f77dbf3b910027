import { createHealth, reporting } from '../../core/http/health';
import type { Action, SessionBatch } from '../../core/payload/types';
import { StorageError } from '../../core/memory/errors';
import type { SessionMemory, SessionRef } from '../../core/memory/types';
import type { Model as LanguageModel } from '../../core/summary/summarize';
import { between, createRandom, pick } from '../../simulators/random';
import { action } from '../support/batches';
import { settle } from '../support/fakeClock';
import { batch, DAY_MS, HOUR_MS, testMemory } from '../support/memory';
import { testRules } from '../support/noteRules';
import { createChats, type Setting } from './chats';
import { createModel, type SessionModel } from './model';
import { createNetwork } from './network';
import { summaryOf } from './summaries';
import type { Database } from './storage';
import { createProcess, createVirtualTime } from './time';
import { createWorker, MEMORY, type Worker } from './workers';

export interface WorldOptions {
  setting: Setting;
  /** Of every random choice, so that a run can be repeated. */
  seed: number;
  database: Database;
  sessions: number;
  workers: number;
  /** Whether notes follow their conversation; as it happens otherwise. */
  follows: boolean;
}

export interface DatabaseTrouble {
  /** The share of packets that meet a fault, 0 to 1. */
  rate: number;
  /** What each packet takes in each direction, in real milliseconds. */
  delayMs: number;
  failsOver: boolean;
}

/** The chat product's clock is off by up to this, in milliseconds. */
const CLOCK_ERROR_MS = 100_000;
/** Our own clock is never set further from the true time than this, because a note is looked for within an hour of its time. */
const LONGEST_STEP_MS = 1_800_000;
const WAKE_UP_MS = 60_000;
/** Longer than the rest of a run, with every correction of the clock: nothing that is kept after a long stop expires within the run. */
const MARGIN_MS = 4 * HOUR_MS;
/** So many wake-ups in a row must find nothing wrong: a process that stood still for two minutes might do harm when it goes on. */
const CLEAN_LOOKS = 4;
/** Within this time after the last fault, everything must be delivered. */
const PATIENCE_MS = 15 * 60_000;
/** Short, so that a run sees each of the paces. */
const PACE = { liveMs: 10_000, calmMs: 20_000, endMs: 90_000 };
/** Actions of these sessions all say the same, at the same second. */
const isMonotonous = (session: number) => session % 2 === 1;

/**
 * The world of one run: a few sessions, the processes that deliver their activity, simulated chat products, and a
 * network between the two. Its methods are the steps that a run is made of. `recover` ends all faults and returns what
 * the model finds wrong.
 */
export async function createWorld(options: WorldOptions) {
  const random = createRandom(options.seed);
  const time = createVirtualTime();
  const { clock } = time;
  const { follows } = options;
  const model = createModel(follows);
  /** How far the clock of our machine is ahead of the true time. */
  let stepped = 0;
  const trueNow = () => clock.now() - stepped;
  const error = (random() * 2 - 1) * CLOCK_ERROR_MS;
  const chats = await createChats(options.setting, {
    clock: { ...clock, now: () => trueNow() + error },
    random: createRandom(options.seed + 1),
    watcher: model.watcher,
  });
  const networks = chats.map(({ faults }) => createNetwork({ time, random, faults }));
  const { file, way } = options.database;
  const open = async () => await testMemory(clock, file, testRules, way);
  let memory: SessionMemory = await open();
  let modelFails = 0;

  const sessions = Array.from({ length: options.sessions }, (_, n): Session => {
    const conversationIds = chats.map((chat) => chat.open(`u${n}`));
    const expected = model.session(`s${n}`, ...conversationIds);
    const ref = { memory: MEMORY, product_id: 'shop', session_id: `s${n}` };
    const waiting = chats.map(() => -Infinity);
    return { n, ref, conversationIds, expected, made: 0, waiting, ...UNKNOWN };
  });

  function newWorker(): Worker {
    const process = createProcess(clock);
    const destinations = chats.map((chat, n) => {
      const health = createHealth(process.clock);
      const send = reporting(networks[n]!.sendOf(process, chat.authentication), health);
      return { destination: chat.destination(process, send, random), health };
    });
    const answer: LanguageModel = async (prompt) => {
      model.heard(prompt);
      await new Promise<void>((resolve) => void clock.after(Math.round(random() * 2_000), resolve));
      await process.awake();
      if (random() < modelFails) throw new Error('The model is out of order');
      return summaryOf(prompt);
    };
    return createWorker({
      process,
      memory: () => memory,
      destinations,
      model: answer,
      random,
      ...paced,
    });
  }
  const paced = follows ? { pace: PACE } : {};
  const workers = Array.from({ length: options.workers }, newWorker);

  /** Starts an execution without waiting for its end. A wake-up follows one that fails, as in the trigger. */
  function begin(worker: Worker, workflow: number, refs: readonly SessionRef[], wakeUp = false) {
    void worker
      .execute(workflow, refs, wakeUp)
      .catch(unlessAway)
      .then(
        (ok) => ok || worker.process.clock.after(2_000, () => begin(worker, workflow, [], true)),
        () => undefined,
      );
  }
  const wakeUp = (worker: Worker) => chats.forEach((_, n) => begin(worker, n, [], true));

  /** Remembers batches once for each workflow, because each has a trigger of its own. */
  async function remember(one: Session, batches: readonly SessionBatch[], isNew: boolean) {
    let failures = 0;
    const bring = (sent: SessionBatch) =>
      insist(
        () => memory.remember(MEMORY, [sent], DAY_MS),
        () => (failures += 1),
      );
    const all = await Promise.all(chats.flatMap(() => batches).map(bring));
    const added = all.reduce((sum, [remembered]) => sum + (remembered?.added ?? 0), 0);
    const expected = isNew ? batches[0]!.count : 0;
    // A call that failed may have stored the batch all the same.
    if (failures === 0 && added !== expected) {
      model.violations.push(`remembered ${added} of ${expected}`);
    }
    one.seenAt = clock.now();
  }

  /** When the retention of a session ends, or that of its links while the session was never seen. */
  const ends = ({ seenAt, waiting }: Session): number[] =>
    (seenAt === undefined ? waiting : [seenAt]).map((since) => since + DAY_MS);

  /** The model forgets every session that is past its retention, also before the memory erases it. */
  function endRetention(): void {
    const now = clock.now();
    for (const one of sessions) {
      if (one.seenAt !== undefined && one.seenAt + DAY_MS <= now) {
        model.erase(one.expected);
        Object.assign(one, UNKNOWN, { waiting: chats.map(() => -Infinity) });
      } else if (one.seenAt === undefined) {
        one.expected.threads.forEach(
          (thread, n) => (thread.linked &&= one.waiting[n]! + DAY_MS > now),
        );
      }
    }
  }

  /** Lets calls under way end first: one that waits for a connection of a closed pool waits until its time is over. */
  async function closeMemory(): Promise<void> {
    await settle();
    await memory.close();
  }

  async function reopen(): Promise<void> {
    await closeMemory();
    memory = await insist(open);
    for (let n = 0; n < workers.length; n++) wakeUp((workers[n] = newWorker()));
  }

  /** The visitor writes in each linked conversation, so that no pace holds notes back any more. */
  async function visitorsWrite(): Promise<void> {
    for (const { conversationIds, expected, n } of sessions) {
      for (const [i, { linked }] of expected.threads.entries()) {
        if (!linked) continue;
        const whose = { conversation_id: conversationIds[i]!, user_id: `u${n}` };
        await memory.link(MEMORY, { chat: chats[i]!.name, ...whose }, DAY_MS);
      }
    }
  }

  return {
    clock,
    workers: workers.length,
    /** A batch of new actions arrives. @param times how often the same batch arrives at once */
    async act(session: number, worker: number, count: number, times: number) {
      const one = sessions[session]!;
      const actions = newActions(one, count, trueNow(), !follows && isMonotonous(session));
      const sent = batch(one.ref.session_id, actions, { user_id: `u${session}` });
      await remember(one, Array<SessionBatch>(times).fill(sent), true);
      one.sent = [...one.sent, sent];
      one.expected.remembered.push(...actions.map(({ description }) => description));
      chats.forEach((_, n) => begin(workers[worker]!, n, [one.ref]));
    },
    /** A batch that arrived before arrives again, perhaps after later ones. */
    async repeat(session: number, worker: number) {
      const one = sessions[session]!;
      if (one.sent.length === 0) return;
      await remember(one, [pick(random, one.sent)], false);
      chats.forEach((_, n) => begin(workers[worker]!, n, [one.ref]));
    },
    /** The connector sends a summary of the next actions that it has not summed up yet, or an old one again. */
    async sumUp(session: number, worker: number, again: boolean) {
      const one = sessions[session]!;
      const left = one.expected.remembered.length - one.summedUp;
      if (!again && left > 0) {
        const replaces = between(random, 1, left);
        one.summedUp += replaces;
        one.sums = [
          ...one.sums,
          {
            ...{ summary: `Covers ${one.summedUp}`, replaces, position: 0 },
            forwarded_at: trueNow() / 1_000,
          },
        ];
      }
      if (one.sums.length === 0) return;
      const sum = again ? pick(random, one.sums) : one.sums.at(-1)!;
      // Behind known actions, the summary has another position in the batch.
      const known = again ? pick(random, one.sent) : batch(one.ref.session_id, []);
      const summaries = [{ ...sum, position: known.count }];
      await remember(one, [{ ...known, user_id: `u${session}`, summaries }], false);
      chats.forEach((_, n) => begin(workers[worker]!, n, [one.ref]));
    },
    async link(session: number, worker: number, chat: number) {
      const { conversationIds, ref, expected } = sessions[session]!;
      const n = chat % chats.length;
      const whose = { conversation_id: conversationIds[n]!, user_id: `u${session}` };
      await insist(() => memory.link(MEMORY, { chat: chats[n]!.name, ...whose }, DAY_MS));
      expected.threads[n]!.linked = true;
      sessions[session]!.waiting[n] = clock.now();
      begin(workers[worker]!, n, [ref]);
    },
    /** The conversation is closed, and stays so until the visitor writes, which is a link. */
    async closeConversation(session: number, chat: number) {
      const n = chat % chats.length;
      const conversation_id = sessions[session]!.conversationIds[n]!;
      await insist(() =>
        memory.closeConversation(MEMORY, { chat: chats[n]!.name, conversation_id }),
      );
    },
    teammateNotes(session: number) {
      const { conversationIds, ref } = sessions[session]!;
      for (const [n, id] of conversationIds.entries()) {
        chats[n]!.teammateNotes(id, `session_id: ${ref.session_id}\n\n[1] by hand`);
      }
    },
    /** Kills a process in the middle of its work; a new one takes its place. */
    crash(worker: number) {
      workers[worker]!.process.kill();
      wakeUp((workers[worker] = newWorker()));
    },
    /** Restarts the machine: all processes are killed, and the memory is opened again. */
    async restart() {
      for (const { process } of workers) process.kill();
      await reopen();
    },
    /** The machine is off for hours. @param tidied whether what is past its retention is erased right after the start */
    async off(ms: number, tidied: boolean) {
      for (const { process } of workers) process.kill();
      await clock.advance(ms);
      // No promise says whether something at the very end of a retention still counts, so no retention may end soon.
      const soon = () => sessions.flatMap(ends).filter((at) => at - clock.now() < MARGIN_MS);
      for (let at = soon(); at.some((one) => one > clock.now()); at = soon()) {
        await clock.advance(Math.max(...at) - clock.now() + MARGIN_MS);
      }
      endRetention();
      await reopen();
      if (tidied) await insist(() => memory.expire());
    },
    standStill: (worker: number, ms: number) => workers[worker]!.process.standStill(ms),
    /**
     * Sets the machine's clock. Not while a request is on its way: a claim that seems to have lapsed is taken over,
     * and the process that takes it over cannot know how long the request may still take.
     */
    async step(ms: number) {
      // Lets a process that has checked its claim send its request first.
      await clock.advance(0);
      if (!networks.every((network) => network.isIdle())) return;
      // A process that stands still may have checked its claim and not sent its request yet.
      if (workers.some(({ process }) => process.isStandingStill())) return;
      const next = Math.max(-LONGEST_STEP_MS, Math.min(LONGEST_STEP_MS, stepped + ms));
      // Otherwise sessions whose retention has ended for the model would be within it again.
      if (next < stepped) await insist(() => memory.expire());
      clock.jump(next - stepped);
      stepped = next;
    },
    trouble(rate: number, down: boolean) {
      for (const network of networks) {
        network.setRate(rate);
        network.setDown(down);
      }
      modelFails = rate;
    },
    databaseTrouble({ rate, delayMs, failsOver }: DatabaseTrouble) {
      way?.setRate(rate, random);
      way?.setDelay(delayMs);
      if (failsOver) way?.failOver();
    },
    wait: (ms: number) => clock.advance(ms),
    /** Ends all faults and waits until everything is delivered by wake-ups alone. @returns what is wrong then */
    async recover(): Promise<string[]> {
      this.trouble(0, false);
      way?.setRate(0, random);
      way?.setDelay(0);
      let clean = 0;
      for (let waited = 0; waited <= PATIENCE_MS && clean < CLEAN_LOOKS; waited += WAKE_UP_MS) {
        if (follows) await visitorsWrite();
        wakeUp(workers[0]!);
        await clock.advance(WAKE_UP_MS);
        clean = model.faults().length === 0 ? clean + 1 : 0;
      }
      return [...model.faults(), ...chats.flatMap((chat) => chat.violations())];
    },
    async close() {
      for (const { process } of workers) process.kill();
      for (const network of networks) network.close();
      for (const chat of chats) await chat.close();
      await closeMemory();
    },
  };
}

/** Tries until it works, as the nodes do with what arrives only once (`core/memory/patience.ts`). */
export async function insist<T>(work: () => Promise<T>, onFailure = () => {}): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      unlessAway(error);
      onFailure();
    }
  }
}

/** Lets an execution fail when the storage cannot be reached, and the run when anything else goes wrong. */
export function unlessAway(error: unknown): false {
  if (error instanceof StorageError) return false;
  throw error;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

interface Session extends Known {
  n: number;
  ref: SessionRef;
  /** The session's conversation in each chat product or workspace. */
  conversationIds: string[];
  expected: SessionModel;
  made: number;
  /** When each conversation was linked; a link is kept for a session that was not seen yet. */
  waiting: number[];
}

/** What the memory holds of a session within its retention. */
interface Known {
  /** The batches that arrived, any of which may arrive again. */
  sent: readonly SessionBatch[];
  /** The connector's summaries, and how many actions they cover. */
  sums: ReadonlyArray<NonNullable<SessionBatch['summaries']>[number]>;
  summedUp: number;
  seenAt?: number | undefined;
}

const UNKNOWN: Known = {
  sent: [],
  sums: [],
  summedUp: 0,
  seenAt: undefined,
};

function newActions(session: Session, count: number, now: number, same: boolean): Action[] {
  return Array.from({ length: count }, () => {
    const id = `${session.n}-${session.made++}`;
    return action({
      action_id: id,
      description: same ? 'clicked Save' : `clicked ${id}`,
      timestamp_start: same ? 1_700_000_000 : now / 1_000,
    });
  });
}
