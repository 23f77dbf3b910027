import { AIMessage } from '@langchain/core/messages';
import { FakeListChatModel, FakeStreamingLLM } from '@langchain/core/utils/testing';
import { systemClock } from '../../../core/clock';
import { createConnectedModel } from '../../../core/summary/connectedModel';
import { createOpenAiModel, listModels } from '../../../core/summary/openAiModel';
import { createModelSimulator, forms } from '../../../simulators/model';
import type { Form } from '../../../simulators/model/forms';

const simulator = createModelSimulator({ apiKey: 'key' });
let baseUrl = '';
beforeAll(async () => void (baseUrl = `${(await simulator.listen()).url}/v1`));
afterAll(() => simulator.close());

async function ask(form: Form, times = Infinity): Promise<string> {
  simulator.behave({ mode: 'form', form, times });
  const server = { apiKey: 'key', baseUrl, fetch, clock: systemClock };
  const model = createOpenAiModel({
    ...server,
    model: 'gpt-4o-mini',
    temperature: 0.3,
    maxTokens: 256,
  });
  return await model('1. [0] click: Go', new AbortController().signal);
}

const SAID = 'They compared two plans and paid.';

describe('an answer of a server', () => {
  it.each(Object.entries<Form>(forms.answers))('is read: %s', async (_, form) => {
    expect(await ask(form)).toBe(SAID);
  });

  it.each(Object.entries<Form>(forms.nothing))('is empty: %s', async (_, form) => {
    const said = await ask(form).catch((error: Error) => {
      expect(error).toMatchObject({ name: 'EmptyAnswerError', isLasting: true });
      return '';
    });
    expect(said).toBe('');
  });
});

describe('an error of a server', () => {
  const expected: Record<keyof typeof forms.noAnswers, string | RegExp> = {
    'lm studio under a wrong path': 'Unexpected endpoint or method. (POST /chat/completions)',
    'openrouter after it began': 'Provider returned error: upstream overloaded',
    'openrouter within a choice': 'Rate limited by the provider',
    'a portal’s page': /answered with a web page/,
    'no body': /answered with nothing/,
    'another service': /answered with something else/,
    'no choices': /answered with something else/,
    'broken json': /answered with something else/,
    'minimax without credit': 'insufficient balance',
    'a proxy in its own words': 'Upstream is not configured',
    'gemini recites': /held back by a content filter/,
    'a call of a tool': 'The model called a tool instead of answering',
    'openai refuses': 'The model refused to answer: I cannot help with that.',
    'openai refuses in a block': 'The model refused to answer: I cannot help with that.',
    'azure filters the answer': /held back by a content filter/,
    'gemini filters the answer': /held back by a content filter/,
  };
  it.each(Object.entries<Form>(forms.noAnswers))('is reported: %s', async (name, form) => {
    await expect(ask(form)).rejects.toThrow(expected[name as keyof typeof expected]);
  });

  it('has the status in the body if the answer’s own is success', async () => {
    await expect(ask(forms.noAnswers['openrouter after it began'])).rejects.toMatchObject({
      status: 502,
    });
    await expect(ask(forms.noAnswers['openrouter within a choice'])).rejects.toMatchObject({
      status: 429,
    });
  });

  it('is a redirect, which is not followed', async () => {
    const headers = { location: 'https://models.example/v1/chat/completions?key=secret' };
    const moved = { source: '', status: 301, headers, body: '' };
    await expect(ask(moved)).rejects.toThrow(/redirects to https:\/\/models\.example$/);
  });
});

describe('a refusal', () => {
  const expected: Record<keyof typeof forms.refusals, string | RegExp> = {
    'openai without credit': /exceeded your current quota/,
    'openai too fast': 'Rate limit reached for gpt-4o-mini',
    'azure without a deployment': /deployment for this resource does not exist/,
    'azure’s gateway': /invalid subscription key/,
    'azure filters the prompt': /content management policy/,
    'gemini with a wrong key, in a list': 'API key not valid. Please pass a valid API key.',
    'gemini too fast, in a list': 'You exceeded your current quota.',
    'anthropic overloaded': 'Overloaded',
    'mistral with a wrong key': 'Unauthorized',
    'mistral with a wrong model': 'Invalid model: no-model',
    'fastapi names the field': 'messages: Field required',
    'ollama without the model': "model 'no-model' not found",
    'ollama’s own': 'invalid message content',
    'a wrong path': '404 page not found',
    litellm: /Invalid proxy server token/,
    'openrouter without credit': /Insufficient credits/,
    nginx: 'HTTP 502',
    nothing: 'HTTP 503',
  };
  it.each(Object.entries<Form>(forms.refusals))(
    'is reported in the server’s words: %s',
    async (name, form) => {
      const error = { status: form.status, service: "The model's server" };
      const refused = expect(ask(form)).rejects;
      await refused.toMatchObject(error);
      await expect(ask(form)).rejects.toThrow(expected[name as keyof typeof expected]);
    },
  );

  it.each([
    ['openai too fast', 19_500],
    ['gemini too fast, in a list', 34_500],
    ['openai without credit', undefined],
  ] as const)('says how long to wait: %s', async (name, retryAfterMs) => {
    await expect(ask(forms.refusals[name])).rejects.toMatchObject({ retryAfterMs });
  });
});

it.each(Object.entries<Form>(forms.unknownSettings))(
  'what the model does not know is left out: %s',
  async (_, form) => {
    expect(await ask(form, 1)).not.toBe('');
    expect(simulator.requests.at(-1)!.body).not.toHaveProperty('temperature');
    expect(simulator.requests.at(-1)!.body).toMatchObject({ max_tokens: 256 });
  },
);

it.each(Object.entries<Form>(forms.tooLarge))(
  'a request that is too large is not repeated without a setting: %s',
  async (_, form) => {
    const before = simulator.requests.length;
    await expect(ask(form)).rejects.toMatchObject({ status: form.status });
    expect(simulator.requests.length - before).toBe(1);
  },
);

it('a model is asked with each name of the limit, then without one', async () => {
  const refuse = (name: string): Form => ({
    source: '',
    status: 400,
    body: { error: { message: `Unrecognized request argument supplied: ${name}`, code: null } },
  });
  const bodies: unknown[] = [];
  const said = await createOpenAiModel({
    apiKey: '',
    baseUrl: 'https://models.example/v1?api-version=1',
    model: 'm',
    maxTokens: 64,
    clock: systemClock,
    fetch: async (address, { body, headers } = {}) => {
      expect([String(address), headers]).toEqual([
        'https://models.example/v1/chat/completions?api-version=1',
        { accept: 'application/json', 'content-type': 'application/json' },
      ]);
      const {
        messages: _,
        model: __,
        ...settings
      } = JSON.parse(String(body)) as Record<string, unknown>;
      bodies.push(settings);
      const [name] = Object.keys(settings);
      if (name === undefined) return Response.json(forms.answers.openai.body);
      const { status, body: said } = refuse(name);
      return Response.json(said, { status });
    },
  })('Go', new AbortController().signal);
  expect(said).toBe(SAID);
  expect(bodies).toEqual([{ max_tokens: 64 }, { max_completion_tokens: 64 }, {}]);
});

describe('a list of models', () => {
  const listed = async (body: unknown) =>
    await listModels({
      apiKey: 'key',
      baseUrl: 'https://models.example/v1',
      clock: systemClock,
      fetch: async () => Response.json(body),
    });

  it.each([
    [{ object: 'list', data: [{ id: 'b' }, { id: 'a' }] }],
    [[{ id: 'a' }, { id: 'b' }]],
    [['b', 'a', 'a']],
    [{ models: [{ name: 'a', model: 'a' }, { name: 'b' }] }],
    [{ object: 'list', data: [{ id: 'b' }, { id: 'a' }, null, {}, { id: '' }] }],
  ])('is read from %j', async (body) => expect(await listed(body)).toEqual(['a', 'b']));

  it('reports the words of a server that has no list', async () => {
    const body = { base_resp: { status_code: 1004, status_msg: 'login fail' } };
    await expect(listed(body)).rejects.toThrow('login fail');
  });

  it('is empty if the server offers none', async () =>
    expect(await listed({ data: [] })).toEqual([]));

  it.each([[{ error: 'Unexpected endpoint or method. (GET /models)' }], [{ status: 'ok' }], ['']])(
    'is not made of %j',
    async (body) => await expect(listed(body)).rejects.toThrow(/Unexpected endpoint|instead of/),
  );
});

describe('a connected model', () => {
  const signal = new AbortController().signal;
  const said = async (message: unknown) =>
    await createConnectedModel({ invoke: async () => message })('Go', signal);

  it.each(Object.entries<Form>(forms.answers))('answers: %s', async (_, { body }) => {
    const { message } = (body as { choices: Array<{ message: { content: string } }> }).choices[0]!;
    expect(await said(new AIMessage({ content: message.content }))).toBe(SAID);
  });

  it.each([
    [SAID],
    [{ content: [null, { type: 'text', text: SAID }] }],
    [
      {
        content: [
          { type: 'reasoning', reasoning: 'a' },
          { type: 'text', text: SAID },
        ],
      },
    ],
    [
      {
        content: [
          { type: 'thinking', thinking: 'a', signature: 'b' },
          { type: 'text', text: SAID },
        ],
      },
    ],
    [{ content: SAID, additional_kwargs: { reasoning_content: 'a' } }],
  ])('answers: %j', async (message) => expect(await said(message)).toBe(SAID));

  it.each([
    [{ content: '' }],
    [{ content: [] }],
    [{ content: null }],
    [{}],
    ['<think>\n\n</think>'],
    [undefined],
  ])('gives an empty answer: %j', async (message) => expect(await said(message)).toBe(''));

  it.each([
    [
      { content: '', additional_kwargs: { refusal: 'I cannot.' } },
      'The model refused to answer: I cannot.',
    ],
    [{ content: '', response_metadata: { finish_reason: 'content_filter' } }, 'content filter'],
    [{ content: [], response_metadata: { stop_reason: 'refusal' } }, 'content filter'],
    [{ content: '', response_metadata: { finishReason: 'SAFETY' } }, 'content filter'],
    [{ content: '<think>a', response_metadata: { stop_reason: 'max_tokens' } }, 'empty text'],
    [{ content: { foo: 1 } }, 'no text'],
  ])('refuses to answer: %j', async (message, why) => {
    await expect(said(message)).rejects.toThrow(why);
  });

  it('may be a chat model of LangChain’s or a plain one', async () => {
    const answer = `<think>a</think>${SAID}`;
    for (const model of [
      new FakeListChatModel({ responses: [answer] }),
      new FakeStreamingLLM({ responses: [answer] }),
    ]) {
      const connected = createConnectedModel(model);
      expect(await connected('Go', signal)).toBe(SAID);
    }
  });
});
