import { createCrispApi } from '../../core/crisp/api';
import { createCrispOffers } from '../../core/crisp/offers';
import { createPace } from '../../core/http/pace';
import type { Send } from '../../core/http/service';
import { createIntercomApi } from '../../core/intercom/api';
import { createIntercomOffers } from '../../core/intercom/offers';
import type { OfferRequest } from '../../core/memory/offers';
import type { SessionMemory } from '../../core/memory/types';
import type { OfferChannel } from '../../core/offers/channel';
import { makeOffer, type Making } from '../../core/offers/make';
import { createCrispSimulator } from '../../simulators/crisp';
import type { Faults } from '../../simulators/http/faults';
import { createIntercomSimulator } from '../../simulators/intercom';
import { createRandom } from '../../simulators/random';
import { createNetwork } from '../faults/network';
import { createProcess, createVirtualTime, type Process } from '../faults/time';
import { DAY_MS, testMemory } from './memory';
import { act, offerRequest } from './offers';

/** Where an offer can go. */
export const PLACES = ['intercom', 'intercom linked', 'crisp', 'crisp linked'] as const;
export type Place = (typeof PLACES)[number];

/** What a visitor sees of an offer: its text, and the labels of its choices, as often as they are there. */
export interface Shown {
  texts: string[];
  labels: string[];
}

/** A simulated chat product as offers meet it. */
interface Chat {
  faults: Faults;
  authentication: Record<string, string>;
  conversationId: string | null;
  channel(send: Send, process: Process): OfferChannel;
  shown(): Shown;
  violations(): unknown[];
  visitorWrites(): void;
  close(): Promise<void>;
}

const MEMBER = { external_id: '70', email: 'ann@example.com' };
const CALLS_AT_ONCE = 5;

type Time = ReturnType<typeof createVirtualTime>;

async function intercom(linked: boolean, { clock }: Time): Promise<Chat> {
  const admin = { id: '1', name: 'Team', email: '' };
  const simulator = createIntercomSimulator({ accessToken: 't', admins: [admin], clock });
  const { url } = await simulator.listen();
  simulator.quirks.conversationDelayMs = 20_000;
  const contact = simulator.addContact(MEMBER);
  let conversationId: string | null = null;
  if (linked) {
    conversationId = simulator.visitorStarts({ ...MEMBER, text: 'Hello' }).id;
    simulator.adminDoes(conversationId, admin.id, 'close');
  }
  return {
    faults: simulator.faults,
    authentication: { Authorization: 'Bearer t' },
    conversationId,
    channel(send, { clock: own }) {
      const pace = createPace({ clock: own, maxConcurrent: CALLS_AT_ONCE });
      const parts = { baseUrl: url, send, pace, clock: own, random: () => 0.5 };
      return createIntercomOffers(createIntercomApi(parts), {
        author: async () => admin.id,
        ...{ workspace: null, onlyWhileThere: false, clock: own },
      });
    },
    shown() {
      const all = simulator.visitorSees(contact.id).filter(({ from }) => from === 'team');
      return {
        texts: all.map(({ body }) => body).filter((body) => body.includes('plans')),
        labels: all.flatMap(({ options }) => options.map(({ text }) => text)),
      };
    },
    violations: () => [...simulator.journal.violations],
    visitorWrites: () => void simulator.visitorStarts({ ...MEMBER, text: 'Help!' }),
    close: () => simulator.close(),
  };
}

async function crisp(linked: boolean, { clock }: Time): Promise<Chat> {
  const websiteId = '5e1a6a3c-8d0e-4f4b-9c55-3d2a1c7b9e10';
  const token = { tier: 'plugin' as const, identifier: 'i', key: 'key' };
  const simulator = createCrispSimulator({ websiteId, tokens: [token], clock });
  const { url } = await simulator.listen();
  const { session_id: id } = simulator.visitorArrives({ token: 'token-70' });
  if (linked) {
    simulator.visitorWrites(id, 'Hello');
    simulator.operatorResolves(id);
  }
  const basic = Buffer.from(`${token.identifier}:${token.key}`).toString('base64');
  return {
    faults: simulator.faults,
    authentication: { Authorization: `Basic ${basic}`, 'X-Crisp-Tier': token.tier },
    conversationId: linked ? id : null,
    channel(send, { clock: own }) {
      const pace = createPace({ clock: own, maxConcurrent: CALLS_AT_ONCE });
      const parts = { baseUrl: `${url}/v1`, websiteId, send, pace, clock: own };
      return createCrispOffers(createCrispApi({ ...parts, random: () => 0.5 }), {
        ...{ chat: 'crisp', secret: token.key, nickname: '', sessionId: '', token: 'token-70' },
        ...{ emailMatch: 'none', onlyWhileThere: false, clock: own },
      });
    },
    shown() {
      const all = simulator.visitorSees(id).filter(({ from }) => from === 'team');
      return {
        texts: all.map(({ text }) => text),
        labels: all.flatMap(({ choices }) => choices.map(({ label }) => label)),
      };
    },
    violations: () => [...simulator.journal.violations],
    visitorWrites: () => void simulator.visitorWrites(id, 'Help!'),
    close: () => simulator.close(),
  };
}

/** Is called right before and right after each call of the memory and the chat product, by the worker's process. */
type Point = (name: string, process: Process) => Promise<void>;

/**
 * A visitor of the user 70 on `/plans`, in a real memory, and a simulated chat product over real HTTP, in virtual time.
 * Every worker is a process of its own.
 */
export async function createOfferStage(place: Place) {
  const time = createVirtualTime();
  const { clock } = time;
  const memory = await testMemory(clock);
  const isLinked = place.endsWith('linked');
  const chat = await (place.startsWith('crisp') ? crisp : intercom)(isLinked, time);
  const network = createNetwork({ time, random: createRandom(1), faults: chat.faults });
  const name = place.split(' ')[0]!;
  const user_id = MEMBER.external_id;
  await act(memory, 's', { user_id });
  if (chat.conversationId) {
    const link = { chat: name, conversation_id: chat.conversationId, user_id, hasMessage: false };
    await memory.link('m', link, DAY_MS);
  }
  // What was said before is over.
  await clock.advance(6 * 60_000);

  return {
    clock,
    memory,
    chat,
    network,
    request: (fields: Parameters<typeof offerRequest>[1] = {}): OfferRequest =>
      offerRequest(clock.now(), { chat: name, leaseMs: 45_000, ...fields }),
    /** A process that makes offers. @param point see {@link Point} */
    worker(point: Point = async () => {}) {
      const process = createProcess(clock);
      const through = network.sendOf(process, chat.authentication);
      const send: Send = async (request) => {
        const what = `${request.method} ${new URL(request.url).pathname.split('/').at(-1)}`;
        await point(`before ${what}`, process);
        const response = await through(request);
        await point(`after ${what}`, process);
        return response;
      };
      const channel = chat.channel(send, process);
      const parts = {
        memory: watched(memory, (what) => point(what, process)),
        channel,
        isAway: () => false,
        retentionMs: DAY_MS,
        clock: process.clock,
        random: () => 0.5,
      };
      return { process, channel, make: (request: OfferRequest) => makeOffer(parts, request) };
    },
    /** Lets time pass until the work is over. */
    async over<T>(work: Promise<T>): Promise<T> {
      let isOver = false;
      work.then(
        () => (isOver = true),
        () => (isOver = true),
      );
      for (let waited = 0; !isOver && waited < 600; waited++) await clock.advance(1_000);
      return await work;
    },
    async close() {
      network.close();
      await chat.close();
      await memory.close();
    },
  };
}

export type OfferStage = Awaited<ReturnType<typeof createOfferStage>>;

/** Whether the offer is in front of the visitor, whole. */
export const isMade = ({ status }: Making) => status === 'made' || status === 'sent';

/** The memory with a point before and after each call. */
function watched(memory: SessionMemory, point: (what: string) => Promise<void>): SessionMemory {
  return new Proxy(memory, {
    get(target, method: keyof SessionMemory) {
      return async (...args: never[]) => {
        await point(`before ${method}`);
        const result: unknown = await (target[method] as (...all: never[]) => unknown)(...args);
        await point(`after ${method}`);
        return result;
      };
    },
  });
}
