import { type Intercom, IntercomClient, IntercomError } from 'intercom-client';
import { createIntercomSimulator, REDACTED_BODY } from '../../../simulators/intercom';
import { misfits, type Shape } from '../../../simulators/http/shape';
import { manualClock } from './support';

// Intercom's own client, for every call that the package makes. It reads answers as its types say and looks
// at none; so the fields that Intercom's API description (2.14) gives an answer are compared here.

const clock = manualClock();
const ADMIN = { id: '9912674', name: 'Autoplay', email: 'autoplay@northwindboards.example' };
const running: { close(): Promise<void> }[] = [];

async function connect(token = 'dG9rOmRlbW8=') {
  const intercom = createIntercomSimulator({ accessToken: 'dG9rOmRlbW8=', admins: [ADMIN], clock });
  running.push(intercom);
  const { url } = await intercom.listen();
  const client = new IntercomClient({ token, environment: url, maxRetries: 0 });
  const visitor = { external_id: '70', email: 'amara@example.com', name: 'Amara' };
  const { id } = intercom.visitorStarts({ ...visitor, text: 'Hello there' });
  const reply = (message_type: 'note' | 'comment', body: string, conversation_id = id) =>
    client.conversations.reply({
      conversation_id,
      body: { message_type, type: 'admin', admin_id: ADMIN.id, body },
    });
  return { intercom, client, id, reply };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

/** Null, or what else it may be. */
const NULL = [null] as const;
const author = { type: 'string', id: 'string', 'name?': 'string', 'email?': 'string' } as const;

const CONVERSATION: Shape = {
  type: ['conversation'],
  id: 'string',
  title: NULL,
  created_at: 'integer',
  updated_at: 'integer',
  'waiting_since?': 'integer',
  snoozed_until: NULL,
  open: 'boolean',
  state: ['open', 'closed', 'snoozed'],
  read: 'boolean',
  priority: ['priority', 'not_priority'],
  'admin_assignee_id?': 'integer',
  team_assignee_id: NULL,
  tags: 'object',
  conversation_rating: NULL,
  source: 'object',
  contacts: 'object',
  teammates: NULL,
  custom_attributes: 'object',
  'first_contact_reply?': 'object',
  sla_applied: NULL,
  statistics: NULL,
  'conversation_parts?': 'object',
  linked_objects: 'object',
  ai_agent_participated: 'boolean',
  ai_agent: NULL,
  topics: 'object',
  ticket: NULL,
};
const SOURCE: Shape = {
  type: ['conversation'],
  id: 'string',
  delivered_as: 'string',
  subject: 'string',
  body: 'string',
  author: 'object',
  attachments: 'array',
  url: NULL,
  redacted: 'boolean',
};
const PART: Shape = {
  type: ['conversation_part'],
  id: 'string',
  part_type: 'string',
  body: 'string',
  created_at: 'integer',
  updated_at: 'integer',
  notified_at: 'integer',
  assigned_to: NULL,
  author: 'object',
  attachments: 'array',
  external_id: NULL,
  redacted: 'boolean',
  metadata: 'object',
  email_message_metadata: NULL,
  app_package_code: NULL,
};

function partsOf({ conversation_parts }: Intercom.Conversation): Intercom.ConversationPart[] {
  return conversation_parts!.conversation_parts!;
}

/** Fields of a conversation that are always there, and null or a value. */
const MAY_BE_NULL = ['first_contact_reply', 'waiting_since', 'admin_assignee_id'];

function withoutNull(value: object, fields: readonly string[]): object {
  expect(Object.keys(value)).toEqual(expect.arrayContaining([...fields]));
  const isThere = ([name, one]: [string, unknown]) => one !== null || !fields.includes(name);
  return Object.fromEntries(Object.entries(value).filter(isThere));
}

function withoutNulls({ ...fields }: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function expectConversation(conversation: Intercom.Conversation): void {
  expect(misfits(CONVERSATION, withoutNull(conversation, MAY_BE_NULL))).toEqual([]);
  expect(misfits(SOURCE, conversation.source)).toEqual([]);
  expect(misfits(author, withoutNulls(conversation.source.author!))).toEqual([]);
  expect(conversation.contacts).toEqual({
    type: 'contact.list',
    contacts: [{ type: 'contact', id: expect.any(String), external_id: '70' }],
  });
  expect(conversation.conversation_parts).toMatchObject({
    type: 'conversation_part.list',
    total_count: partsOf(conversation).length,
  });
  for (const part of partsOf(conversation)) {
    expect(misfits(PART, part)).toEqual([]);
    expect(misfits(author, withoutNulls(part.author!))).toEqual([]);
  }
}

it('the client reads whose token it is', async () => {
  const { client } = await connect();
  const me = (await client.admins.identify())!;
  const fields: Shape = {
    type: ['admin'],
    id: [ADMIN.id],
    name: [ADMIN.name],
    email: [ADMIN.email],
    email_verified: 'boolean',
    has_inbox_seat: 'boolean',
    app: 'object',
    avatar: 'object',
  };
  expect(misfits(fields, me)).toEqual([]);
  const app: Shape = {
    type: ['app'],
    id_code: 'string',
    name: 'string',
    region: 'string',
    timezone: 'string',
    created_at: 'integer',
    identity_verification: 'boolean',
    secure: 'boolean',
  };
  expect(misfits(app, me.app)).toEqual([]);
});

it('the client lists the admins', async () => {
  const { client } = await connect();
  const { admins, type } = await client.admins.list();
  expect(type).toBe('admin.list');
  const fields: Shape = {
    type: ['admin'],
    id: 'string',
    name: 'string',
    email: 'string',
    away_mode_enabled: 'boolean',
    away_mode_reassign: 'boolean',
    has_inbox_seat: 'boolean',
    team_ids: 'array',
  };
  expect(admins!.map((admin) => misfits(fields, admin))).toEqual([[]]);
});

it('the client lists conversations by pages, without their parts', async () => {
  const { intercom, client, reply } = await connect();
  await reply('note', '<p>n</p>');
  intercom.visitorStarts({ external_id: '70', text: 'Again' });
  const page = await client.conversations.list({ per_page: 1 });
  const ids: string[] = [];
  for await (const conversation of page) {
    expect(misfits(CONVERSATION, withoutNulls(conversation)).filter(isNotMissing)).toEqual([]);
    expect(conversation).not.toHaveProperty('conversation_parts');
    ids.push(conversation.id);
  }
  expect(ids).toHaveLength(2);
});

const isNotMissing = (misfit: string) => !misfit.endsWith(' is missing');

it('the client posts a note and a reply, and reads both', async () => {
  const { intercom, client, id, reply } = await connect();
  intercom.visitorReplies(id, 'Anybody?');
  expectConversation(await reply('note', '<p>[1] User clicked Sign up</p>'));
  expectConversation(await reply('comment', '<p>Hello</p>'));
  const conversation = await client.conversations.find({ conversation_id: id });
  expectConversation(conversation);
  const said = partsOf(conversation).map(({ part_type, body, author: who }) => [
    part_type,
    body,
    who!.type === 'admin' ? who!.id : who!.type,
  ]);
  expect(said).toHaveLength(3);
  expect(said).toEqual(
    expect.arrayContaining([
      ['comment', expect.stringContaining('Anybody?'), 'user'],
      ['note', '<p>[1] User clicked Sign up</p>', ADMIN.id],
      ['comment', '<p>Hello</p>', ADMIN.id],
    ]),
  );
  expect(intercom.journal.violations).toEqual([]);
});

it('the client reads bodies as plain text', async () => {
  const { client, id, reply } = await connect();
  await reply('note', '<p>a<br>b</p>');
  const plain = { conversation_id: id, display_as: 'plaintext' };
  expect(partsOf(await client.conversations.find(plain))[0]!.body).toBe('a\nb');
});

it('the client redacts a note only once', async () => {
  const { client, id, reply } = await connect();
  const [note] = partsOf(await reply('note', '<p>secret</p>'));
  const redact = () =>
    client.conversations.redactConversationPart({
      type: 'conversation_part',
      conversation_id: id,
      conversation_part_id: note!.id!,
    });
  const conversation = await redact();
  expectConversation(conversation);
  expect(partsOf(conversation)).toMatchObject([{ body: REDACTED_BODY, redacted: true }]);
  await expect(redact()).rejects.toMatchObject({ statusCode: 400 });
});

describe('the client throws its own error for', () => {
  const errors = (code: string) => ({
    type: 'error.list',
    request_id: expect.any(String),
    errors: [{ code, message: expect.any(String) }],
  });

  it('a wrong token', async () => {
    const { client } = await connect('other');
    const failed = client.conversations.list();
    await expect(failed).rejects.toBeInstanceOf(IntercomError);
    await expect(failed).rejects.toMatchObject({ statusCode: 401 });
  });

  it('an unknown conversation', async () => {
    const { client, reply } = await connect();
    for (const failed of [
      client.conversations.find({ conversation_id: '1' }),
      reply('note', '<p>x</p>', '1'),
    ]) {
      await expect(failed).rejects.toMatchObject({ statusCode: 404, body: errors('not_found') });
    }
  });

  it('an unknown part', async () => {
    const { client, id } = await connect();
    const failed = client.conversations.redactConversationPart({
      type: 'conversation_part',
      conversation_id: id,
      conversation_part_id: '1',
    });
    const body = errors('conversation_part_or_message_not_found');
    await expect(failed).rejects.toMatchObject({ statusCode: 404, body });
  });

  it('too many calls', async () => {
    const { intercom, client } = await connect();
    intercom.faults.add({ match: () => true, effect: { kind: 'status', status: 429 } });
    await expect(client.conversations.list()).rejects.toMatchObject({
      statusCode: 429,
      body: errors('rate_limit_exceeded'),
    });
  });
});

it('the client sends only documented requests', async () => {
  const { intercom, client, id, reply } = await connect();
  await client.admins.identify();
  await client.admins.list();
  await client.conversations.list({ per_page: 5 });
  await client.conversations.find({ conversation_id: id });
  await reply('note', '<p>x</p>');
  expect(intercom.journal.violations).toEqual([]);
  expect(intercom.journal.requests.map(({ headers }) => headers['intercom-version'])).toEqual(
    Array(5).fill('2.14'),
  );
});
