import { IntercomClient } from 'intercom-client';
import { misfits, type Shape } from '../../../simulators/http/shape';
import { createIntercomSimulator, type Quirks } from '../../../simulators/intercom';
import { manualClock, receiver } from './support';

// What reaches a visitor before they ask, through Intercom's own client. Fields are those of Intercom's API description
// (2.14, and 2.16 for what is new in it).

const ADMIN = { id: '9912674', name: 'Autoplay', email: 'autoplay@northwindboards.example' };
const AMARA = { external_id: '70', email: 'amara@example.com', name: 'Amara' };
const OPTIONS = [
  { text: 'Show me', uuid: '0b1f4c1e-9a3d-4c1b-8f2e-6d7a1c2e3f40' },
  { text: 'No, thanks', uuid: '5c2e8d7a-1f40-4b6c-9e3d-0a1b2c3d4e5f' },
];
const ended: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

async function connect(quirks: Partial<Quirks> = {}, version?: string) {
  const clock = manualClock();
  const intercom = createIntercomSimulator({ accessToken: 't', admins: [ADMIN], clock, quirks });
  ended.push(() => intercom.close());
  const { url } = await intercom.listen();
  const headers = version === undefined ? {} : { 'Intercom-Version': version };
  const client = new IntercomClient({ token: 't', environment: url, maxRetries: 0, headers });
  const amara = intercom.addContact(AMARA);
  const reachOut = (more: object = {}, timeoutInSeconds = 20) =>
    client.messages.create(
      {
        message_type: 'inapp',
        body: 'Comparing plans?',
        from: { type: 'admin', id: Number(ADMIN.id) },
        to: { type: 'user', id: amara.id },
        ...more,
      },
      { timeoutInSeconds },
    );
  const opening = { create_conversation_without_contact_reply: true };
  const buttons = (conversation_id: string, more: object = {}) =>
    client.conversations.reply({
      conversation_id,
      body: {
        message_type: 'quick_reply',
        type: 'admin',
        admin_id: ADMIN.id,
        reply_options: OPTIONS,
        ...more,
      },
    });
  return { clock, intercom, client, url, amara, reachOut, opening, buttons };
}

type Search = Parameters<IntercomClient['contacts']['search']>[0]['query'];
const by = (field: string, value: unknown) => ({ field, operator: '=', value }) as Search;
const error = (statusCode: number, code: string) => ({
  statusCode,
  body: { type: 'error.list', errors: [{ code }] },
});

describe('contacts', () => {
  const LIST: Shape = {
    type: ['list'],
    data: 'array',
    url: 'string',
    total_count: 'integer',
    has_more: 'boolean',
  };
  const CONTACT: Shape = {
    type: ['contact'],
    id: 'string',
    workspace_id: 'string',
    external_id: ['70'],
    role: ['user'],
    email: 'string',
    name: 'string',
    has_hard_bounced: 'boolean',
    marked_email_as_spam: 'boolean',
    unsubscribed_from_emails: 'boolean',
    created_at: 'integer',
    updated_at: 'integer',
    signed_up_at: 'integer',
    social_profiles: 'object',
    location: 'object',
    custom_attributes: 'object',
    tags: 'object',
    notes: 'object',
    companies: 'object',
    ...Object.fromEntries(
      'phone avatar owner_id last_email_opened_at last_email_clicked_at language_override browser browser_version browser_language os'
        .split(' ')
        .map((name) => [name, [null]]),
    ),
  };
  const times = { last_seen_at: [null], last_replied_at: [null], last_contacted_at: [null] };

  it('are found by external id and by id', async () => {
    const { client, amara, intercom } = await connect();
    const found = await client.contacts.showContactByExternalId({ external_id: '70' });
    expect(misfits({ ...CONTACT, ...times, enabled_push_messaging: [null] }, found)).toEqual([]);
    expect(misfits(LIST, found.tags)).toEqual([]);
    const same = await client.contacts.find({ contact_id: amara.id });
    expect(misfits({ ...CONTACT, ...times }, same)).toEqual([]);
    expect(same.id).toBe(found.id);
    expect(intercom.journal.violations).toEqual([]);
  });

  it('that do not exist are a 404, and so are leads by external id', async () => {
    const { client, intercom } = await connect();
    intercom.addContact({ external_id: '80', role: 'lead' });
    for (const asked of [
      client.contacts.showContactByExternalId({ external_id: '7' }),
      client.contacts.showContactByExternalId({ external_id: '80' }),
      client.contacts.find({ contact_id: 'f00' }),
    ]) {
      await expect(asked).rejects.toMatchObject(error(404, 'not_found'));
    }
  });

  it('are searched by id and address, duplicates included', async () => {
    const { client, intercom, amara } = await connect();
    const lead = intercom.addContact({ email: AMARA.email, role: 'lead' });
    const search = async (query: Search) => {
      const { data } = await client.contacts.search({ query });
      return data.map(({ id }) => id);
    };
    expect(await search(by('external_id', '70'))).toEqual([amara.id]);
    expect(await search(by('email', AMARA.email))).toEqual([amara.id, lead.id]);
    const both = [by('email', AMARA.email), by('role', 'user')] as never;
    expect(await search({ operator: 'AND', value: both })).toEqual([amara.id]);
    expect(await search(by('email', 'other@example.com'))).toEqual([]);
    const page = await client.contacts.search({
      query: by('email', AMARA.email),
      pagination: { per_page: 1 },
    });
    const ids = [];
    for await (const { id } of page) ids.push(id);
    expect(ids).toEqual([amara.id, lead.id]);
    expect(intercom.journal.violations).toEqual([]);
  });

  it.each<[string, Search]>([
    ['an unknown field', by('shoe_size', '1')],
    ['a value of another type', by('unsubscribed_from_emails', 'true')],
    ['an operator that dates do not have', { field: 'created_at', operator: 'IN', value: [1] }],
    ['no list for IN', { field: 'email', operator: 'IN', value: 'x' }],
  ])('are not searched with %s', async (_, query) => {
    const { client } = await connect();
    await expect(client.contacts.search({ query })).rejects.toMatchObject(
      error(400, 'parameter_invalid'),
    );
  });

  it('that are new are neither searched nor written to for a while', async () => {
    const { client, clock, reachOut } = await connect({ contactDelayMs: 180_000 });
    const query = by('external_id', '70');
    const { external_id } = await client.contacts.showContactByExternalId({ external_id: '70' });
    expect(external_id).toBe('70');
    clock.advance(179_999);
    expect((await client.contacts.search({ query })).data).toEqual([]);
    await expect(reachOut()).rejects.toMatchObject(error(404, 'not_found'));
    clock.advance(1);
    expect((await client.contacts.search({ query })).data).toHaveLength(1);
    expect(await reachOut()).toMatchObject({ type: 'admin_message' });
  });

  it('tell when they wrote and were written to, and whether they want it', async () => {
    const { client, intercom, clock, amara, reachOut } = await connect();
    const now = () => Math.floor(clock.now() / 1_000);
    const { id } = await reachOut();
    const contacted = now();
    clock.advance(60_000);
    intercom.visitorAnswers(id, 'Yes');
    intercom.changeContact(amara.id, { unsubscribed_from_emails: true });
    expect(await client.contacts.find({ contact_id: amara.id })).toMatchObject({
      last_contacted_at: contacted,
      last_replied_at: now(),
      last_seen_at: now(),
      unsubscribed_from_emails: true,
      has_hard_bounced: false,
    });
  });
});

describe('a message to somebody without a conversation', () => {
  const MESSAGE: Shape = {
    type: ['admin_message'],
    id: 'string',
    created_at: 'integer',
    body: 'string',
    message_type: ['inapp'],
    owner: 'object',
    'conversation_id?': 'string',
  };

  it('opens none until they answer', async () => {
    const { client, intercom, amara, reachOut } = await connect();
    const message = await reachOut();
    expect(misfits(MESSAGE, message)).toEqual([]);
    expect(message).not.toHaveProperty('conversation_id');
    expect(intercom.conversations()).toEqual([]);
    expect(intercom.messages()).toMatchObject([{ id: message.id, contactId: amara.id }]);
    expect(intercom.visitorSees(amara.id)).toMatchObject([
      { id: message.id, conversationId: null, from: 'team', body: '<p>Comparing plans?</p>' },
    ]);
    intercom.visitorAnswers(message.id, 'Yes');
    const { data } = await client.conversations.search({ query: by('source.id', message.id) });
    expect(data).toMatchObject([
      {
        source: { delivered_as: 'admin_initiated', author: { type: 'admin', id: ADMIN.id } },
        contacts: { contacts: [{ id: amara.id }] },
        open: true,
      },
    ]);
    expect(() => intercom.visitorAnswers(message.id, 'Twice')).toThrow('Not Found');
    expect(intercom.visitorSees(amara.id).map(({ from }) => from)).toEqual(['team', 'visitor']);
    expect(intercom.journal.violations).toEqual([]);
  });

  it.each([true, false])('opens one at once when asked; the answer names it: %s', async (names) => {
    const { client, intercom, reachOut, opening } = await connect({
      messageNamesConversation: names,
    });
    const message = await reachOut(opening);
    expect(misfits(MESSAGE, message)).toEqual([]);
    const [conversation] = intercom.conversations();
    expect(message.conversation_id).toBe(names ? conversation!.id : undefined);
    const { data } = await client.conversations.search({ query: by('source.id', message.id) });
    expect(data.map(({ id }) => id)).toEqual([conversation!.id]);
    expect(intercom.messages()).toEqual([]);
  });

  it.each([
    ['an unknown contact', { to: { type: 'user', id: 'f00' } }, 404, 'not_found'],
    ['an unknown admin', { from: { type: 'admin', id: 1 } }, 404, 'admin_not_found'],
    ['no text', { body: '' }, 400, 'parameter_invalid'],
    ['nobody to write to', { to: undefined }, 400, 'parameter_not_found'],
  ])('is refused for %s', async (_, more, status, code) => {
    const { intercom, reachOut } = await connect();
    await expect(reachOut(more)).rejects.toMatchObject(error(status, code));
    expect(intercom.messages()).toEqual([]);
  });

  it('is sent although the answer gets lost', async () => {
    const { intercom, reachOut } = await connect();
    // After a reset, the client's timer goes on to its end.
    const lost = () => reachOut({}, 1);
    const match = { path: /^\/messages$/ };
    intercom.faults.add({ match, effect: { kind: 'reset-before' } });
    await expect(lost()).rejects.toThrow();
    expect(intercom.messages()).toHaveLength(0);
    intercom.faults.add({ match, effect: { kind: 'reset-after' } });
    await expect(lost()).rejects.toThrow();
    expect(intercom.messages()).toHaveLength(1);
  });
});

describe('buttons', () => {
  it('are a part without words, and a tap is a reply with the words of one', async () => {
    const { client, intercom, amara, reachOut, opening, buttons } = await connect();
    const { conversation_id: id } = await reachOut(opening);
    const { conversation_parts: list } = await buttons(id);
    const [part] = list!.conversation_parts!;
    expect(part).toMatchObject({
      part_type: 'quick_reply',
      body: null,
      author: { type: 'admin', id: ADMIN.id },
      metadata: {},
    });
    for (const name of ['options', 'tapped', 'unsent']) expect(part).not.toHaveProperty(name);
    const shown = () => intercom.visitorSees(amara.id).flatMap(({ options }) => options);
    expect(shown()).toEqual(OPTIONS.map((one) => ({ ...one, tapped: false })));
    const tap = intercom.visitorTaps(id, OPTIONS[0]!.uuid);
    expect(tap).toMatchObject({ part_type: 'comment', body: '<p>Show me</p>' });
    intercom.visitorTaps(id, OPTIONS[0]!.uuid);
    expect(shown().map(({ tapped }) => tapped)).toEqual([true, false]);
    const { conversation_parts: all } = await client.conversations.find({ conversation_id: id });
    const taps = all!.conversation_parts!.filter(({ part_type }) => part_type === 'comment');
    expect(taps.map(({ metadata }) => metadata)).toEqual([
      { quick_reply_option_uuid: OPTIONS[0]!.uuid },
      { quick_reply_option_uuid: OPTIONS[0]!.uuid },
    ]);
    expect(() => intercom.visitorTaps(id, 'other')).toThrow('of no button');
    expect(intercom.journal.violations).toEqual([]);
  });

  it('are listed in the metadata of their part where Intercom does that', async () => {
    const { reachOut, opening, buttons } = await connect({ optionsInMetadata: true });
    const { conversation_parts: list } = await buttons((await reachOut(opening)).conversation_id);
    expect(list!.conversation_parts).toMatchObject([
      { metadata: { quick_reply_options: OPTIONS } },
    ]);
  });

  it.each([
    ['words beside them', { body: 'Shall I?' }, 'parameter_invalid'],
    ['none', { reply_options: undefined }, 'parameter_not_found'],
    ['an empty list', { reply_options: [] }, 'parameter_invalid'],
    ['one without an id', { reply_options: [{ text: 'Yes' }] }, 'parameter_not_found'],
    ['one without a text', { reply_options: [{ uuid: 'u' }] }, 'parameter_not_found'],
  ])('are refused for %s', async (_, more, code) => {
    const { intercom, reachOut, opening, buttons } = await connect();
    const { conversation_id: id } = await reachOut(opening);
    await expect(buttons(id, more)).rejects.toMatchObject(error(400, code));
    expect(intercom.conversation(id).parts).toEqual([]);
  });

  it('take words beside them where Intercom ignores those', async () => {
    const { intercom, reachOut, opening, buttons } = await connect({ quickReplyBody: 'ignored' });
    const { conversation_id: id } = await reachOut(opening);
    await buttons(id, { body: 'Shall I?' });
    expect(intercom.conversation(id).parts).toMatchObject([{ body: '' }]);
  });

  it.each(['2.13', '2.14', 'Unstable'])('are known in version %s', async (version) => {
    const { reachOut, opening, buttons } = await connect({}, version);
    const sent = buttons((await reachOut(opening)).conversation_id);
    if (version !== '2.13') return expect(await sent).toMatchObject({ type: 'conversation' });
    await expect(sent).rejects.toMatchObject(error(400, 'parameter_invalid'));
  });

  it('never arrive in a conversation that was begun by email', async () => {
    const { client, intercom, amara, buttons } = await connect();
    const email = { ...AMARA, text: 'It fails', subject: 'Export' };
    const { id } = intercom.visitorStarts(email);
    await buttons(id);
    await client.conversations.reply({
      conversation_id: id,
      body: { message_type: 'comment', type: 'admin', admin_id: ADMIN.id, body: 'Hello' },
    });
    intercom.adminDoes(id, ADMIN.id, 'comment', 'By hand');
    expect(intercom.conversation(id).parts).toHaveLength(3);
    expect(intercom.visitorSees(amara.id).map(({ body }) => body)).toEqual([
      '<p>It fails</p>',
      '<p>By hand</p>',
    ]);
  });
});

describe('a search for conversations', () => {
  const open = (contact: string) => ({
    operator: 'AND' as const,
    value: [by('contact_ids', contact), by('open', true)] as never,
  });

  it('finds a contact’s open ones, with who has them', async () => {
    const { client, intercom, clock, amara } = await connect();
    const { id } = intercom.visitorStarts({ ...AMARA, text: 'Hello?' });
    intercom.visitorStarts({ external_id: '71', text: 'Hi' });
    const find = async () =>
      (await client.conversations.search({ query: open(amara.id) })).data as object[];
    const since = Math.floor(clock.now() / 1_000);
    expect(await find()).toMatchObject([
      { id, open: true, state: 'open', admin_assignee_id: null, waiting_since: since },
    ]);
    clock.advance(5_000);
    intercom.visitorReplies(id, 'Anybody?');
    intercom.adminAssigns(id, ADMIN.id, ADMIN.id);
    expect(await find()).toMatchObject([
      { admin_assignee_id: Number(ADMIN.id), waiting_since: since, ai_agent_participated: false },
    ]);
    intercom.agentReplies(id, 'I can help');
    expect(await find()).toMatchObject([{ waiting_since: null, ai_agent_participated: true }]);
    intercom.adminDoes(id, ADMIN.id, 'close');
    expect(await find()).toEqual([]);
    expect(intercom.journal.violations).toEqual([]);
  });

  it('is behind what happens, where Intercom’s is', async () => {
    const { client, intercom, clock, amara } = await connect({ conversationDelayMs: 30_000 });
    const { id } = intercom.visitorStarts({ ...AMARA, text: 'Hello?' });
    const count = async () =>
      (await client.conversations.search({ query: open(amara.id) })).data.length;
    expect(await count()).toBe(0);
    clock.advance(30_000);
    expect(await count()).toBe(1);
    intercom.adminDoes(id, ADMIN.id, 'close');
    expect(await count()).toBe(1);
    clock.advance(29_999);
    expect(await count()).toBe(1);
    clock.advance(1);
    expect(await count()).toBe(0);
  });
});

describe('data events', () => {
  it('are accepted once for each contact, name and second', async () => {
    const { client, intercom, amara, url } = await connect();
    const event = { event_name: 'stuck-on-pricing', created_at: 1_767_225_600 };
    const metadata = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`key${i}`, 'x']));
    await client.events.create({ ...event, user_id: '70', metadata });
    await client.events.create({ ...event, email: AMARA.email });
    await client.events.create({ ...event, id: amara.id, created_at: event.created_at + 1 });
    expect(intercom.events()).toMatchObject([
      { ...event, contactId: amara.id },
      { contactId: amara.id, created_at: event.created_at + 1 },
    ]);
    expect(Object.keys(intercom.events()[0]!.metadata)).toHaveLength(10);
    expect(intercom.journal.violations).toEqual([]);
    const response = await fetch(`${url}/events`, {
      method: 'POST',
      headers: { Authorization: 'Bearer t', 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...event, user_id: '70' }),
    });
    expect([response.status, await response.text()]).toEqual([202, '']);
  });

  it('about nobody are refused', async () => {
    const { client, intercom } = await connect();
    const event = { event_name: 'stuck', created_at: 1 };
    await expect(client.events.create({ ...event, user_id: 'x' })).rejects.toMatchObject(
      error(404, 'not_found'),
    );
    await expect(client.events.create(event as never)).rejects.toMatchObject({ statusCode: 400 });
    expect(intercom.events()).toEqual([]);
  });
});

describe('the team', () => {
  it('can be away, and has office hours from version 2.16 on', async () => {
    const { client, intercom, url } = await connect();
    const away = async () =>
      (await client.admins.list()).admins!.map((one) => one!.away_mode_enabled);
    expect(await away()).toEqual([false]);
    intercom.setAway(ADMIN.id, true);
    expect(await away()).toEqual([true]);
    intercom.setOfficeHours([
      {
        name: 'Support',
        timeZone: 'America/New_York',
        intervals: [
          { start: 540, end: 1_020 },
          { start: 1_980, end: 2_460 },
        ],
      },
    ]);
    const hours = async (version: string) => {
      const headers = { Authorization: 'Bearer t', 'Intercom-Version': version };
      const response = await fetch(`${url}/office_hours_schedules`, { headers });
      return { status: response.status, body: (await response.json()) as object };
    };
    expect((await hours('2.15')).status).toBe(404);
    // As in the description's example.
    expect((await hours('2.16')).body).toMatchObject({
      type: 'office_hours_schedule.list',
      data: [
        {
          time_zone_name: 'America/New_York',
          time_intervals: [
            { start_minute: 540, end_minute: 1020, day_of_week: 0 },
            { start_minute: 1980, end_minute: 2460, day_of_week: 1 },
          ],
          twenty_four_seven: false,
        },
      ],
    });
  });

  it('deletes a conversation for good', async () => {
    const { client, intercom, amara, reachOut, opening } = await connect();
    const { conversation_id: id } = await reachOut(opening);
    const gone = { conversation_id: Number(id) };
    const options = { queryParams: { retain_metrics: 'true' } };
    expect(await client.conversations.deleteConversation(gone, options)).toEqual({
      id,
      object: 'conversation',
      deleted: true,
    });
    expect(intercom.visitorSees(amara.id)).toEqual([]);
    await expect(client.conversations.find({ conversation_id: id })).rejects.toMatchObject(
      error(404, 'not_found'),
    );
    expect(
      (await client.conversations.search({ query: by('contact_ids', amara.id) })).data,
    ).toEqual([]);
    expect(intercom.journal.violations).toEqual([]);
  });
});

describe('notifications', () => {
  async function heard(version: string, quirks: Partial<Quirks> = {}) {
    const world = await connect(quirks);
    const { url, received, close } = await receiver();
    ended.push(close);
    world.intercom.webhooks.subscribe({
      url,
      version,
      clientSecret: 's',
      topics: [
        'conversation.user.created',
        'conversation.user.replied',
        'conversation.admin.single.created',
        'conversation.operator.replied',
        'conversation.admin.assigned',
        'conversation.deleted',
      ],
    });
    const topics = async () => {
      await world.intercom.webhooks.settled();
      return received.map(({ body }) => body.topic as string).sort();
    };
    const lastPart = () => received.at(-1)!.body.data.item.conversation_parts.conversation_parts[0];
    return { ...world, topics, lastPart };
  }

  it.each<[string, Quirks['tappedOption'], object]>([
    ['2.13', 'quick_reply_option_uuid', { body: '<p>Show me</p>' }],
    [
      '2.14',
      'quick_reply_option_uuid',
      { body: '<p>Show me</p>', metadata: { quick_reply_option_uuid: OPTIONS[0]!.uuid } },
    ],
    [
      '2.14',
      'quick_reply_uuid',
      { body: '<p>Show me</p>', metadata: { quick_reply_uuid: OPTIONS[0]!.uuid } },
    ],
    [
      '2.15',
      'quick_reply_option_uuid',
      { body: 'Show me', metadata: { quick_reply_option_uuid: OPTIONS[0]!.uuid } },
    ],
  ])('of a tap look like the app’s version %s, with %s', async (version, tappedOption, part) => {
    const { intercom, reachOut, opening, buttons, topics, lastPart } = await heard(version, {
      tappedOption,
    });
    const { conversation_id: id } = await reachOut(opening);
    await buttons(id);
    await topics();
    intercom.visitorTaps(id, OPTIONS[0]!.uuid);
    expect(await topics()).toEqual([
      'conversation.admin.single.created',
      'conversation.user.replied',
    ]);
    expect(lastPart()).toMatchObject({ part_type: 'comment', author: { type: 'user' }, ...part });
    expect('metadata' in lastPart()).toBe(version !== '2.13');
  });

  it.each(['conversation.user.replied', 'conversation.user.created'] as const)(
    'of the answer to a message may have the topic %s',
    async (answerTopic) => {
      const { intercom, reachOut, topics } = await heard('2.14', { answerTopic });
      const { id } = await reachOut();
      const { id: part } = intercom.visitorAnswers(id, 'Yes');
      expect(await topics()).toEqual([answerTopic]);
      const [conversation] = intercom.conversations();
      expect(conversation!.parts).toMatchObject([{ id: part }]);
      intercom.visitorReplies(conversation!.id, 'Please');
      expect(await topics()).toEqual([answerTopic, 'conversation.user.replied'].sort());
    },
  );

  it('tell that a teammate or the AI agent has a conversation, and that it was deleted', async () => {
    const { client, intercom, topics } = await heard('2.14');
    const { id } = intercom.visitorStarts({ ...AMARA, text: 'Hello' });
    intercom.adminAssigns(id, ADMIN.id, ADMIN.id);
    intercom.agentReplies(id, 'I can help');
    await client.conversations.deleteConversation({ conversation_id: Number(id) });
    expect(await topics()).toEqual([
      'conversation.admin.assigned',
      'conversation.deleted',
      'conversation.operator.replied',
      'conversation.user.created',
    ]);
  });
});

it('messages, events and buttons are kept between runs', async () => {
  const { client, intercom, amara, reachOut, opening, buttons } = await connect();
  await buttons((await reachOut(opening)).conversation_id);
  await reachOut();
  await client.events.create({ event_name: 'stuck', created_at: 1, user_id: '70' });
  const other = createIntercomSimulator({ accessToken: 't', admins: [ADMIN] });
  other.restore(JSON.parse(JSON.stringify(intercom.snapshot())));
  expect(other.visitorSees(amara.id)).toEqual(intercom.visitorSees(amara.id));
  expect(other.messages()).toHaveLength(1);
  expect(other.events()).toEqual(intercom.events());
});
