import { IntercomClient } from 'intercom-client';
import { createPace } from '../../../core/http/pace';
import { createIntercomApi } from '../../../core/intercom/api';
import { startRecorder } from '../../support/recorder';
import { createImpatientClock, sendWith } from '../../support/service';

// Our requests beside those of Intercom's own client, for the calls that offers need.

/** An answer that either client can read, whatever it asked for. */
const ANSWER = {
  id: '614',
  conversation_parts: { conversation_parts: [] },
  data: [],
  conversations: [],
  pages: { total_pages: 1 },
};

async function clients() {
  const recorder = await startRecorder(() => ANSWER);
  const { clock } = createImpatientClock();
  const send = sendWith({ Authorization: 'Bearer t' });
  const pace = createPace({ clock, maxConcurrent: 1 });
  return {
    recorder,
    ours: createIntercomApi({ baseUrl: recorder.url, send, pace, clock, random: () => 0.5 }),
    official: new IntercomClient({ token: 't', environment: recorder.url, maxRetries: 0 }),
  };
}

let all: Awaited<ReturnType<typeof clients>>;
beforeEach(async () => void (all = await clients()));
afterEach(() => all.recorder.close());

type Call = (clients: typeof all) => Promise<unknown>;
const by = (field: string, value: unknown) => ({ field, operator: '=', value }) as never;
const reply_options = [{ text: 'Show me', uuid: '0b1f4c1e-9a3d-4c1b-8f2e-6d7a1c2e3f40' }];
const quickReply = { message_type: 'quick_reply' as const, admin_id: '814860', reply_options };
const conversations = (field: string, value: unknown) => ({
  query: {
    operator: 'AND' as const,
    value: [by('contact_ids', '6762'), by(field, value)],
  },
  pagination: { per_page: 50 },
});

it.each<[string, Call, Call]>([
  [
    'a contact by its external id',
    ({ ours }) => ours.userByExternalId('u/42 ä'),
    ({ official }) => official.contacts.showContactByExternalId({ external_id: 'u/42 ä' }),
  ],
  [
    'a contact',
    ({ ours }) => ours.contact('6762'),
    ({ official }) => official.contacts.find({ contact_id: '6762' }),
  ],
  [
    'contacts by address',
    ({ ours }) => ours.contactsByEmail('ann@example.com'),
    ({ official }) =>
      official.contacts.search({
        query: by('email', 'ann@example.com'),
        pagination: { per_page: 50 },
      }),
  ],
  [
    'open conversations',
    ({ ours }) => ours.conversationsOf('6762', { open: true }),
    ({ official }) => official.conversations.search(conversations('open', true)),
  ],
  [
    'conversations that an admin began',
    ({ ours }) => ours.conversationsOf('6762', { startedBy: '814860' }),
    ({ official }) => official.conversations.search(conversations('source.author.id', '814860')),
  ],
  [
    'options to tap',
    ({ ours }) => ours.reply('614', quickReply),
    ({ official }) =>
      official.conversations.reply({
        conversation_id: '614',
        body: { ...quickReply, type: 'admin' },
      }),
  ],
  [
    'a data event of a user',
    ({ ours }) =>
      ours.event({
        event_name: 'offered-help',
        contact: { id: '6762', external_id: 'u_42' },
        created_at: 1_767_225_600,
        metadata: { rule: 'ping_pong', page: '/pricing' },
      }),
    ({ official }) =>
      official.events.create({
        event_name: 'offered-help',
        user_id: 'u_42',
        created_at: 1_767_225_600,
        metadata: { rule: 'ping_pong', page: '/pricing' },
      }),
  ],
  [
    'a data event of a lead',
    ({ ours }) =>
      ours.event({
        event_name: 'offered-help',
        contact: { id: '6762', external_id: null },
        created_at: 1_767_225_600,
        metadata: {},
      }),
    ({ official }) =>
      official.events.create({
        event_name: 'offered-help',
        id: '6762',
        created_at: 1_767_225_600,
        metadata: {},
      }),
  ],
  [
    'a deleted conversation',
    ({ ours }) => ours.deleteConversation('614'),
    ({ official }) => official.conversations.deleteConversation({ conversation_id: 614 }),
  ],
])('asks for %s as the official client does', async (_, mine, theirs) => {
  await mine(all);
  const ours = all.recorder.taken();
  await theirs(all);
  expect(ours).toEqual(all.recorder.taken());
  expect(ours).toHaveLength(1);
});

it('sends a message as the official client does, but for the name of its kind', async () => {
  const contact = { id: '6762', role: 'user' };
  const body = '<p>Comparing plans?</p>';
  expect(await all.ours.message({ admin_id: '814860', contact, body })).toEqual({
    id: '614',
    conversation_id: null,
  });
  const [ours] = all.recorder.taken();
  await all.official.messages.create({
    message_type: 'inapp',
    body,
    from: { type: 'admin', id: 814_860 },
    to: { type: 'user', id: '6762' },
    create_conversation_without_contact_reply: true,
  });
  const [official] = all.recorder.taken();
  // The description of the API says in_app, its examples and the client say inapp.
  expect(ours?.body).toMatchObject({ message_type: 'in_app' });
  expect({ ...ours, body: { ...(ours?.body as object), message_type: 'inapp' } }).toEqual(official);
});

it('asks for nothing by an external id that would change the address', async () => {
  expect(await all.ours.userByExternalId('..')).toBeNull();
  expect(all.recorder.taken()).toEqual([]);
});
