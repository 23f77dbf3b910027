import { createHealth, reporting } from '../../core/http/health';
import type { Action, SessionBatch } from '../../core/payload/types';
import { StorageError } from '../../core/memory/errors';
import type { SessionMemory, SessionRef } from '../../core/memory/types';
import type { Model as LanguageModel } from '../../core/summary/summarize';
import { between, createRandom, pick } from '../../simulators/random';
import { action } from '../support/batches';
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
  /** Decides everything that is left to chance. */
  seed: number;
  database: Database;
  sessions: number;
  workers: number;
}

export interface DatabaseTrouble {
  /** One packet in so many meets a fault. */
  rate: number;
  /** Each packet takes so long. */
  delayMs: number;
  failsOver: boolean;
}

/** The chat product's clock is off by up to this, in milliseconds. */
const CLOCK_ERROR_MS = 100_000;
/** Nor is ours put further forward or back, all in all: a note is looked for within an hour of its time. */
const LONGEST_STEP_MS = 1_800_000;
const WAKE_UP_MS = 60_000;
/** More than a run lasts after it, clocks that are put right included. */
const MARGIN_MS = 4 * HOUR_MS;
/** Nor may anything be done that need not be; machines stand still for up to two minutes. */
const CLEAN_LOOKS = 4;
/** By when everything has to be made up for once nothing goes wrong any more. */
const PATIENCE_MS = 15 * 60_000;
/** Actions of these sessions all say the same, at the same second. */
const isMonotonous = (session: number) => session % 2 === 1;

/** A few sessions, the processes that work on them, chat products, and a network between the two. */
export async function createWorld(options: WorldOptions) {
  const random = createRandom(options.seed);
  const time = createVirtualTime();
  const { clock } = time;
  const model = createModel();
  /** How far the clock of our machine was put forward. */
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
    const told = model.session(`s${n}`, ...conversationIds);
    const ref = { memory: MEMORY, product_id: 'shop', session_id: `s${n}` };
    const waiting = chats.map(() => -Infinity);
    return { n, ref, conversationIds, told, made: 0, waiting, ...UNKNOWN };
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
    return createWorker({ process, memory: () => memory, destinations, model: answer, random });
  }
  const workers = Array.from({ length: options.workers }, newWorker);

  /** Begins, and does not wait: what fails is followed by a wake-up, as the trigger has it. */
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

  /** Remembers, as often as there are workflows, for each has a trigger of its own. */
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
    // What failed may have been stored all the same, and is known then.
    if (failures === 0 && added !== expected) {
      model.violations.push(`remembered ${added} of ${expected}`);
    }
    one.seenAt = clock.now();
  }

  /** Until when there is something to be erased of a session, by conversation where it was never seen. */
  const ends = ({ seenAt, waiting }: Session): number[] =>
    (seenAt === undefined ? waiting : [seenAt]).map((since) => since + DAY_MS);

  /** What is past its retention is gone, whether or not it was erased yet. */
  function endRetention(): void {
    const now = clock.now();
    for (const one of sessions) {
      if (one.seenAt !== undefined && one.seenAt + DAY_MS <= now) {
        model.erase(one.told);
        Object.assign(one, UNKNOWN, { waiting: chats.map(() => -Infinity) });
      } else if (one.seenAt === undefined) {
        one.told.threads.forEach((thread, n) => (thread.linked &&= one.waiting[n]! + DAY_MS > now));
      }
    }
  }

  async function reopen(): Promise<void> {
    await memory.close();
    memory = await insist(open);
    for (let n = 0; n < workers.length; n++) wakeUp((workers[n] = newWorker()));
  }

  return {
    clock,
    workers: workers.length,
    /** @param times how often it arrives, all at once */
    async act(session: number, worker: number, count: number, times: number) {
      const one = sessions[session]!;
      const actions = newActions(one, count, trueNow());
      const sent = batch(one.ref.session_id, actions, { user_id: `u${session}` });
      await remember(one, Array<SessionBatch>(times).fill(sent), true);
      one.sent = [...one.sent, sent];
      one.told.remembered.push(...actions.map(({ description }) => description));
      chats.forEach((_, n) => begin(workers[worker]!, n, [one.ref]));
    },
    /** A batch that arrived before arrives again, also after others. */
    async repeat(session: number, worker: number) {
      const one = sessions[session]!;
      if (one.sent.length === 0) return;
      await remember(one, [pick(random, one.sent)], false);
      chats.forEach((_, n) => begin(workers[worker]!, n, [one.ref]));
    },
    /** The connector tells what came next of what it has not summed up yet, or the same once more. */
    async sumUp(session: number, worker: number, again: boolean) {
      const one = sessions[session]!;
      const left = one.told.remembered.length - one.summedUp;
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
      // With actions in front of it that are known, it stands at another place.
      const known = again ? pick(random, one.sent) : batch(one.ref.session_id, []);
      const summaries = [{ ...sum, position: known.count }];
      await remember(one, [{ ...known, user_id: `u${session}`, summaries }], false);
      chats.forEach((_, n) => begin(workers[worker]!, n, [one.ref]));
    },
    async link(session: number, worker: number, chat: number) {
      const { conversationIds, ref, told } = sessions[session]!;
      const n = chat % chats.length;
      const whose = { conversation_id: conversationIds[n]!, user_id: `u${session}` };
      await insist(() => memory.link(MEMORY, { chat: chats[n]!.name, ...whose }, DAY_MS));
      told.threads[n]!.linked = true;
      sessions[session]!.waiting[n] = clock.now();
      begin(workers[worker]!, n, [ref]);
    },
    teammateNotes(session: number) {
      const { conversationIds, ref } = sessions[session]!;
      for (const [n, id] of conversationIds.entries()) {
        chats[n]!.teammateNotes(id, `session_id: ${ref.session_id}\n\n[1] by hand`);
      }
    },
    /** All that this process was at is abandoned, and another takes its place. */
    crash(worker: number) {
      workers[worker]!.process.kill();
      wakeUp((workers[worker] = newWorker()));
    },
    /** The whole machine: the memory's file is opened anew as well. */
    async restart() {
      for (const { process } of workers) process.kill();
      await reopen();
    },
    /** The machine is off for hours; what is past its retention then may be erased at once, or later. */
    async off(ms: number, tidied: boolean) {
      for (const { process } of workers) process.kill();
      await clock.advance(ms);
      // Whether something done at the very last moment still counts is nobody's promise.
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
     * The machine's clock is put right. Not while a request is on its way: a claim that seems to have
     * lapsed is taken over, and whoever takes it over cannot know how long to wait for the request.
     */
    async step(ms: number) {
      // Nor between a look at the claim and the request.
      await clock.advance(0);
      if (!networks.every((network) => network.isIdle())) return;
      // Nor between the two in a process that stands still.
      if (workers.some(({ process }) => process.isStandingStill())) return;
      const next = Math.max(-LONGEST_STEP_MS, Math.min(LONGEST_STEP_MS, stepped + ms));
      // What is past its retention would be within it again, and tell what the model holds to be erased.
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
    /** Nothing goes wrong any more; what is left has to be made up for without anybody's doing. */
    async recover(): Promise<string[]> {
      this.trouble(0, false);
      way?.setRate(0, random);
      way?.setDelay(0);
      let clean = 0;
      for (let waited = 0; waited <= PATIENCE_MS && clean < CLEAN_LOOKS; waited += WAKE_UP_MS) {
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
      await memory.close();
    },
  };
}

/** Brings what comes only once until it is stored, as the nodes do (`core/memory/patience.ts`). */
async function insist<T>(work: () => Promise<T>, onFailure = () => {}): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      unlessAway(error);
      onFailure();
    }
  }
}

/** That the storage could not be reached is a failed execution; anything else is a fault of ours. */
function unlessAway(error: unknown): false {
  if (error instanceof StorageError) return false;
  throw error;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

interface Session extends Known {
  n: number;
  ref: SessionRef;
  /** One in each chat product or workspace. */
  conversationIds: string[];
  told: SessionModel;
  made: number;
  /** When each conversation was linked, which waits until the session is seen. */
  waiting: number[];
}

/** What the memory has of a session, until its retention is over. */
interface Known {
  /** Batches, any of which may arrive again. */
  sent: readonly SessionBatch[];
  /** The connector's summaries, and how many actions they condense. */
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

function newActions(session: Session, count: number, now: number): Action[] {
  return Array.from({ length: count }, () => {
    const id = `${session.n}-${session.made++}`;
    const same = isMonotonous(session.n);
    return action({
      action_id: id,
      description: same ? 'clicked Save' : `clicked ${id}`,
      timestamp_start: same ? 1_700_000_000 : now / 1_000,
    });
  });
}
