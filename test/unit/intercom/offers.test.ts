import {
  createIntercomEvents,
  createIntercomOffers,
  type IntercomOffersOptions,
} from '../../../core/intercom/offers';
import { choiceUuid } from '../../../core/manners/choiceUuid';
import { NoConversationYetError, type Addressee, type Way } from '../../../core/offers/channel';
import { createIntercomPair } from '../../support/intercom';
import { CHOICES, offer, session } from '../../support/channelOffers';

// What only Intercom's channels do; test/unit/offers/channel.test.ts has the promises of every channel.

type Pair = Awaited<ReturnType<typeof createIntercomPair>>;
let pair: Pair;
beforeEach(async () => void (pair = await createIntercomPair()));
afterEach(() => pair.simulator.close());

const DAY_MS = 24 * 3_600_000;
const MANNERS = { afterConversationMs: DAY_MS };
const allow = async () => {};
const options = (): IntercomOffersOptions => ({
  author: async () => pair.adminId,
  workspace: 'nwboards',
  onlyWhileThere: false,
  // The conversation of the pair is three days old.
  clock: { now: () => Date.now() + 3 * DAY_MS },
});
const channel = () => createIntercomOffers(pair.api, options());
const stranger: Addressee = { session: session(), conversation_id: null };
const linked = () => ({ session: session(), conversation_id: pair.conversationId });
const closeIt = () => pair.simulator.adminDoes(pair.conversationId, pair.adminId, 'close');
const requests = () =>
  pair.simulator.journal.requests.map(({ method, path }) => `${method} ${path}`);

async function wayTo(to = stranger, of = channel()): Promise<Way> {
  const way = await of.look(to, MANNERS);
  if (typeof way === 'string') throw new Error(way);
  return way;
}

describe('whom an offer reaches', () => {
  it('is the user with the id, not another with the same address', async () => {
    closeIt();
    pair.simulator.addContact({ external_id: '71', email: 'ann@example.com' });
    await (await wayTo()).send(offer(), allow);
    const opened = pair.simulator.conversations().find(({ id }) => id !== pair.conversationId)!;
    expect(pair.simulator.contact(opened.contactId).external_id).toBe('70');
  });

  it('is, of several with one address, the user who was there last', async () => {
    const email = 'ann@example.com';
    const [lead, old, last] = [
      pair.simulator.addContact({ email, role: 'lead' }),
      pair.simulator.addContact({ email, external_id: '80' }),
      pair.simulator.addContact({ email, external_id: '81' }),
    ].map(({ id }) => id) as [string, string, string];
    pair.simulator.changeContact(lead, { last_seen_at: 300 });
    pair.simulator.changeContact(old, { last_seen_at: 100 });
    pair.simulator.changeContact(last, { last_seen_at: 200 });
    const to = { session: session({ user_id: null }), conversation_id: null };
    await (await wayTo(to)).send(offer(), allow);
    expect(pair.simulator.conversations()[0]?.contactId).toBe(last);
  });

  it.each<[string, Partial<ReturnType<typeof session>>]>([
    ['whom Intercom does not know', { user_id: '404', email: null }],
    ['of whom nothing is known', { user_id: null, email: null }],
    ['with an id that is no id', { user_id: '..', email: null }],
  ])('is nobody %s', async (_, who) => {
    const to = { session: session(who), conversation_id: null };
    expect(await channel().look(to, MANNERS)).toBe('unreachable');
  });

  it.each([{ unsubscribed_from_emails: true }, { marked_email_as_spam: true }])(
    'is nobody with %j',
    async (changes) => {
      const { contactId } = pair.simulator.conversation(pair.conversationId);
      pair.simulator.changeContact(contactId, changes);
      closeIt();
      expect(await channel().look(stranger, MANNERS)).toBe('opted_out');
    },
  );
});

describe('where an offer is made', () => {
  const visitor = { external_id: '70', email: 'ann@example.com' };
  const closed = (start: object) => {
    const { id } = pair.simulator.visitorStarts({ ...visitor, text: 'Hi', ...start });
    pair.simulator.adminDoes(id, pair.adminId, 'close');
    return { session: session(), conversation_id: id };
  };

  it('is no conversation that began as an email, whose replies may not be delivered', async () => {
    closeIt();
    const byEmail = closed({ subject: 'Plans' });
    expect((await wayTo(byEmail)).conversation_id).toBeNull();
  });

  it('is no conversation with several contacts', async () => {
    const group = closed({});
    pair.simulator.visitorReplies(group.conversation_id, 'Me too', { by: { external_id: '71' } });
    pair.simulator.adminDoes(group.conversation_id, pair.adminId, 'close');
    closeIt();
    expect((await wayTo(group)).conversation_id).toBeNull();
  });

  it('is not a conversation that is gone', async () => {
    closeIt();
    expect((await wayTo({ ...stranger, conversation_id: '404' })).conversation_id).toBeNull();
  });

  it('is nowhere while another conversation of the contact is open', async () => {
    const over = closed({});
    expect(await channel().look(over, MANNERS)).toBe('conversation_open');
  });

  it.each(['teammate', 'team'] as const)(
    'is nowhere while the %s waits for an answer',
    async (as) => {
      closeIt();
      pair.simulator.teamStarts({ ...visitor, text: 'How is it going?', as });
      expect(await channel().look(stranger, MANNERS)).toBe('operator');
    },
  );

  it.each(['campaign', 'series', 'custom bot'] as const)(
    'may be beside a %s that nobody has answered',
    async (as) => {
      closeIt();
      pair.simulator.teamStarts({ ...visitor, text: 'Try our new plan', as });
      expect(typeof (await channel().look(stranger, MANNERS))).toBe('object');
    },
  );

  it('is nowhere after the visitor has tapped a choice, until the team closes that', async () => {
    closeIt();
    const sent = await (await wayTo(linked())).send(offer(), allow);
    await channel().complete?.(offer(), linked(), sent, false, allow);
    pair.simulator.visitorTaps(pair.conversationId, choiceUuid(offer().offer_id, 'help'));
    expect(await channel().look(linked(), MANNERS)).toBe('conversation_open');
    closeIt();
    expect(typeof (await channel().look(linked(), MANNERS))).toBe('object');
  });
});

describe('the message of an offer', () => {
  it('has options with an id of their own, the same in each attempt, and no text beside them', async () => {
    closeIt();
    const sent = await (await wayTo(linked())).send(offer(), allow);
    await channel().complete?.(offer(), linked(), sent, false, allow);
    const [options] = pair.simulator
      .conversation(pair.conversationId)
      .parts.filter(({ part_type }) => part_type === 'quick_reply');
    expect(options).toMatchObject({
      body: '',
      options: CHOICES.map(({ value, label }) => ({
        text: label,
        uuid: choiceUuid(offer().offer_id, value),
      })),
    });
    expect(pair.simulator.journal.violations).toEqual([]);
  });

  it.each([true, false])(
    'gets its options once, whether Intercom lists them or not: %s',
    async (listed) => {
      pair.simulator.quirks.optionsInMetadata = listed;
      closeIt();
      const sent = await (await wayTo()).send(offer(), allow);
      const complete = async (mayHaveLanded: boolean) =>
        await channel().complete!(offer(), stranger, sent, mayHaveLanded, allow);
      await complete(false);
      await complete(true);
      const { parts } = pair.simulator.conversation(sent.conversation_id);
      expect(parts.filter(({ part_type }) => part_type === 'quick_reply')).toHaveLength(1);
    },
  );

  it('waits for its options while Intercom does not show which conversation it opened', async () => {
    Object.assign(pair.simulator.quirks, {
      messageNamesConversation: false,
      conversationDelayMs: 60_000,
    });
    closeIt();
    const sent = await (await wayTo()).send(offer(), allow);
    expect(sent).toEqual({ conversation_id: '', message_ref: expect.any(String) as string });
    const complete = () => channel().complete!(offer(), stranger, sent, false, allow);
    await expect(complete()).rejects.toThrow(NoConversationYetError);
    // Restored without a delay, everything is found at once.
    pair.simulator.quirks.conversationDelayMs = 0;
    pair.simulator.restore(pair.simulator.snapshot());
    const { conversation_id } = await complete();
    expect(pair.simulator.conversation(conversation_id).source.id).toBe(sent.message_ref);
  });

  it('is sent under the other name of its kind where Intercom refuses the first', async () => {
    closeIt();
    const effect = { kind: 'status' as const, status: 400, code: 'parameter_invalid' };
    pair.simulator.faults.add({ match: { path: /messages$/ }, effect });
    let checks = 0;
    await (await wayTo()).send(offer(), async () => void (checks += 1));
    expect(checks).toBe(2);
    expect(requests().filter((one) => one === 'POST /messages')).toHaveLength(2);
  });

  it('is absent from a conversation that is gone, and from one that has other words', async () => {
    closeIt();
    expect(await channel().find(offer(), stranger, '404')).toBe('absent');
    await (await wayTo(linked())).send(offer({ text: 'Lost?' }), allow);
    expect(await channel().find(offer(), linked(), pair.conversationId)).toBe('absent');
  });
});

describe('taking an offer back', () => {
  const sendTo = async (to: Addressee) => {
    const sent = await (await wayTo(to)).send(offer(), allow);
    const done = await channel().complete!(offer(), to, sent, false, allow);
    const fields = { session_id: 's1', product_id: 'shop', chat: 'intercom', rule: '', page: '' };
    return {
      ...{ ...done, ...fields, offer_id: offer().offer_id, choices: CHOICES },
      ...{ outcome: 'open' as const, sent_at: 0, seen_at: null },
    };
  };

  it('deletes the conversation that it opened, and nothing else', async () => {
    closeIt();
    const made = await sendTo(stranger);
    // Whoever made it.
    const other = createIntercomOffers(pair.api, { ...options(), author: async () => '2' });
    expect(await other.withdraw(made)).toBe(true);
    expect(pair.simulator.conversations().map(({ id }) => id)).toEqual([pair.conversationId]);
  });

  it('leaves a conversation in which somebody else has written as well', async () => {
    closeIt();
    const made = await sendTo(stranger);
    pair.simulator.agentReplies(made.conversation_id, 'Shall I take over?');
    expect(await channel().withdraw(made)).toBe(false);
    expect(pair.simulator.conversations()).toHaveLength(2);
  });

  it('redacts the text in a conversation that was there before', async () => {
    closeIt();
    const made = await sendTo(linked());
    expect(await channel().withdraw(made)).toBe(true);
    const { parts } = pair.simulator.conversation(pair.conversationId);
    expect(parts.find(({ id }) => id === made.message_ref)?.redacted).toBe(true);
  });
});

describe('a data event', () => {
  const events = () => createIntercomEvents(pair.api, { ...options(), eventName: 'offered-help' });

  it('has the rule and the page, and nothing that the visitor did or is offered', async () => {
    closeIt();
    const way = await wayTo(stranger, events());
    const sought = offer({ since: 1_767_225_600_789 });
    expect(await way.send(sought, allow)).toEqual({ conversation_id: '', message_ref: null });
    await way.send(sought, allow);
    expect(pair.simulator.events()).toEqual([
      {
        event_name: 'offered-help',
        contactId: pair.simulator.conversation(pair.conversationId).contactId,
        created_at: 1_767_225_600,
        metadata: { rule: 'ping_pong', page: '/pricing' },
      },
    ]);
    expect(pair.simulator.journal.violations).toEqual([]);
  });

  it('is repeated by itself after no answer, and counts once', async () => {
    closeIt();
    pair.simulator.faults.add({ match: { path: /events$/ }, effect: { kind: 'reset-after' } });
    await (await wayTo(stranger, events())).send(offer(), allow);
    expect(pair.simulator.events()).toHaveLength(1);
  });

  it('is held back as an offer is', async () => {
    expect(await events().look(stranger, MANNERS)).toBe('conversation_open');
  });
});
