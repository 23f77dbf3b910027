import OpenAI from 'openai';

import { createModelSimulator, type ModelSimulator } from '../../../simulators/model';

let model: ModelSimulator;
let url: string;
let client: OpenAI;

beforeEach(async () => {
  model = createModelSimulator({ apiKey: 'sk-demo' });
  ({ url } = await model.listen());
  client = new OpenAI({ apiKey: 'sk-demo', baseURL: `${url}/v1`, maxRetries: 0 });
});
afterEach(() => model.close());

const ask = async (content: string, system?: string): Promise<string | null> => {
  const { choices } = await client.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [
      ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user', content },
    ],
  });
  return choices[0]!.message.content;
};
const summaryPrompt = (previous: string, actions: string[]): string =>
  [
    'Summarize in 2-3 sentences. Fold the previous summary in.',
    `Previous summary:\n${previous}`,
    `Actions:\n${actions.map((action, index) => `${index + 1}. ${action}`).join('\n')}`,
  ].join('\n\n');

describe('answers', () => {
  it('summarize the listed actions: their number, the first and the last', async () => {
    const summary = await ask(
      summaryPrompt('(none)', [
        '[0] pageview: User viewed the pricing page — https://app.example/pricing',
        '[1] click: User clicked Sign up button on the pricing page — https://app.example/pricing',
      ]),
    );
    expect(summary).toContain('taken 2 actions');
    expect(summary).toContain('beginning with “viewed the pricing page”');
    expect(summary).toContain('most recently “clicked the Sign up button on the pricing page”');
  });

  it('include an earlier summary', async () => {
    const first = (await ask(
      summaryPrompt('', ['User viewed the pricing page', 'User clicked A']),
    ))!;
    const second = await ask(summaryPrompt(first, ['User clicked B']));
    expect(second).toContain('taken 3 actions, beginning with “viewed the pricing page”');
    expect(second).toContain('most recently “clicked B”');
    const foreign = await ask(summaryPrompt('They came from Berlin.', ['User clicked B']));
    expect(foreign).toContain('They came from Berlin.');
  });

  it('refer to the visitor’s latest actions in a chat', async () => {
    const system = (activity: string) =>
      `You help.\n\n## Current User Activity\n${activity}\n\n## Style\n1. Be kind`;
    const answer = await ask(
      'Why does it fail?',
      system('1. User opened Export\n2. User clicked Try again'),
    );
    expect(answer).toContain('you just clicked Try again');
    expect(answer).toContain('the export as CSV has failed');
    expect(answer).not.toContain('Be kind');
    expect(await ask('Hello', system('(none)'))).toContain('cannot see any recent activity');
  });

  describe('to a visitor’s message with a record of what they did', () => {
    const system =
      'You help. The record stands under `## Current User Activity`, between <activity> and </activity>.';
    const prompt = (activity: string, message: string) =>
      `## Current User Activity\n<activity>\n${activity}\n</activity>\n\n## Visitor's Message\n<message>\n${message}\n</message>`;
    const summary = 'The visitor compared two plans on the pricing page.';
    const actions = [
      'Session s-1 — 2 actions',
      '[0] pageview: User viewed the export page — https://app.example/export',
      '[1] click: User clicked the Try again button on the export page — https://app.example/export',
    ].join('\n');

    it('refer to the latest actions and the question', async () => {
      const answer = await ask(prompt(`${summary}\n\n${actions}`, 'Why does it fail?'), system);
      expect(answer).toContain('you just clicked the Try again button on the export page');
      expect(answer).toContain('after you viewed the export page');
      expect(answer).toContain('the export as CSV has failed');
      expect(answer).not.toMatch(/Session s-1|https:|Visitor's Message/);
    });

    it('refer to the summary when there are no actions', async () => {
      const answer = await ask(prompt(`${summary}\n`, 'Which is better?'), system);
      expect(answer).toContain(`what you did earlier: “${summary}”`);
      expect(answer).toContain('no answer to “Which is better?”');
    });

    it.each(['', '(nothing recorded)', 'Session unknown — 0 actions'])(
      'are honest about a record that tells nothing (%j)',
      async (activity) => {
        const answer = await ask(prompt(activity, 'Where am I? 1. here 2. there'), system);
        expect(answer).toBe(
          'I cannot see any recent activity of yours. I am a simulated model, and have no answer to “Where am I? 1. here 2. there”. Ask me about an export that fails, prices, signing up, or inviting teammates.',
        );
      },
    );

    it('use the latest message only, through either endpoint', async () => {
      const input = [
        { role: 'user' as const, content: prompt(actions, 'Why does it fail?') },
        { role: 'assistant' as const, content: 'Let me see.' },
        { role: 'user' as const, content: prompt('(nothing recorded)', 'Hello?') },
      ];
      const { output_text } = await client.responses.create({ model: 'gpt-4o', input });
      expect(output_text).toContain('cannot see any recent activity');
      expect(output_text).not.toContain('Try again');
      const [first] = input;
      const again = await client.responses.create({ model: 'gpt-4o', input: [first!] });
      expect(again.output_text).toContain('Try again');
    });
  });

  describe('in the situations of the demo', () => {
    const system = 'You are Nora, who helps the users of Northwind Boards. Be kind.';
    const listed = (...actions: string[]) =>
      actions.map((action, i) => `[${i}] click: User ${action} — https://a.example/x`).join('\n');
    const asked = (message: string, ...actions: string[]) =>
      ask(
        `## Current User Activity\n<activity>\n${listed(...actions)}\n</activity>\n\n## Visitor's Message\n<message>\n${message}\n</message>`,
        system,
      );
    const failed = [
      'viewed the export page',
      'clicked CSV option on the export page',
      'clicked Export button on the export page',
      'clicked the Try again button on the export page',
    ];

    it.each([
      ['Why does this not work?', failed, /export as CSV has failed.*choose PDF/s],
      [
        'Can I export a board to CSV?',
        ['viewed the dashboard'],
        /1\. Open the board.*2\. Choose CSV/s,
      ],
      ['Can I export?', ['viewed the export page'], /1\. Choose CSV/],
      [
        'Is there a free plan?',
        ['viewed the pricing page'],
        /1\. Click Compare plans.*do not know/s,
      ],
      ['Help, I am stuck here', ['viewed the invitation page'], /1\. Enter their email addresses/],
      [
        'Yes, please',
        ['clicked Payment failed. Try again button on the billing settings page'],
        /the payment has failed/,
      ],
      ['Yes, please', ['clicked Share report button on the analytics page'], /To share a report/],
      ['How do I invite my team?', [], /1\. Open Settings.*2\. Click Invite teammates/s],
      ['How do I get started?', ['viewed the sign-up page'], /1\. Enter your work email/],
      ['Who are you?', failed, /I am Nora, who helps the users of Northwind Boards: an automated/],
      ['How do you know what I did?', failed, /shows its support what is done in it/],
      ['Hi!', [], /Hello! How can I help\?/],
      ['thanks', failed, /You are welcome/],
    ])('are sensible: %s', async (question, actions, answer) => {
      expect(await asked(question, ...actions)).toMatch(answer);
    });

    it('say for every other question that they are simulated, and what to ask', async () => {
      const answer = await asked('What is the weather in Oslo?', 'viewed the dashboard');
      expect(answer).toContain('you just viewed the dashboard');
      expect(answer).toMatch(/simulated model, and have no answer to “What is the weather.*Ask me/);
    });
  });

  it('repeat what a prompt says that is not shipped', async () => {
    const shipped = 'You help. Be kind.\n\nActions:\n<actions>\n{actions}\n</actions>';
    const own = createModelSimulator({ apiKey: 'k', knownPrompts: [shipped] });
    const baseURL = `${(await own.listen()).url}/v1`;
    const say = async (content: string) => {
      const { choices, model: name } = await new OpenAI({
        apiKey: 'k',
        baseURL,
      }).chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [
          { role: 'system', content },
          { role: 'user', content: 'Hello. <actions>1. A new sentence</actions>' },
        ],
      });
      expect(name).toBe('simulated-model');
      return choices[0]!.message.content;
    };
    expect(await say('You help. Be kind.')).not.toContain('also says');
    expect(await say('You help. Speak like a pirate. Be kind.')).toContain(
      'also says “Speak like a pirate.”',
    );
    await own.close();
  });

  it('are the same for the same prompt, and echo anything else', async () => {
    expect(await ask('Good morning')).toBe('I am a simulated model. You said: Good morning');
    expect(await ask('Good morning')).toBe('I am a simulated model. You said: Good morning');
  });
});

describe('endpoints', () => {
  it('streams chat completions, with the usage when asked', async () => {
    const stream = await client.chat.completions.create({
      model: 'gpt-4o-mini',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'one two three' }],
    });
    let text = '';
    let tokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens += chunk.usage?.total_tokens ?? 0;
    }
    expect(text).toBe('I am a simulated model. You said: one two three');
    expect(tokens).toBe(4 + 12);
  });

  it('answers responses, whole and streamed', async () => {
    const body = { model: 'gpt-4o-mini', instructions: 'Be brief', input: 'one two' } as const;
    expect((await client.responses.create(body)).output_text).toBe(
      'I am a simulated model. You said: one two',
    );
    const kinds: string[] = [];
    let text = '';
    for await (const event of await client.responses.create({ ...body, stream: true })) {
      kinds.push(event.type);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe('I am a simulated model. You said: one two');
    expect([kinds[0], kinds.at(-1)]).toEqual(['response.created', 'response.completed']);
  });

  it('lists its models', async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toContain('gpt-4o-mini');
  });

  it.each([
    ['a wrong key', 'other', { model: 'gpt-4o-mini', messages: [{}] }, 401, 'invalid_api_key'],
    ['an unknown model', 'sk-demo', { model: 'gpt-0', messages: [{}] }, 404, 'model_not_found'],
    ['no messages', 'sk-demo', { model: 'gpt-4o-mini' }, 400, 'missing_required_parameter'],
  ])('refuses %s', async (_, key, body, status, code) => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, type: 'invalid_request_error' } });
    expect(model.requests).toHaveLength(0);
    expect(model.refused()).toBe(code === 'invalid_api_key');
  });

  it('records requests and answers', async () => {
    await ask('Hello', 'You help.');
    expect(model.requests).toMatchObject([
      {
        path: '/v1/chat/completions',
        model: 'gpt-4o-mini',
        prompt: {
          messages: [
            { role: 'system', text: 'You help.' },
            { role: 'user', text: 'Hello' },
          ],
        },
        answer: 'I am a simulated model. You said: Hello',
        // A quarter of the characters: 9 and 5 of the prompt, 39 of the answer.
        usage: { input: 3 + 2, output: 10 },
      },
    ]);
    model.behave({ mode: 'status', status: 503 });
    await expect(ask('Hello')).rejects.toThrow();
    expect(model.requests.at(-1)).toMatchObject({ answer: null, usage: null });
  });
});

describe('tools', () => {
  const parameters = {
    type: 'object' as const,
    properties: {
      email: { type: 'string' as const, default: '' },
      session_id: { type: 'string' as const, default: '' },
    },
  };
  const look = { name: 'look_up', description: 'What a visitor did', parameters };
  const tools = [{ type: 'function' as const, function: look }];
  const question = { role: 'user' as const, content: 'What is ada@example.com doing?' };
  const outcome = JSON.stringify([
    {
      known: true,
      activity: 'Session s — 2 actions\n[0] click: User tried A — /\n[1] click: User saw B — /',
    },
  ]);
  const told = 'I looked it up. Most recently, the visitor tried A, then saw B. (Simulated model)';
  const call = (more: object = {}) =>
    client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [question],
      tools,
      ...more,
    } as OpenAI.ChatCompletionCreateParamsNonStreaming);

  it('are called with values from the question, and their result is repeated', async () => {
    const [choice] = (await call()).choices;
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    const [asked] = choice!.message.tool_calls!;
    expect(asked).toEqual({
      id: expect.stringMatching(/^call_/),
      type: 'function',
      function: { name: 'look_up', arguments: '{"email":"ada@example.com"}' },
    });
    const answered = [
      question,
      choice!.message,
      { role: 'tool', tool_call_id: asked!.id, content: outcome },
    ];
    const [end] = (await call({ messages: answered })).choices;
    expect(end).toMatchObject({ finish_reason: 'stop', message: { content: told } });
    // A new question is looked up anew.
    const [again] = (
      await call({ messages: [...answered, end!.message, { ...question, content: 'Session 7?' }] })
    ).choices;
    expect(again!.message.tool_calls).toMatchObject([
      { function: { arguments: '{"session_id":"7"}' } },
    ]);
  });

  it('list sessions for a question about nobody in particular, and the list is told', async () => {
    const list = { ...look, name: 'List_Sessions' };
    const both = { tools: [...tools, { type: 'function' as const, function: list }] };
    const who = { role: 'user', content: 'Who is stuck right now?' };
    const [choice] = (await call({ ...both, messages: [who] })).choices;
    const [asked] = choice!.message.tool_calls!;
    expect(asked).toMatchObject({ function: { name: 'List_Sessions', arguments: '{}' } });
    const sessions = [
      { email: 'ada@example.com', last_action: 'User clicked Try again button on the export page' },
      { email: null, user_id: '7', last_action: null },
    ];
    for (const content of [
      JSON.stringify([{ sessions }]),
      JSON.stringify([{ response: JSON.stringify({ sessions }) }]),
    ]) {
      const told = { role: 'tool', tool_call_id: asked!.id, content };
      const [end] = (await call({ ...both, messages: [who, choice!.message, told] })).choices;
      expect(end!.message.content).toMatch(
        /- ada@example.com: clicked the Try again button.*- 7\nada@example.com seems to be stuck. \(Sim/s,
      );
    }
    const [named] = (await call(both)).choices;
    expect(named!.message.tool_calls).toMatchObject([{ function: { name: 'look_up' } }]);
  });

  it('are not called without values in the question, or when the request forbids it', async () => {
    const hello = { messages: [{ role: 'user', content: 'Hello' }] };
    expect((await call(hello)).choices[0]!.message).not.toHaveProperty('tool_calls');
    const none = await call({ tool_choice: 'none' });
    expect(none.choices[0]!.message.content).toContain('I am a simulated model');
    for (const tool_choice of ['required', { type: 'function', function: { name: 'look_up' } }]) {
      expect((await call({ ...hello, tool_choice })).choices[0]!.message.tool_calls).toMatchObject([
        { function: { name: 'look_up', arguments: '{}' } },
      ]);
    }
  });

  it('are called in a stream, too', async () => {
    const stream = client.chat.completions.stream({ model: 'gpt-4o', messages: [question], tools });
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0]!;
    expect(finish_reason).toBe('tool_calls');
    expect(message.tool_calls).toMatchObject([
      { type: 'function', function: { arguments: '{"email":"ada@example.com"}' } },
    ]);
  });

  it('are called through responses, whole and streamed', async () => {
    const body = {
      model: 'gpt-4o',
      input: [question] as OpenAI.Responses.ResponseInput,
      tools: [{ type: 'function' as const, strict: false, ...look }],
    };
    const { output } = await client.responses.create(body);
    expect(output).toMatchObject([
      { type: 'function_call', name: 'look_up', arguments: '{"email":"ada@example.com"}' },
    ]);
    const [asked] = output as OpenAI.Responses.ResponseFunctionToolCall[];
    const { call_id } = asked!;
    const input = [
      ...body.input,
      asked!,
      { type: 'function_call_output' as const, call_id, output: outcome },
    ];
    expect((await client.responses.create({ ...body, input })).output_text).toBe(told);

    const stream = client.responses.stream(body);
    const written: string[] = [];
    stream.on('response.function_call_arguments.delta', ({ delta }) => written.push(delta));
    expect((await stream.finalResponse()).output).toMatchObject([
      { type: 'function_call', status: 'completed', arguments: written.join('') },
    ]);
  });

  it('and their results must match, as OpenAI demands', async () => {
    const asked = {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } },
      ],
    };
    const answer = { role: 'tool', tool_call_id: 'call_2', content: 'x' };
    for (const messages of [
      [question, answer],
      [question, asked],
      [question, asked, answer],
      [question, asked, question],
    ]) {
      await expect(call({ messages })).rejects.toMatchObject({ status: 400 });
    }
    const input = [{ type: 'function_call_output' as const, call_id: 'call_1', output: 'x' }];
    await expect(client.responses.create({ model: 'gpt-4o', input })).rejects.toMatchObject({
      status: 400,
    });
    const odd = [{ type: 'function', function: { name: 'look up' } }];
    await expect(call({ tools: odd })).rejects.toMatchObject({
      status: 400,
      param: 'tools[0].function.name',
    });
    await expect(call({ tools: [], tool_choice: 'auto' })).rejects.toMatchObject({
      status: 400,
      param: 'tool_choice',
    });
    expect(model.requests).toEqual([]);
  });
});
