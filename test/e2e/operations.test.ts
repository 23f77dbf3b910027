import { createChains, type Chains } from '../support/chains';
import { eventually } from '../support/eventually';
import { createStage, type Stage } from '../support/stage';
import type { WorkflowNode } from '../../tools/n8n';

// Operations that the shipped workflow does not use, each in a small workflow behind n8n's Webhook node.

let world: Stage;
let chain: Chains['chain'];
let memory: Chains['memory'];
beforeAll(async () => {
  world = await createStage([]);
  ({ chain, memory } = createChains(world));
});
afterAll(() => world?.stop());

const intercom = (parameters: object) => ({
  type: 'n8n-nodes-autoplay.intercomConversation',
  parameters,
});

describe('Intercom Conversation', () => {
  it('posts a note, gives its id, and redacts just that', async () => {
    const { id } = world.intercom.visitorStarts({ external_id: 'x', text: 'Hi' });
    const post = await chain(
      intercom({ resource: 'note', operation: 'post', text: '={{ $json.say }}' }),
    );
    const notes = await Promise.all(
      ['<i>one</i>', 'two'].map((say) => post({ conversation_id: id, say })),
    );
    const redact = await chain(intercom({ resource: 'note', operation: 'redact' }));
    expect(await redact(notes[0][0])).toMatchObject([{ redacted: true }]);
    const parts = world.intercom
      .conversation(id)
      .parts.filter(({ part_type }) => part_type === 'note');
    const standing = parts.filter(({ redacted }) => !redacted);
    expect(standing.map((part) => [part.id, part.body])).toEqual([
      [notes[1][0].note_id, expect.stringContaining('two')],
    ]);
    expect(parts.find((part) => part.id === notes[0][0].note_id)?.redacted).toBe(true);
  });

  it('replies to the visitor in the name of the chosen admin', async () => {
    const { id } = world.intercom.visitorStarts({ external_id: 'y', text: 'Hi' });
    const reply = await chain(
      intercom({
        resource: 'message',
        operation: 'reply',
        text: 'Hello & welcome',
        adminId: '9912675',
      }),
    );
    await reply({ conversation_id: id });
    const [part] = world.intercom.conversation(id).parts;
    expect(part).toMatchObject({ part_type: 'comment', author: { type: 'admin', id: '9912675' } });
    expect(part?.body).toContain('Hello &amp; welcome');
  });

  it('says what is wrong, and lets the other items through', async () => {
    const { id } = world.intercom.visitorStarts({ external_id: 'z', text: 'Hi' });
    const post = await chain(
      { type: 'n8n-nodes-base.splitOut', parameters: { fieldToSplitOut: 'all' } },
      {
        ...intercom({ resource: 'note', operation: 'post', text: 'Hi' }),
        onError: 'continueRegularOutput',
      },
    );
    const out = await post({ all: [{ conversation_id: '404' }, { conversation_id: id }] });
    expect(out[0].error).toMatch(/Intercom refused: .*\(conversation 404\)/);
    expect(out[1].note_id).toEqual(expect.any(String));
  });

  it('offers the admins of the workspace', async () => {
    const { credentials } = world;
    const options = await world.rest.request<Array<{ value: string }>>(
      'POST',
      '/rest/dynamic-node-parameters/options',
      {
        path: 'adminId',
        methodName: 'getAdmins',
        nodeTypeAndVersion: { name: 'n8n-nodes-autoplay.intercomConversation', version: 1 },
        currentNodeParameters: { resource: 'note', operation: 'post' },
        credentials: { intercomConversationApi: credentials.intercomConversationApi },
      },
    );
    expect(options.map(({ value }) => value)).toEqual(['', '9912674', '9912675']);
  });
});

describe('Autoplay Session Memory', () => {
  const frame = (session: string, ...descriptions: string[]) => ({
    type: 'actions',
    product_id: 'p',
    session_id: session,
    user_id: `user of ${session}`,
    email: `${session}@example.com`,
    forwarded_at: 1,
    actions: descriptions.map((description) => ({
      type: 'click',
      description,
      canonical_url: '/a?token=secret',
    })),
  });

  it('recalls what was remembered, as text and as data, without query strings', async () => {
    const run = await chain(memory({ operation: 'remember' }), memory({ operation: 'recall' }));
    const [out] = await run(frame('s1', 'clicked one', 'clicked two'));
    expect(out).toMatchObject({ known: true, summary: null, added: 2 });
    expect(out.activity).toBe(
      'Session s1 — 2 actions\n[0] click: clicked one — /a\n[1] click: clicked two — /a',
    );
    expect(out.actions.map(({ description }: any) => description)).toEqual([
      'clicked one',
      'clicked two',
    ]);
  });

  it('knows nothing of a visitor nobody has seen', async () => {
    const run = await chain(memory({ operation: 'recall' }));
    const [out] = await run({ user_id: 'nobody', email: 'nobody@example.com' });
    expect(out).toMatchObject({ known: false, activity: '', summary: null, actions: [] });
  });

  it('forgets a person', async () => {
    const run = await chain(
      memory({ operation: 'remember' }),
      memory({ operation: 'forget', forgetBy: 'email', forgetValue: '={{ $json.email }}' }),
      memory({ operation: 'recall' }),
    );
    const [out] = await run(frame('s2', 'clicked'));
    expect(out).toMatchObject({ known: false, forgotten: { sessions: 1, actions: 1 } });
  });

  it('says what an item must be', async () => {
    const run = await chain({
      ...memory({ operation: 'remember' }),
      onError: 'continueRegularOutput',
    });
    const [out] = await run({ hello: 'world' });
    expect(out.error).toContain('cannot be remembered');
  });
});

describe('Autoplay Summarize Session', () => {
  const summarize = (parameters: object) => ({
    type: 'n8n-nodes-autoplay.autoplaySummarizeSession',
    parameters: {
      memoryScope: 'named',
      memoryName: 'summaries',
      threshold: 2,
      sessions: 'all',
      ...parameters,
    },
  });
  const frame = {
    type: 'actions',
    session_id: 's',
    actions: [{ description: 'looked at pricing' }, { description: 'clicked Buy' }],
  };

  it('asks a chat model that is connected below it', async () => {
    const name = 'connected model';
    const node = (id: string, type: string, parameters: object, fields = {}) =>
      ({
        id,
        name: id,
        type,
        typeVersion: 1,
        position: [0, 0],
        parameters,
        ...fields,
      }) as unknown as WorkflowNode;
    const remember = memory({ operation: 'remember', memoryName: 'summaries' });
    const nodes = [
      node(
        'Webhook',
        'n8n-nodes-base.webhook',
        { path: name.replace(' ', '-'), httpMethod: 'POST', responseMode: 'lastNode' },
        { typeVersion: 2, webhookId: 'connected-model' },
      ),
      node(
        'Unwrap',
        'n8n-nodes-base.set',
        { mode: 'raw', jsonOutput: '={{ JSON.stringify($json.body) }}' },
        { typeVersion: 3.4 },
      ),
      node('Remember', remember.type, remember.parameters),
      node('Summarize', summarize({}).type, {
        ...summarize({}).parameters,
        modelSource: 'connected',
      }),
      node(
        'Model',
        '@n8n/n8n-nodes-langchain.lmChatOpenAi',
        { model: { __rl: true, mode: 'id', value: 'gpt-4o-mini' } },
        { typeVersion: 1.2 },
      ),
    ];
    const to = (target: string, type = 'main') => ({
      [type]: [[{ node: target, type, index: 0 }]],
    });
    const connections = {
      Webhook: to('Unwrap'),
      Unwrap: to('Remember'),
      Remember: to('Summarize'),
      Model: to('Summarize', 'ai_languageModel'),
    };
    const { credentials } = world;
    const workflow = await world.rest.importWorkflow({ name, nodes, connections }, { credentials });
    await world.rest.publish(workflow.id);
    const url = await world.rest.webhookUrl(workflow, 'Webhook');
    const asked = world.model.requests.length;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(frame),
    });
    expect(await response.json()).toMatchObject({
      summarized: true,
      summary: expect.stringContaining('2 actions'),
    });
    expect(world.model.requests.length).toBe(asked + 1);
  });

  it('refuses a prompt without the actions, and says what to do', async () => {
    const run = await chain({
      ...summarize({ prompt: 'Sum it up.' }),
      onError: 'continueRegularOutput',
    });
    await run(frame).catch(() => undefined);
    await eventually(async () => {
      const [latest] = await world.rest.executions({ status: ['error', 'success'] }, 1);
      if (!latest) return false;
      const { data } = await world.rest.execution(latest.id);
      return JSON.stringify(data.resultData).includes('The prompt has no {actions}');
    });
  });
});
