import { readIntercomEvent } from '../../../core/intercom/webhook';
import { createIntercomSimulator, type Subscription } from '../../../simulators/intercom';
import type { Beginning } from '../../../simulators/intercom/beginnings';
import { manualClock, receiver } from './support';

// What the simulated Intercom sends of each kind of conversation, as the trigger reads it.

const clock = manualClock();
const ended: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

async function setUp(options: Partial<Subscription> = {}) {
  const { url, received, close } = await receiver();
  const intercom = createIntercomSimulator({ accessToken: 'token', clock });
  ended.push(close, () => intercom.close());
  intercom.webhooks.subscribe({
    url,
    topics: ['conversation.user.created', 'conversation.user.replied'],
    clientSecret: 'secret',
    ...options,
  });
  /** What the trigger makes of all that was sent. */
  const read = async () => {
    await intercom.webhooks.settled();
    return received.map(({ body }) => readIntercomEvent(body));
  };
  /** The first message of the conversation that was sent last. */
  const source = () => received.at(-1)!.body.data.item.source;
  return { intercom, read, source };
}

const ada = { external_id: '70', email: 'ada@example.com', name: 'Ada' };
const bob = { external_id: '71', email: 'bob@example.com', name: 'Bob' };
const lead = { role: 'lead' as const };
const isAda = { user_id: '70', email: 'ada@example.com', name: 'Ada' };

it.each<[Beginning, string, string]>([
  ['teammate', 'admin_initiated', 'admin'],
  ['team', 'admin_initiated', 'team'],
  ['campaign', 'campaigns_initiated', 'admin'],
  ['series', 'automated', 'admin'],
  ['custom bot', 'operator_initiated', 'bot'],
  ['Fin', 'operator_initiated', 'bot'],
])(
  'an answer to a conversation started by a %s is the visitor’s',
  async (as, delivered_as, type) => {
    const { intercom, read, source } = await setUp();
    const { id } = intercom.teamStarts({ ...ada, as, text: 'Need a hand?' });
    expect(await read()).toEqual([]);
    intercom.visitorReplies(id, 'Yes');
    const { id: ofLead } = intercom.teamStarts({ ...lead, as, text: 'Need a hand?' });
    intercom.visitorReplies(ofLead, 'Who is it?');
    const nobody = { user_id: null, email: null, name: null };
    expect(await read()).toMatchObject([
      { conversation_id: id, ...isAda, text: '<p>Yes</p>' },
      { conversation_id: ofLead, ...nobody, text: '<p>Who is it?</p>' },
    ]);
    expect(source()).toMatchObject({ delivered_as, author: { type } });
  },
);

it('a reply without its part in the notification is of the only contact', async () => {
  const { intercom, read } = await setUp({ parts: false });
  const { id } = intercom.teamStarts({ ...ada, as: 'teammate', text: 'Need a hand?' });
  intercom.visitorReplies(id, 'Yes');
  expect(await read()).toMatchObject([{ user_id: '70', email: null, name: null, text: '' }]);
});

it('in a group, each message has its own contact', async () => {
  const { intercom, read } = await setUp();
  const { id } = intercom.visitorStarts({ ...ada, text: 'Hi' });
  intercom.visitorReplies(id, 'Me, too', { by: bob });
  intercom.visitorReplies(id, 'Thanks');
  expect(await read()).toMatchObject([
    { ...isAda, text: '<p>Hi</p>' },
    { user_id: '71', email: 'bob@example.com', name: 'Bob', text: '<p>Me, too</p>' },
    { ...isAda, text: '<p>Thanks</p>' },
  ]);
});

it('emails, tickets and quick replies are messages of the visitor', async () => {
  const { intercom, read, source } = await setUp();
  intercom.visitorStarts({ ...ada, text: 'It fails', subject: 'Export' });
  await intercom.webhooks.settled();
  expect(source()).toMatchObject({ type: 'email', subject: 'Export' });
  intercom.visitorStarts({ ...ada, text: 'Broken', ticket: true });
  const { id } = intercom.teamStarts({ ...ada, as: 'custom bot', text: 'Which one?' });
  intercom.visitorReplies(id, 'The first', { quickReply: 'u-1' });
  expect(await read()).toMatchObject([
    { ...isAda, text: '<p>It fails</p>' },
    { ...isAda, text: '<p>Broken</p>' },
    { ...isAda, text: '<p>The first</p>' },
  ]);
});

it('a conversation started by a teammate has another topic', async () => {
  const { intercom, read } = await setUp({ topics: ['conversation.admin.single.created'] });
  intercom.teamStarts({ ...ada, as: 'teammate', text: 'Need a hand?' });
  intercom.teamStarts({ ...ada, as: 'campaign', text: 'Need a hand?' });
  expect(await read()).toMatchObject([{ topic: 'conversation.admin.single.created', text: '' }]);
});
