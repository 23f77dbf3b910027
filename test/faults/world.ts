import { createHealth, reporting } from '../../core/http/health';
import type { Action } from '../../core/payload/types';
import { StorageError, type SessionMemory, type SessionRef } from '../../core/memory/types';
import type { Model as LanguageModel } from '../../core/summary/summarize';
import { createRandom } from '../../simulators/random';
import { action } from '../support/batches';
import type { FakeClock } from '../support/fakeClock';
import { batch, DAY_MS, testMemory } from '../support/memory';
import { testRules } from '../support/noteRules';
import { createChat, type FaultyChat } from './chats';
import { createModel, type SessionModel } from './model';
import { createNetwork } from './network';
import { summaryOf } from './summaries';
import type { Database } from './storage';
import { createProcess, createVirtualTime } from './time';
import { createWorker, MEMORY, type Worker } from './workers';

export interface WorldOptions {
  chat: FaultyChat['name'];
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
const WAKE_UP_MS = 60_000;
/** Nor may anything be done that need not be; machines stand still for up to two minutes. */
const CLEAN_LOOKS = 4;
/** By when everything has to be made up for once nothing goes wrong any more. */
const PATIENCE_MS = 15 * 60_000;
/** Actions of these sessions all say the same, at the same second. */
const isMonotonous = (session: number) => session % 2 === 1;

/** A few sessions, the processes that work on them, a chat product, and a network between the two. */
export async function createWorld(options: WorldOptions) {
  const random = createRandom(options.seed);
  const time = createVirtualTime();
  const { clock } = time;
  const model = createModel();
  const error = (random() * 2 - 1) * CLOCK_ERROR_MS;
  const chat = await createChat(options.chat, {
    clock: { ...clock, now: () => clock.now() + error },
    random: createRandom(options.seed + 1),
    watcher: model.watcher,
  });
  const network = createNetwork({ time, random, faults: chat.faults });
  const { file, way } = options.database;
  const open = async () => await testMemory(clock, file, testRules, way);
  let memory: SessionMemory = await open();
  let modelFails = 0;

  const sessions = Array.from({ length: options.sessions }, (_, n): Session => {
    const conversationId = chat.open(`u${n}`);
    const told = model.session(`s${n}`, conversationId);
    const ref = { memory: MEMORY, product_id: 'shop', session_id: `s${n}` };
    return { n, ref, conversationId, told, made: 0, last: [] };
  });

  function newWorker(): Worker {
    const process = createProcess(clock);
    const health = createHealth(process.clock);
    const send = reporting(network.sendOf(process, chat.authentication), health);
    const destination = chat.destination(process, send, random);
    const answer: LanguageModel = async (prompt) => {
      await new Promise<void>((resolve) => void clock.after(Math.round(random() * 2_000), resolve));
      await process.awake();
      if (random() < modelFails) throw new Error('The model is out of order');
      return summaryOf(prompt);
    };
    return createWorker({
      ...{ process, memory: () => memory, destination, health, model: answer, random },
    });
  }
  const workers = Array.from({ length: options.workers }, newWorker);

  /** Begins, and does not wait: what fails is followed by a wake-up, as the trigger has it. */
  function begin(worker: Worker, refs: readonly SessionRef[], wakeUp = false): void {
    void worker
      .execute(refs, wakeUp)
      .catch(unlessAway)
      .then(
        (ok) => ok || worker.process.clock.after(2_000, () => begin(worker, [], true)),
        () => undefined,
      );
  }

  return {
    clock,
    workers: workers.length,
    async act(session: number, worker: number, count: number, again: boolean) {
      const one = sessions[session]!;
      const actions = again && one.last.length > 0 ? one.last : newActions(one, count, clock);
      const brought = [batch(one.ref.session_id, actions, { user_id: `u${session}` })];
      let failures = 0;
      const [remembered] = await insist(
        () => memory.remember(MEMORY, brought, DAY_MS),
        () => (failures += 1),
      );
      const isNew = one.last !== actions;
      if (isNew) one.told.remembered.push(...actions.map(({ description }) => description));
      // What failed may have been stored all the same, and is known then.
      const expected = isNew ? actions.length : 0;
      if (failures === 0 && remembered?.added !== expected) {
        model.violations.push(`remembered ${remembered?.added} of ${actions.length}`);
      }
      one.last = actions;
      begin(workers[worker]!, [one.ref]);
    },
    async link(session: number, worker: number) {
      const { conversationId, ref, told } = sessions[session]!;
      const whose = { conversation_id: conversationId, user_id: `u${session}` };
      await insist(() => memory.link(MEMORY, { chat: chat.name, ...whose }, DAY_MS));
      told.linked = true;
      begin(workers[worker]!, [ref]);
    },
    teammateNotes(session: number) {
      const { conversationId, ref } = sessions[session]!;
      chat.teammateNotes(conversationId, `session_id: ${ref.session_id}\n\n[1] by hand`);
    },
    /** All that this process was at is abandoned, and another takes its place. */
    crash(worker: number) {
      workers[worker]!.process.kill();
      workers[worker] = newWorker();
      begin(workers[worker], [], true);
    },
    /** The whole machine: the memory's file is opened anew as well. */
    async restart() {
      for (const { process } of workers) process.kill();
      await memory.close();
      memory = await insist(open);
      for (let n = 0; n < workers.length; n++) begin((workers[n] = newWorker()), [], true);
    },
    standStill: (worker: number, ms: number) => workers[worker]!.process.standStill(ms),
    trouble(rate: number, down: boolean) {
      network.setRate(rate);
      network.setDown(down);
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
      network.setRate(0);
      network.setDown(false);
      way?.setRate(0, random);
      way?.setDelay(0);
      modelFails = 0;
      let clean = 0;
      for (let waited = 0; waited <= PATIENCE_MS && clean < CLEAN_LOOKS; waited += WAKE_UP_MS) {
        begin(workers[0]!, [], true);
        await clock.advance(WAKE_UP_MS);
        clean = model.faults().length === 0 ? clean + 1 : 0;
      }
      return model.faults();
    },
    async close() {
      for (const { process } of workers) process.kill();
      network.close();
      await chat.close();
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

interface Session {
  n: number;
  ref: SessionRef;
  conversationId: string;
  told: SessionModel;
  made: number;
  /** The last batch, which may be delivered twice. */
  last: Action[];
}

function newActions(session: Session, count: number, clock: FakeClock): Action[] {
  return Array.from({ length: count }, () => {
    const id = `${session.n}-${session.made++}`;
    const same = isMonotonous(session.n);
    return action({
      action_id: id,
      description: same ? 'clicked Save' : `clicked ${id}`,
      timestamp_start: same ? 1_700_000_000 : clock.now() / 1_000,
    });
  });
}
