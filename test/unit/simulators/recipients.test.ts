import { Crisp } from 'crisp-api';
import { IntercomClient } from 'intercom-client';

import { createCrispSimulator } from '../../../simulators/crisp';
import { createIntercomSimulator } from '../../../simulators/intercom';
import { crispRecipient, intercomRecipient, type Recipient } from '../../../simulators/recipients';
import { manualClock } from './support';

// One story for both products: an offer is made by the official client, and a visitor meets it.

const websiteId = '5c3b7a3e-1c52-4d0c-9f6b-2a4d8e0f7b11';
const ended: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

interface World {
  recipient: Recipient;
  /** Makes an offer with the choices `show` and `no`. */
  make(): Promise<unknown>;
  /** What the visitor has said in words or by taps, oldest first. */
  said(): string[];
  /** Whether the product knows that the visitor is there. */
  isSeen(): boolean;
}

async function inCrisp(): Promise<World> {
  const clock = manualClock();
  const tokens = [{ tier: 'website', identifier: 'site', key: 'key' }] as const;
  const crisp = createCrispSimulator({ websiteId, tokens, clock });
  ended.push(() => crisp.close());
  const client = new Crisp();
  client.setRestHost((await crisp.listen()).url);
  client.authenticateTier('website', 'site', 'key');
  const { session_id } = crisp.visitorArrives({ nickname: 'Amara' });
  const choices = ['show', 'no'].map((value) => ({ value, label: `${value}!`, selected: false }));
  const content = { id: 'offer', text: 'Need a hand?', choices };
  const picker = { type: 'picker', from: 'operator', origin: 'chat', content } as const;
  return {
    recipient: crispRecipient(crisp, session_id),
    make: () => client.website.sendMessageInConversation(websiteId, session_id, picker),
    said: () =>
      crisp.journal.mutations.flatMap(({ kind, message }) => {
        if (kind === 'picked') {
          const { choices: all } = message!.content as typeof content;
          return all.filter(({ selected }) => selected).map(({ label }) => label);
        }
        return message?.from === 'user' ? [String(message.content)] : [];
      }),
    isSeen: () => crisp.conversation(session_id).presence !== 'gone',
  };
}

async function inIntercom(): Promise<World> {
  const clock = manualClock();
  const intercom = createIntercomSimulator({ accessToken: 't', clock });
  ended.push(() => intercom.close());
  const { url } = await intercom.listen();
  const client = new IntercomClient({ token: 't', environment: url, maxRetries: 0 });
  const admin = '9912674';
  const { id } = intercom.addContact({ external_id: '70' });
  return {
    recipient: intercomRecipient(intercom, id),
    async make() {
      const { conversation_id } = await client.messages.create({
        message_type: 'inapp',
        body: 'Need a hand?',
        from: { type: 'admin', id: Number(admin) },
        to: { type: 'user', id },
        create_conversation_without_contact_reply: true,
      });
      const reply_options = ['show', 'no'].map((uuid) => ({ uuid, text: `${uuid}!` }));
      await client.conversations.reply({
        conversation_id,
        body: { message_type: 'quick_reply', type: 'admin', admin_id: admin, reply_options },
      });
    },
    said: () =>
      intercom.journal.mutations
        .filter(({ author }) => author === 'user')
        .map(({ body }) => body.replace(/<[^>]*>/g, '')),
    isSeen: () => intercom.contact(id).last_seen_at === Math.floor(clock.now() / 1_000),
  };
}

describe.each([
  ['Crisp', inCrisp],
  ['Intercom', inIntercom],
])('a visitor in %s', (_, open) => {
  it('sees an offer, and taps a choice once, twice, and another', async () => {
    const { recipient, make, said } = await open();
    expect(recipient.offers()).toEqual([]);
    await make();
    const [offer] = recipient.offers();
    expect(offer).toMatchObject({
      text: 'Need a hand?',
      choices: [
        { id: 'show', label: 'show!', chosen: false },
        { id: 'no', label: 'no!', chosen: false },
      ],
    });
    expect(recipient.heard()).toEqual(['Need a hand?']);
    recipient.read();
    recipient.tap(offer!, 'show');
    expect(recipient.offers()[0]!.choices[0]).toMatchObject({ chosen: true });
    recipient.tap(offer!, 'show');
    recipient.tap(offer!, 'no');
    expect(said()).toEqual(['show!', 'show!', 'no!']);
    expect(() => recipient.tap(offer!, 'other')).toThrow();
  });

  it('types instead', async () => {
    const { recipient, make, said } = await open();
    await make();
    recipient.type('How much is it?');
    expect(said()).toEqual(['How much is it?']);
    expect(recipient.offers()[0]!.choices.map(({ chosen }) => chosen)).toEqual([false, false]);
  });

  it('leaves, comes back, and sees what was offered meanwhile', async () => {
    const { recipient, make, isSeen } = await open();
    recipient.leave();
    expect(isSeen()).toBe(false);
    await make();
    recipient.comeBack();
    expect(isSeen()).toBe(true);
    expect(recipient.offers()).toHaveLength(1);
  });
});

it('a contact answers a message that has no conversation, by opening one', async () => {
  const intercom = createIntercomSimulator({ accessToken: 't' });
  ended.push(() => intercom.close());
  const { url } = await intercom.listen();
  const client = new IntercomClient({ token: 't', environment: url, maxRetries: 0 });
  const { id } = intercom.addContact({ external_id: '70' });
  const recipient = intercomRecipient(intercom, id);
  await client.messages.create({
    message_type: 'inapp',
    body: 'Need a hand?',
    from: { type: 'admin', id: 9912674 },
    to: { type: 'user', id },
  });
  expect(recipient.offers()).toMatchObject([
    { conversationId: null, text: 'Need a hand?', choices: [] },
  ]);
  recipient.type('Yes');
  recipient.type('Please');
  expect(recipient.offers()).toEqual([]);
  expect(intercom.conversations()).toMatchObject([
    { contactId: id, parts: [{ body: '<p>Yes</p>' }, { body: '<p>Please</p>' }] },
  ]);
});
