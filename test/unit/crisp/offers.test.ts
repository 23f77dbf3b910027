import { createCrispOffers, type CrispOffersOptions } from '../../../core/crisp/offers';
import { isOwnFingerprint } from '../../../core/crisp/fingerprint';
import { HeldBackError, type Way } from '../../../core/offers/channel';
import { createCrispPair } from '../../support/crisp';
import { offer, session } from '../../support/channelOffers';

// What only Crisp's channel does; test/unit/offers/channel.test.ts has the promises of every channel.

type Pair = Awaited<ReturnType<typeof createCrispPair>>;
let pair: Pair;
beforeEach(async () => void (pair = await createCrispPair()));
afterEach(() => pair.simulator.close());

const MANNERS = { afterConversationMs: 0 };
const allow = async () => {};
const to = { session: session(), conversation_id: null };
const channel = (options: Partial<CrispOffersOptions> = {}) =>
  createCrispOffers(pair.api, {
    ...{ chat: 'crisp:site', secret: pair.key, nickname: 'Copilot', sessionId: '', token: '' },
    ...{ emailMatch: 'verified', onlyWhileThere: false, clock: { now: Date.now } },
    ...options,
  });
const arrives = (visitor: Parameters<typeof pair.simulator.visitorArrives>[0] = {}) =>
  pair.simulator.visitorArrives({ email: 'ann@example.com', ...visitor }).session_id;

async function wayOf(options: Partial<CrispOffersOptions>): Promise<Way> {
  const way = await channel(options).look(to, MANNERS);
  if (typeof way === 'string') throw new HeldBackError(way);
  return way;
}

it('sends a picker that is ours, marked as automated, with the offer’s id', async () => {
  const id = arrives();
  await (await wayOf({ sessionId: id })).send(offer(), allow);
  const [message] = pair.simulator.conversation(id).messages;
  expect(message).toMatchObject({
    type: 'picker',
    from: 'operator',
    automated: true,
    content: { id: offer().offer_id, required: false },
    user: { nickname: 'Copilot' },
  });
  expect(isOwnFingerprint(message!.fingerprint, pair.key)).toBe(true);
  expect(pair.simulator.journal.violations).toEqual([]);
});

describe('which session an offer goes to', () => {
  it.each<[string, (ids: Record<'named' | 'tokened' | 'mailed', string>) => object, string]>([
    ['the linked one first', () => ({}), 'linked'],
    ['then the one that the page names', ({ named }) => ({ sessionId: named }), 'named'],
    ['then the one of the token', () => ({ token: 'token-70' }), 'tokened'],
    ['then the one with the address', () => ({ emailMatch: 'all' }), 'mailed'],
  ])('is %s', async (_, options, expected) => {
    const ids = {
      linked: pair.conversationId,
      named: arrives({ email: '' }),
      tokened: arrives({ email: '', token: 'token-70' }),
      mailed: arrives(),
    };
    pair.simulator.operatorResolves(pair.conversationId);
    const whom = { ...to, conversation_id: expected === 'linked' ? ids.linked : null };
    const all = expected === 'linked' ? { sessionId: ids.named, token: 'token-70' } : options(ids);
    const way = await channel({ emailMatch: 'all', ...all }).look(whom, MANNERS);
    expect(way).toMatchObject({ conversation_id: ids[expected as keyof typeof ids] });
  });

  it('is, of several with one address, the one that is looked at', async () => {
    const idle = arrives();
    pair.simulator.setPresence(idle, 'idle');
    const active = arrives({ email: 'ANN@example.com' });
    pair.simulator.setPresence(arrives(), 'idle');
    expect((await wayOf({ emailMatch: 'all' })).conversation_id).toBe(active);
  });

  it('is no session whose address the visitor may have typed, unless that is wanted', async () => {
    const id = arrives();
    const verified = channel();
    const way = await verified.look(to, MANNERS);
    if (typeof way === 'string') throw new Error(way);
    await expect(way.send(offer(), allow)).rejects.toThrow('unreachable');
    expect(pair.simulator.conversation(id).messages).toEqual([]);
    await (await wayOf({ emailMatch: 'all' })).send(offer(), allow);
    expect(pair.simulator.conversation(id).messages).toHaveLength(1);
    expect(await verified.mayLink(id, to)).toBe(false);
    expect(await channel({ emailMatch: 'none' }).look(to, MANNERS)).toBe('unreachable');
  });

  it('is the session whose address Crisp has verified', async () => {
    const id = arrives({ verified: true });
    await (await wayOf({})).send(offer(), allow);
    expect(pair.simulator.conversation(id).messages).toHaveLength(1);
    expect(await channel().mayLink(id, to)).toBe(true);
  });

  it('may be linked where the page or the token names it', async () => {
    const id = arrives({ email: '', token: 'token-70' });
    pair.simulator.visitorWrites(id, 'Hello');
    expect(await channel({ sessionId: id }).mayLink(id, to)).toBe(true);
    expect(await channel({ token: 'token-70' }).mayLink(id, to)).toBe(true);
    expect(await channel().mayLink(id, to)).toBe(false);
  });

  it.each<Partial<CrispOffersOptions>>([{ token: 'unknown' }, { token: '..' }, {}])(
    'is none with %j',
    async (options) => {
      expect(await channel(options).look(to, MANNERS)).toBe('unreachable');
    },
  );

  it('is none that does not exist any more', async () => {
    const way = await wayOf({ sessionId: 'session_gone' });
    await expect(way.send(offer(), allow)).rejects.toThrow('unreachable');
  });
});

describe('what Crisp says against an offer', () => {
  it.each<[string, (id: string) => void]>([
    ['blocked', (id) => pair.simulator.operatorBlocks(id, true)],
    ['not_here', (id) => pair.simulator.setPresence(id, 'gone')],
    ['opted_out', (id) => pair.simulator.setSessionData(id, { offers: 'no' })],
  ])('%s', async (reason, happens) => {
    const { session_id: id } = pair.simulator.visitorOpens({});
    happens(id);
    expect(await channel({ sessionId: id }).look(to, MANNERS)).toBe(reason);
  });

  it('%s, which shows only once the session is a conversation', async () => {
    const id = arrives();
    pair.simulator.setSessionData(id, { offers: false });
    const way = await wayOf({ sessionId: id });
    await expect(way.send(offer(), allow)).rejects.toThrow(new HeldBackError('opted_out'));
    expect(pair.simulator.conversation(id).messages).toEqual([]);
  });

  it('not that the visitor looks at another tab', async () => {
    const { session_id: id } = pair.simulator.visitorOpens({});
    pair.simulator.setPresence(id, 'idle');
    expect(typeof (await channel({ sessionId: id }).look(to, MANNERS))).toBe('object');
  });

  it('not what bots and notes say', async () => {
    const { session_id: id } = pair.simulator.visitorOpens({});
    pair.simulator.operatorNotes(id, 'A good customer');
    await (await wayOf({ sessionId: id })).send(offer(), allow);
    expect(typeof (await channel({ sessionId: id }).look(to, MANNERS))).toBe('object');
  });
});

describe('a session that is no conversation yet', () => {
  it.each([
    { earlyMessage: 'refused' as const, sessionsAreConversations: false },
    { earlyMessage: 'refused' as const, sessionsAreConversations: true },
    { earlyMessage: 'initiates' as const, sessionsAreConversations: true },
  ])('gets the offer where Crisp has %j', async (quirks) => {
    Object.assign(pair.simulator.quirks, quirks);
    const id = arrives();
    const { message_ref } = await (await wayOf({ sessionId: id })).send(offer(), allow);
    const { messages } = pair.simulator.conversation(id);
    expect(messages.map(({ fingerprint }) => String(fingerprint))).toEqual([message_ref]);
  });

  it('is not made a conversation when the check before that fails', async () => {
    const way = await wayOf({ sessionId: arrives() });
    const refuse = () => Promise.reject(new Error('not any more'));
    await expect(way.send(offer(), refuse)).rejects.toThrow('not any more');
    expect(pair.simulator.conversations()).toHaveLength(1);
  });
});

it('finds a picker whose choice was tapped meanwhile, even under another fingerprint', async () => {
  const { session_id: id } = pair.simulator.visitorOpens({});
  const own = channel({ sessionId: id });
  const sent = await (await wayOf({ sessionId: id })).send(offer(), allow);
  pair.simulator.visitorPicks(id, Number(sent.message_ref), 'help');
  expect(await own.find(offer(), to, id)).toEqual(sent);
  pair.simulator.conversation(id).messages[0]!.fingerprint = 7;
  expect(await own.find(offer(), to, id)).toEqual({ conversation_id: id, message_ref: '7' });
  expect(await own.find(offer(), to, 'session_gone')).toBe('absent');
  expect(await own.find(offer(), to, null)).toBe('absent');
});
