import { createHmac } from 'node:crypto';
import { IntercomConversationTrigger } from '../../nodes/IntercomConversationTrigger/IntercomConversationTrigger.node';
import { callWebhook } from '../support/webhookNode';
import '../support/n8nCore';

const rawBody = Buffer.from(JSON.stringify({ type: 'notification_event', topic: 'ping' }));
const signature = `sha1=${createHmac('sha1', 'secret').update(rawBody).digest('hex')}`;

const answerWith = async (clientSecret: string) => {
  const request = { headers: { 'x-hub-signature': signature }, rawBody };
  const parameters = { events: ['conversation.user.created'] };
  const options = { credential: { clientSecret }, parameters };
  return (await callWebhook(new IntercomConversationTrigger(), request, options)).status;
};

it.each(['secret', ' secret', 'secret\n'])(
  'knows Intercom by the client secret %j',
  async (one) => {
    expect(await answerWith(one)).toBe(200);
  },
);

it.each(['', ' ', 'another'])('refuses what is not signed with %j', async (one) => {
  expect(await answerWith(one)).toBe(403);
});
