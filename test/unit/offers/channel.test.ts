import { createCrispOffers } from '../../../core/crisp/offers';
import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import { createIntercomOffers } from '../../../core/intercom/offers';
import type { MadeOffer, SentOffer } from '../../../core/memory/offers';
import {
  HeldBackError,
  type Addressee,
  type Offer,
  type OfferChannel,
} from '../../../core/offers/channel';
import type { Effect, Faults } from '../../../simulators/http/faults';
import { createCrispPair } from '../../support/crisp';
import { createIntercomPair } from '../../support/intercom';
import { offer, session } from '../../support/channelOffers';

// What every channel promises, whatever its chat product is. What differs has a test of its own in the product's folder.

interface Subject {
  channel: OfferChannel;
  /** The channel that asks whether the team is there. */
  patient: OfferChannel;
  to: Addressee;
  faults: Faults;
  requests(): string[];
  violations(): unknown[];
  /** What the visitor sees of the team, in order, with the labels of choices. */
  seen(): Array<{ text: string; labels: string[] }>;
  visitorWrites(): void;
  operatorWrites(): void;
  /** The people are done with the conversation. */
  close(): void;
  everyoneLeaves(): void;
  objects(): void;
  /** The visitor taps the last choice that they see. */
  taps(): void;
  end(): Promise<void>;
}

interface Place {
  name: string;
  create(): Promise<Subject>;
  /** The request that sends the message. */
  sending: RegExp;
  /** Whether a look proves that a message is not there. */
  proves: boolean;
  /** What the product would take for markup. */
  markup: RegExp;
}

const DAY_MS = 24 * 3_600_000;

async function intercom(linked: boolean): Promise<Subject> {
  const { simulator, api, adminId, conversationId } = await createIntercomPair();
  const { contactId } = simulator.conversation(conversationId);
  const later = { now: () => Date.now() + 3 * DAY_MS };
  const options = { author: async () => adminId, workspace: null, clock: later };
  // The visitor's conversation of three days ago, which is over.
  simulator.adminDoes(conversationId, adminId, 'close');
  simulator.journal.clear();
  const inMessenger = () => simulator.visitorSees(contactId).filter(({ from }) => from === 'team');
  const last = () => simulator.conversations()[0]!.id;
  return {
    channel: createIntercomOffers(api, { ...options, onlyWhileThere: false }),
    patient: createIntercomOffers(api, { ...options, onlyWhileThere: true }),
    to: { session: session(), conversation_id: linked ? conversationId : null },
    faults: simulator.faults,
    requests: () => simulator.journal.requests.map(({ method, path }) => `${method} ${path}`),
    violations: () => [...simulator.journal.violations],
    seen: () =>
      inMessenger().map(({ body, options: labels }) => ({
        text: body,
        labels: labels.map(({ text }) => text),
      })),
    visitorWrites: () => void simulator.visitorReplies(conversationId, 'Hello?'),
    operatorWrites() {
      simulator.visitorReplies(conversationId, 'Hello?');
      simulator.adminAssigns(conversationId, adminId, adminId);
    },
    close: () => void simulator.adminDoes(conversationId, adminId, 'close'),
    everyoneLeaves: () => simulator.setAway(adminId, true),
    objects: () =>
      void simulator.changeContact(contactId, { custom_attributes: { offers: false } }),
    taps() {
      const [option] = inMessenger().at(-1)!.options;
      simulator.visitorTaps(last(), option!.uuid);
    },
    end: () => simulator.close(),
  };
}

async function crisp(linked: boolean): Promise<Subject> {
  const { simulator, api, key, ...pair } = await createCrispPair();
  const { session_id } = simulator.visitorArrives({ email: 'ann@example.com', token: 'token-70' });
  let conversationId = session_id;
  if (linked) {
    conversationId = pair.conversationId;
    simulator.operatorResolves(conversationId);
  }
  simulator.journal.clear();
  const later = { now: () => Date.now() + 3 * DAY_MS };
  const options = {
    ...{ chat: 'crisp:site', secret: key, nickname: 'Copilot', sessionId: '', clock: later },
    ...{ token: linked ? '' : 'token-70', emailMatch: 'verified' as const },
  };
  const fromTeam = () =>
    simulator.visitorSees(conversationId).filter(({ from }) => from === 'team');
  const links: Record<string, string> = linked ? { crisp: conversationId } : {};
  return {
    channel: createCrispOffers(api, { ...options, onlyWhileThere: false }),
    patient: createCrispOffers(api, { ...options, onlyWhileThere: true }),
    to: { session: session({ links }), conversation_id: linked ? conversationId : null },
    faults: simulator.faults,
    requests: () => simulator.journal.requests.map(({ method, path }) => `${method} ${path}`),
    violations: () => [...simulator.journal.violations],
    seen: () =>
      fromTeam().map(({ text, choices }) => ({ text, labels: choices.map(({ label }) => label) })),
    visitorWrites: () => void simulator.visitorWrites(conversationId, 'Hello?'),
    operatorWrites() {
      simulator.visitorWrites(conversationId, 'Hello?');
      simulator.operatorWrites(conversationId, 'What can I do for you?');
    },
    close: () => simulator.operatorResolves(conversationId),
    everyoneLeaves: () => simulator.setOperator(OPERATOR, false),
    objects: () => simulator.setSessionData(conversationId, { offers: false }),
    taps() {
      const { fingerprint, choices } = fromTeam().at(-1)!;
      simulator.visitorPicks(conversationId, fingerprint, choices[0]!.value);
    },
    end: () => simulator.close(),
  };
}

/** The simulated website's only operator. */
const OPERATOR = 'c1f0d3aa-5b4e-4b6e-8d2f-7e0a9c1b2d3e';

const PLACES: Place[] = [
  {
    name: 'Intercom, in the linked conversation',
    create: () => intercom(true),
    sending: /^POST .*reply$/,
    proves: true,
    markup: /<b>/,
  },
  {
    name: 'Intercom, to a visitor without a conversation',
    create: () => intercom(false),
    sending: /^POST .*messages$/,
    proves: false,
    markup: /<b>/,
  },
  {
    name: 'Crisp, in the linked conversation',
    create: () => crisp(true),
    sending: /^POST .*message$/,
    proves: true,
    markup: /\]\(/,
  },
  {
    name: 'Crisp, to a visitor who has never written',
    create: () => crisp(false),
    sending: /^POST .*message$/,
    proves: true,
    markup: /\]\(/,
  },
];

const MANNERS = { afterConversationMs: DAY_MS };
const allow = async () => {};

describe.each(PLACES)('an offer in $name', ({ create, sending, proves, markup }) => {
  let chat: Subject;
  beforeEach(async () => void (chat = await create()));
  afterEach(() => chat.end());

  /** Looks, and sends the first part. */
  async function send(sought: Offer, before = allow): Promise<SentOffer> {
    const way = await chat.channel.look(chat.to, MANNERS);
    if (typeof way === 'string') throw new HeldBackError(way);
    into = way.conversation_id;
    return await way.send(sought, before);
  }
  /** Where the last one was sent. */
  let into: string | null;
  async function complete(sought: Offer, sent: SentOffer, mayHaveLanded = false) {
    const { channel, to } = chat;
    return (await channel.complete?.(sought, to, sent, mayHaveLanded, allow)) ?? sent;
  }
  const make = async (sought: Offer) => await complete(sought, await send(sought));
  const made = (sought: Offer, sent: SentOffer): MadeOffer => ({
    ...sent,
    ...{ offer_id: sought.offer_id, choices: [...sought.choices], outcome: 'open', seen_at: null },
    ...{ session_id: 's1', product_id: 'shop', chat: 'c', rule: 'r', page: '/', sent_at: 0 },
  });
  const match = (request: { method: string; path: string }) =>
    sending.test(`${request.method} ${request.path}`);
  const fail = (effect: Effect) => chat.faults.add({ match, effect });
  const sendings = () => chat.requests().filter((request) => sending.test(request));
  const all = () =>
    chat
      .seen()
      .flatMap(({ text, labels }) => [text, ...labels])
      .join(' | ');

  it('shows the text and then the choices, and breaks no rule of the API', async () => {
    const sent = await make(offer());
    expect(all()).toMatch(/Comparing plans\? I can help\..*\| Yes, please \| No, thanks$/);
    expect(sent.conversation_id).not.toBe('');
    expect(sent.message_ref).not.toBeNull();
    expect(chat.violations()).toEqual([]);
  });

  it('shows markup as text', async () => {
    const text = 'Is <b>5 > 4</b>? [Look](javascript:alert(1)) & see';
    await make(offer({ text }));
    const said = chat
      .seen()
      .map((one) => one.text)
      .join('');
    expect(said).toContain('Look');
    expect(said).not.toMatch(markup);
  });

  it('is found where it was sent although the answer was lost', async () => {
    const sought = offer();
    fail({ kind: 'reset-after' });
    await expect(send(sought)).rejects.toThrow(OutcomeUnknownError);
    const found = await chat.channel.find(sought, chat.to, into);
    if (typeof found === 'string') throw new Error(found);
    await complete(sought, found);
    expect(all()).toMatch(/Yes, please \| No, thanks$/);
    expect(all().match(/Comparing plans/g)).toHaveLength(1);
  });

  it('that never arrived is not found, and only a product that can know calls it absent', async () => {
    const sought = offer();
    fail({ kind: 'reset-before' });
    await expect(send(sought)).rejects.toThrow(OutcomeUnknownError);
    expect(await chat.channel.find(sought, chat.to, into)).toBe(proves ? 'absent' : 'unknown');
  });

  it('is not taken for another one with the same words', async () => {
    await make(offer());
    const other = offer({ offer_id: 'other' });
    expect(['absent', 'unknown']).toContain(await chat.channel.find(other, chat.to, into));
  });

  it('gets its choices once, even if an earlier attempt may have sent them', async () => {
    const sought = offer();
    const sent = await make(sought);
    expect(await complete(sought, sent, true)).toEqual(sent);
    expect(all().match(/No, thanks/g)).toHaveLength(1);
  });

  it('is not sent when the check right before it fails', async () => {
    const before = chat.seen();
    const refuse = () => Promise.reject(new Error('not any more'));
    await expect(send(offer(), refuse)).rejects.toThrow('not any more');
    expect(chat.seen()).toEqual(before);
    expect(sendings()).toEqual([]);
  });

  it('reports a refusal with the product’s status and code', async () => {
    fail({ kind: 'status', status: 403, code: 'not_allowed' });
    await expect(send(offer())).rejects.toMatchObject({
      constructor: ServiceError,
      status: 403,
      code: 'not_allowed',
    });
  });

  it.each<[string, (visitor: Subject) => void, RegExp]>([
    ['the visitor has written', (one) => one.visitorWrites(), /conversation_open/],
    ['an operator has the visitor', (one) => one.operatorWrites(), /operator/],
    ['the visitor wants none', (one) => one.objects(), /opted_out/],
  ])('is held back while %s', async (_, happens, reason) => {
    happens(chat);
    const before = chat.seen();
    await expect(send(offer())).rejects.toThrow(reason);
    expect(chat.seen()).toEqual(before);
  });

  it('is held back for a while after a conversation', async () => {
    chat.visitorWrites();
    chat.close();
    const long = { afterConversationMs: 4 * DAY_MS };
    expect(await chat.channel.look(chat.to, long)).toBe('conversation_recent');
    expect(typeof (await chat.channel.look(chat.to, MANNERS))).toBe('object');
  });

  it('is made while nobody of the team is there, unless that is asked for', async () => {
    expect(typeof (await chat.patient.look(chat.to, MANNERS))).toBe('object');
    chat.everyoneLeaves();
    expect(await chat.patient.look(chat.to, MANNERS)).toBe('nobody_there');
    expect(typeof (await chat.channel.look(chat.to, MANNERS))).toBe('object');
  });

  it('is not held back by an earlier one that nobody answered', async () => {
    const sent = await make(offer());
    const to = { ...chat.to, conversation_id: null };
    expect(typeof (await chat.channel.look(to, MANNERS))).toBe('object');
    expect(await chat.channel.withdraw(made(offer(), sent))).toBe(true);
  });

  it('is taken back once, unless it was answered', async () => {
    const before = all();
    const first = offer();
    const sent = made(first, await make(first));
    expect(await chat.channel.withdraw(sent)).toBe(true);
    expect(await chat.channel.withdraw(sent)).toBe(true);
    expect(
      chat
        .seen()
        .map(({ text }) => text)
        .join(''),
    ).not.toContain(first.text);
    expect(before).not.toContain(first.text);
    const second = offer({ offer_id: 'second', text: 'Shall I show you around?' });
    const answered = made(second, await make(second));
    chat.taps();
    expect(await chat.channel.withdraw(answered)).toBe(false);
    expect(all()).toContain(second.text);
    expect(chat.violations()).toEqual([]);
  });

  it('is linked to a conversation that is surely the visitor’s', async () => {
    const { conversation_id } = await make(offer());
    expect(await chat.channel.mayLink(conversation_id, chat.to)).toBe(true);
  });
});
