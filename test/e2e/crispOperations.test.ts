import type { WorkflowNode } from '../../tools/n8n';
import { createChains, type Chains } from '../support/chains';
import { eventually, pause } from '../support/eventually';
import { createStage, type Stage } from '../support/stage';

// What the Crisp nodes can do beyond the shipped workflow.

let world: Stage;
let chain: Chains['chain'];
let memory: Chains['memory'];
let memoryOf: Chains['memoryOf'];
beforeAll(async () => {
  world = await createStage([]);
  ({ chain, memory, memoryOf } = createChains(world));
});
afterAll(() => world?.stop());

const crisp = (parameters: object) => ({
  type: 'n8n-nodes-autoplay.crispConversation',
  parameters,
});
const activity = (operation: string, options = {}) =>
  crisp({ resource: 'activity', operation, options, ...memoryOf() });
const notes = (conversationId: string) =>
  world.crisp.conversation(conversationId).messages.filter(({ type }) => type === 'note');
const standing = (conversationId: string) =>
  notes(conversationId)
    .filter(({ removed }) => !removed)
    .map(({ content }) => String(content));

describe('Note', () => {
  it('posts notes with their ids, and deletes just the one that is named', async () => {
    const { session_id: id } = world.crisp.visitorOpens({});
    const post = await chain(
      crisp({ resource: 'note', operation: 'post', text: '={{ $json.say }}' }),
    );
    const [[first], [second]] = await Promise.all(
      ['one [link](https://evil.example)', 'two'].map((say) => post({ conversation_id: id, say })),
    );
    expect(standing(id).sort()).toEqual(['one [link] (https://evil.example)', 'two']);
    expect(notes(id)).toMatchObject([{ user: { nickname: 'Autoplay' } }, {}]);
    const remove = await chain(crisp({ resource: 'note', operation: 'delete' }));
    expect(await remove(first)).toMatchObject([{ deleted: true, note_id: first.note_id }]);
    expect(await remove(first)).toMatchObject([{ deleted: true }]);
    expect(standing(id)).toEqual(['two']);
    expect(second.note_id).not.toBe(first.note_id);
  });
});

describe('Message', () => {
  it('comes from whom the parameters say', async () => {
    const { session_id: id } = world.crisp.visitorOpens({});
    const options = { avatar: 'https://example.com/a.png', automated: false };
    const send = await chain(
      crisp({ resource: 'message', operation: 'showTyping' }),
      crisp({
        resource: 'message',
        operation: 'sendOperatorReply',
        text: '**Hello** & welcome',
        nickname: 'Copilot',
        options,
      }),
    );
    const [out] = await send({ conversation_id: id });
    const { messages, compose } = world.crisp.conversation(id);
    expect(messages).toMatchObject([
      {
        content: '**Hello** & welcome',
        automated: false,
        user: { nickname: 'Copilot', avatar: options.avatar },
        fingerprint: out.fingerprint,
      },
    ]);
    expect(compose).toEqual({});
  });

  it('says what is wrong, and lets the other items through', async () => {
    const { session_id: id } = world.crisp.visitorOpens({});
    const send = await chain(
      { type: 'n8n-nodes-base.splitOut', parameters: { fieldToSplitOut: 'all' } },
      {
        ...crisp({ resource: 'message', operation: 'sendOperatorReply', text: '={{ $json.say }}' }),
        onError: 'continueRegularOutput',
      },
    );
    const out = await send({
      all: [
        { conversation_id: 'session_404', say: 'Hi' },
        { conversation_id: id, say: '' },
        { conversation_id: id, say: 'Hi' },
      ],
    });
    expect(out.map(({ error }: any) => error)).toEqual([
      expect.stringMatching(/Crisp refused: .*\(conversation session_404\)/),
      expect.stringContaining('The text is empty'),
      undefined,
    ]);
  });
});

describe('Visitor', () => {
  const data = { posthog_session_id: 's', posthog_distinct_id: 'u', visit: 'v' };
  const get = async (parameters: object, visitor: object) => {
    const { session_id: id } = world.crisp.visitorOpens({ nickname: 'Ada', ...visitor });
    const run = await chain(crisp({ resource: 'visitor', operation: 'get', ...parameters }));
    const [{ session_id, user_id, email, name }] = await run({ conversation_id: id });
    return { session_id, user_id, email, name };
  };
  const email = 'ada@example.com';

  it.each([
    ['all that the site told', {}, {}, { session_id: 's', user_id: 'u', email }],
    ['the session id alone', { identifyBy: 'sessionId' }, {}, { session_id: 's' }],
    [
      'another key of the session data',
      { options: { sessionIdKey: 'visit' } },
      {},
      { session_id: 'v', user_id: 'u', email },
    ],
    ['nothing that is not verified', { identifyBy: 'verifiedEmail' }, {}, {}],
    ['a verified address', { identifyBy: 'verifiedEmail' }, { verified: true }, { email }],
    ['nobody', {}, { data: {}, email: '' }, {}],
  ])('is known by %s', async (_, parameters, visitor, expected) => {
    expect(await get(parameters, { data, email, ...visitor })).toEqual({
      session_id: null,
      user_id: null,
      email: null,
      name: 'Ada',
      ...expected,
    });
  });
});

describe('Activity', () => {
  const frame = (forwarded_at: number, ...descriptions: string[]) => ({
    type: 'actions',
    product_id: 'p',
    session_id: 'session of Ada',
    forwarded_at,
    actions: descriptions.map((description) => ({ type: 'click', description })),
  });

  it('is delivered as notes, which a summary replaces', async () => {
    const { session_id: conversation_id } = world.crisp.visitorOpens({});
    const run = await chain(
      memory({ operation: 'remember' }),
      memory({ operation: 'link', chat: 'crisp', conversationId: conversation_id }),
      activity('deliver'),
      {
        type: 'n8n-nodes-autoplay.autoplaySummarizeSession',
        parameters: { threshold: 3, sessions: 'linked', ...memoryOf() },
      },
      activity('replaceWithSummary', { keepLatest: 0 }),
    );
    await run(frame(1, 'User did one', 'User did two'));
    expect(standing(conversation_id)).toEqual([
      expect.stringMatching(/^session_id: session of Ada\n.*\n\n\[1\] User did one\n\[2\]/),
    ]);
    const [out] = await run(frame(2, 'User did three'));
    expect(out).toMatchObject({ conversation_id, summarized: true, redacted: 2 });
    expect(standing(conversation_id)).toEqual([expect.stringContaining('has taken 3 actions')]);
    expect(String(notes(conversation_id)[2]?.fingerprint)).toBe(out.summary_note.note_id);
  });

  it('ends the link when the conversation is gone', async () => {
    const run = await chain(
      memory({ operation: 'remember' }),
      memory({ operation: 'link', chat: 'crisp', conversationId: 'session_gone' }),
      activity('deliver'),
    );
    // Its session leaves by the other output, Not Linked, which leads nowhere here.
    await run(frame(3, 'User came')).catch(() => undefined);
    await eventually(async () => {
      const [latest] = await world.rest.executions({ status: ['success'] }, 1);
      if (!latest) return false;
      const { data } = await world.rest.execution(latest.id);
      return JSON.stringify(data.resultData).includes('session_gone does not exist any more');
    });
  });
});

describe('the trigger', () => {
  /** Publishes a workflow that answers every event of these kinds, not marked as a bot's answer. */
  const echo = async (events: string[], messageTypes: string[]) => {
    const name = `echo ${events.join(' ')}`;
    const node = { typeVersion: 1, position: [0, 0] as [number, number] };
    const reply = crisp({
      resource: 'message',
      operation: 'sendOperatorReply',
      text: '=Heard: {{ $json.text }}',
      options: { automated: false },
    });
    const nodes = [
      {
        ...node,
        id: 'trigger',
        name: 'When a Visitor Writes',
        type: 'n8n-nodes-autoplay.crispConversationTrigger',
        parameters: { events, messageTypes },
      },
      { ...node, id: 'reply', name: 'Reply', ...reply },
    ] as unknown as WorkflowNode[];
    const main = [[{ node: 'Reply', type: 'main', index: 0 }]];
    const connections = { 'When a Visitor Writes': { main } };
    const { rest, credentials } = world;
    const workflow = await rest.importWorkflow({ name, nodes, connections }, { credentials });
    await rest.publish(workflow.id);
    const url = await rest.webhookUrl(workflow, 'When a Visitor Writes');
    return world.crisp.hooks.subscribe({
      kind: 'plugin',
      url,
      secret: world.fieldsOf('crispConversationApi').webhookSecret!,
      events: ['message:send', 'message:received', 'message:updated'],
    });
  };
  const heard = (conversationId: string) =>
    world.crisp
      .conversation(conversationId)
      .messages.filter(({ content }) => String(content).startsWith('Heard: '))
      .map(({ content }) => content);

  it('hears operators if asked to, but never what it wrote itself', async () => {
    const unsubscribe = await echo(['message:received'], ['text']);
    const { session_id: id } = world.crisp.visitorOpens({});
    world.crisp.operatorWrites(id, 'I take over');
    await eventually(() => heard(id).length === 1);
    await world.crisp.hooks.settled();
    await pause(1_000);
    await world.crisp.hooks.settled();
    expect(heard(id)).toEqual(['Heard: I take over']);
    unsubscribe();
  });

  it('hears each choice in a picker, also in one of its own', async () => {
    const unsubscribe = await echo(['message:updated'], ['picker']);
    const { session_id: id } = world.crisp.visitorOpens({});
    const choices = ['Billing', 'Boards'].map((label) => ({
      label,
      value: label,
      selected: false,
    }));
    const { websiteId, tokenIdentifier, tokenKey, tier, baseUrl } =
      world.fieldsOf('crispConversationApi');
    const url = `${baseUrl}/website/${websiteId}/conversation/${id}/message`;
    const headers = {
      Authorization: `Basic ${Buffer.from(`${tokenIdentifier}:${tokenKey}`).toString('base64')}`,
      'X-Crisp-Tier': tier!,
      'Content-Type': 'application/json',
    };
    const body = {
      type: 'picker',
      from: 'operator',
      origin: 'chat',
      automated: true,
      content: { id: 'topic', text: 'What is it about?', choices },
    };
    const sent = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    const { data } = (await sent.json()) as { data: { fingerprint: number } };
    world.crisp.visitorPicks(id, data.fingerprint, 'Boards');
    await eventually(() => heard(id).length === 1);
    world.crisp.visitorPicks(id, data.fingerprint, 'Billing');
    await eventually(() => heard(id).length === 2);
    expect(heard(id)).toEqual(['Heard: Boards', 'Heard: Billing']);
    unsubscribe();
  });
});

describe('the credential', () => {
  const test = async (data: object) => {
    const type = 'crispConversationApi';
    const { id } = await world.rest.upsertCredential(type, 'to be tested', { ...valid, ...data });
    const credential = { id, name: 'to be tested', type, data: { ...valid, ...data } };
    return await world.rest.request<{ status: string; message: string }>(
      'POST',
      '/rest/credentials/test',
      { credentials: credential },
    );
  };
  let valid: Record<string, string>;
  beforeAll(() => void (valid = world.fieldsOf('crispConversationApi')));

  it('is accepted with the right token and tier', async () => {
    expect(await test({})).toMatchObject({ status: 'OK' });
  });

  it.each([
    [{ tier: 'plugin' }],
    [{ tokenKey: 'wrong' }],
    [{ websiteId: '00000000-0000-4000-8000-000000000000' }],
  ])('is refused with %j', async (data) => {
    expect(await test(data)).toMatchObject({ status: 'Error' });
  });

  it('is refused where Crisp says so with status 200', async () => {
    world.crisp.faults.add({
      match: { method: 'GET' },
      effect: { kind: 'status', status: 200, code: 'invalid_session' },
    });
    expect(await test({})).toMatchObject({
      status: 'Error',
      message: expect.stringMatching(/^Crisp refused \(HTTP 200\).*invalid_session/),
    });
  });
});
