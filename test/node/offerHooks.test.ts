import { createHmac } from 'node:crypto';
import { makeFingerprint } from '../../core/crisp/fingerprint';
import { CrispConversationTrigger } from '../../nodes/CrispConversationTrigger/CrispConversationTrigger.node';
import { IntercomConversationTrigger } from '../../nodes/IntercomConversationTrigger/IntercomConversationTrigger.node';
import { callWebhook } from '../support/webhookNode';
import { differences, documentedFields, NO_DIFFERENCES } from '../support/documented';
import '../support/n8nCore';

// What visitors do with offers starts workflows, through n8n's own webhook context.

const CREDENTIAL = { websiteId: 'w', tokenKey: 'key', webhookSecret: 'secret', tier: 'plugin' };
const OFFERS = ['message:send', 'offer:answered', 'offer:seen'];
const own = makeFingerprint('offer', 'key');
let session = 0;
beforeEach(() => void (session += 1));

async function crisp(event: string, data: object, events = OFFERS, messageTypes = ['text']) {
  const timestamp = Date.now();
  const ids = { website_id: 'w', session_id: `session_${session}` };
  const body = { website_id: 'w', event, timestamp, data: { ...ids, ...data } };
  const rawBody = Buffer.from(JSON.stringify(body));
  const signature = createHmac('sha256', 'secret')
    .update(`[${timestamp};${rawBody.toString()}]`)
    .digest('hex');
  const headers = {
    'x-crisp-request-timestamp': String(timestamp),
    'x-crisp-signature': signature,
  };
  const parameters = { events, messageTypes };
  const node = new CrispConversationTrigger();
  return await callWebhook(
    node,
    { headers, rawBody, body },
    { credential: CREDENTIAL, parameters },
  );
}

const tapped = (value: string, fingerprint = own) => ({
  fingerprint,
  content: {
    id: 'offer',
    text: 'Comparing plans?',
    choices: ['help', 'no'].map((one) => ({
      value: one,
      label: `Label of ${one}`,
      selected: one === value,
    })),
  },
});

it('a tap in Crisp starts a workflow once, however often it is reported, and another tap again', async () => {
  const { items } = await crisp('message:updated', tapped('help'));
  expect(items).toMatchObject([
    {
      ...{ chat: 'crisp', conversation_id: `session_${session}`, event: 'message:updated' },
      ...{ offer_message_id: String(own), choice: { value: 'help', label: 'Label of help' } },
    },
  ]);
  expect(
    differences(items![0]!, documentedFields('crisp-conversation-trigger', 'What comes out')),
  ).toEqual({ ...NO_DIFFERENCES, unmentioned: ['chat'] });
  expect((await crisp('message:updated', tapped('help'))).items).toBeUndefined();
  expect((await crisp('message:updated', tapped('no'))).items).toHaveLength(1);
});

it('offers that were read in Crisp start a workflow once, an item for each', async () => {
  const fingerprints = [own, 5, makeFingerprint('other', 'key')];
  const read = async () => await crisp('message:acknowledge:read:received', { fingerprints });
  const { items } = await read();
  expect(items).toHaveLength(2);
  expect(items?.[0]).toMatchObject({ seen: true, offer_message_id: String(own) });
  expect((await read()).items).toBeUndefined();
});

it('a trigger of before gets the items of before', async () => {
  const events = ['message:send', 'message:updated'];
  const { items } = await crisp('message:updated', tapped('help'), events);
  expect(items?.[0]).toMatchObject({ text: 'Label of help', message_type: 'picker' });
  expect(items?.[0]).not.toHaveProperty('choice');
  expect(items?.[0]).toHaveProperty('data');
  const read = await crisp('message:acknowledge:read:received', { fingerprints: [own] }, events);
  expect(read).toMatchObject({ status: 200, items: undefined });
});

it('a tap in Intercom names the option, and what a visitor writes names none', async () => {
  const intercom = async (metadata: object, id: string) => {
    const part = {
      ...{ id: '134', part_type: 'comment', body: 'Yes, please', created_at: 2, metadata },
      author: { type: 'user', id: '6762' },
    };
    const item = {
      ...{ type: 'conversation', id: '613', contacts: { contacts: [{ id: '6762' }] } },
      conversation_parts: { conversation_parts: [part] },
    };
    const body = { topic: 'conversation.user.replied', id, app_id: 'a', data: { item } };
    const rawBody = Buffer.from(JSON.stringify(body));
    const signature = `sha1=${createHmac('sha1', 'secret').update(rawBody).digest('hex')}`;
    const parameters = { events: ['conversation.user.replied'] };
    const request = { headers: { 'x-hub-signature': signature }, rawBody, body };
    const node = new IntercomConversationTrigger();
    return await callWebhook(node, request, { credential: { clientSecret: 'secret' }, parameters });
  };
  const uuid = '0b1f4c1e-9a3d-4c1b-8f2e-6d7a1c2e3f40';
  const { items } = await intercom({ quick_reply_option_uuid: uuid }, 'notif_1');
  expect(items?.[0]).toMatchObject({ choice: { value: uuid, label: 'Yes, please' } });
  expect((await intercom({}, 'notif_2')).items?.[0]).not.toHaveProperty('choice');
});
