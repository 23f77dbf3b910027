import { createHealth, reporting } from '../../core/http/health';
import { ConversationGoneError } from '../../core/delivery/destination';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../../core/http/errors';
import { StorageError } from '../../core/memory/errors';
import type { OfferRequest } from '../../core/memory/offers';
import type { SessionMemory } from '../../core/memory/types';
import { NoConversationYetError } from '../../core/offers/channel';
import { makeOffer } from '../../core/offers/make';
import { createRandom } from '../../simulators/random';
import { settle } from '../support/fakeClock';
import { DAY_MS, ref, testMemory } from '../support/memory';
import { testRules } from '../support/noteRules';
import { act, offerRequest } from '../support/offers';
import { createNetwork } from './network';
import { createOfferChat, emailOf } from './offerChats';
import { createOfferModel, type OfferModel } from './offerModel';
import type { Database } from './storage';
import { createProcess, createVirtualTime } from './time';
import { insist } from './world';

export interface OfferWorldOptions {
  setting: 'intercom' | 'crisp';
  /** Of every random choice, so that a run can be repeated. */
  seed: number;
  database: Database;
  visitors: number;
  workers: number;
}

/** The chat product's clock is off by up to this, in milliseconds. */
const CLOCK_ERROR_MS = 100_000;
/** A message is looked for within an hour of its time. */
const LONGEST_STEP_MS = 1_700_000;
/** Longer than what was said before is called recent. */
const CALM_MS = 6 * 60_000;
/** Short, so that a visitor gets several offers in a run. */
const IGNORED_AFTER_MS = 60_000;
const PATIENCE_MS = 15 * 60_000;
const TRY_AGAIN_MS = 30_000;
/** What may still be on its way arrives within this time. */
const LATE_MS = 40_000;
const EXPECTED = [
  ...[ServiceError, UnreachableError, OutcomeUnknownError],
  ...[StorageError, ConversationGoneError, NoConversationYetError],
];

/**
 * The world of one run: some visitors, processes that make offers to them, a simulated chat product, and a network between the
 * two. Its methods are the steps that a run is made of. `recover` ends all faults and returns what the model finds wrong.
 */
export async function createOfferWorld(options: OfferWorldOptions) {
  const { setting, seed, visitors } = options;
  const random = createRandom(seed);
  const time = createVirtualTime();
  const { clock } = time;
  /** How far the clock of our machine is ahead of the true time. */
  let stepped = 0;
  const trueNow = () => clock.now() - stepped;
  const times = { now: trueNow, machine: clock.now };
  const model = createOfferModel({ ...times, mayLoseSight: setting === 'intercom' });
  const error = (random() * 2 - 1) * CLOCK_ERROR_MS;
  const chat = await createOfferChat(setting, {
    ...{ clock: { ...clock, now: () => trueNow() + error }, random: createRandom(seed + 1) },
    ...{ watcher: model.watcher, visitors },
  });
  const network = createNetwork({ time, random, faults: chat.faults });
  const { file, way } = options.database;
  // Waits are random to the fraction of a millisecond, and servers store whole ones.
  const whole = { ...clock, now: () => Math.floor(clock.now()) };
  const open = async () => await testMemory(whole, file, testRules, way);
  let memory: SessionMemory = await open();
  const requests = new Map<OfferModel, OfferRequest>();

  const remember = async (n: number) =>
    await insist(() => act(memory, `s${n}`, { user_id: `u${n}`, email: emailOf(n) }));
  const link = async (n: number, conversation_id: string, hasMessage: boolean) => {
    const ids = { chat: chat.name, conversation_id, session_id: `s${n}`, product_id: 'shop' };
    await insist(() => memory.link('m', { ...ids, hasMessage }, DAY_MS));
  };
  for (let n = 0; n < visitors; n++) {
    await remember(n);
    const known = chat.conversations[n];
    if (known) await link(n, known, false);
  }
  await clock.advance(CALM_MS);

  function newWorker() {
    const process = createProcess(clock);
    const health = createHealth(process.clock);
    const send = reporting(network.sendOf(process, chat.authentication), health);
    return { process, health, send };
  }
  const workers = Array.from({ length: options.workers }, newWorker);

  function begin(worker: number, offer: OfferModel) {
    const { process, health, send } = workers[worker]!;
    model.tries(offer);
    const parts = {
      ...{ memory, isAway: () => health.isAway(), retentionMs: DAY_MS, random },
      channel: chat.channel(process, send, random, offer.visitor),
      clock: process.clock,
    };
    makeOffer(parts, requests.get(offer)!).then(
      (making) => model.ended(offer, making),
      (failure: unknown) => {
        if (EXPECTED.some((one) => failure instanceof one)) return;
        model.violations.push(`offer ${offer.n}: ${String(failure)}`);
      },
    );
  }

  async function reopen(): Promise<void> {
    await settle();
    await memory.close();
    memory = await insist(open);
  }

  return {
    clock,
    act: remember,
    /** A moment comes, and a worker makes an offer because of it. */
    async moment(visitor: number, worker: number) {
      await remember(visitor);
      const offer = model.add(visitor);
      const { n } = offer;
      const request = offerRequest(whole.now(), {
        ...{ session: ref(`s${visitor}`), chat: chat.name, leaseMs: 45_000 },
        text: `Offer ${n}: <shall> I help?`,
        choices: [
          { value: 'help', label: `Offer ${n}, yes`, kind: 'help' },
          { value: 'no', label: `Offer ${n}, no`, kind: 'no' },
        ],
        manners: { ignoredAfterMs: IGNORED_AFTER_MS },
      });
      requests.set(offer, request);
      begin(worker, offer);
    },
    /** The same moment comes again, as when n8n repeats a step. */
    again(which: number, worker: number) {
      const offer = model.offers[which % Math.max(1, model.offers.length)];
      if (offer) begin(worker, offer);
    },
    /** The visitor writes, and the trigger hears it. People never act in the same millisecond. */
    async writes(visitor: number) {
      await clock.advance(1);
      model.speaks(visitor);
      await link(visitor, chat.writes(visitor), true);
    },
    async teamWrites(visitor: number) {
      await clock.advance(1);
      if (chat.teamWrites(visitor)) model.speaks(visitor);
    },
    async closes(visitor: number) {
      await clock.advance(1);
      const closed = chat.closes(visitor);
      model.closes(visitor);
      for (const conversation_id of closed) {
        await insist(() => memory.closeConversation('m', { chat: chat.name, conversation_id }));
      }
    },
    async taps(visitor: number) {
      const tap = chat.taps(visitor);
      if (!tap) return;
      if (tap.isSpoken) model.speaks(visitor);
      await insist(() => memory.recordReply('m', { chat: chat.name, ...tap.reply }));
    },
    crash(worker: number) {
      workers[worker]!.process.kill();
      workers[worker] = newWorker();
    },
    async restart() {
      for (const { process } of workers) process.kill();
      await reopen();
      for (let n = 0; n < workers.length; n++) workers[n] = newWorker();
    },
    /** Sets the machine's clock, under the same conditions as in `world.ts`. */
    async step(ms: number) {
      await clock.advance(0);
      if (!network.isIdle() || workers.some(({ process }) => process.isStandingStill())) return;
      const next = Math.max(-LONGEST_STEP_MS, Math.min(LONGEST_STEP_MS, stepped + ms));
      model.lookAtAll();
      clock.jump(next - stepped);
      stepped = next;
    },
    standStill: (worker: number, ms: number) => workers[worker]!.process.standStill(ms),
    trouble(rate: number, down: boolean) {
      network.setRate(rate);
      network.setDown(down);
    },
    databaseTrouble(rate: number, delayMs: number, failsOver: boolean) {
      way?.setRate(rate, random);
      way?.setDelay(delayMs);
      if (failsOver) way?.failOver();
    },
    wait: (ms: number) => clock.advance(ms),
    /** Ends all faults and lets every moment come again until it has an end. @returns what is wrong then */
    async recover(): Promise<string[]> {
      this.trouble(0, false);
      this.databaseTrouble(0, 0, false);
      const left = () => model.offers.filter(({ result }) => result === undefined);
      for (let waited = 0; waited <= PATIENCE_MS && left().length > 0; waited += TRY_AGAIN_MS) {
        for (const offer of left()) begin(0, offer);
        await clock.advance(TRY_AGAIN_MS);
      }
      await clock.advance(LATE_MS);
      return [...model.faults(), ...chat.violations().map((one) => JSON.stringify(one))];
    },
    /** How many offers were made. */
    made: () => model.offers.filter(({ result }) => result?.status === 'made').length,
    async close() {
      for (const { process } of workers) process.kill();
      network.close();
      await chat.close();
      await settle();
      await memory.close();
    },
  };
}

export type OfferWorld = Awaited<ReturnType<typeof createOfferWorld>>;
