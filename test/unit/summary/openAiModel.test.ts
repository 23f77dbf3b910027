import { createOpenAiModel, listModels } from '../../../core/summary/openAiModel';
import { createModelSimulator } from '../../../simulators/model';

const simulator = createModelSimulator({ apiKey: 'key' });
let baseUrl = '';
beforeAll(async () => void (baseUrl = `${(await simulator.listen()).url}/v1`));
afterAll(() => simulator.close());

const ask = (fields = {}, prompt = '1. [0] click: User clicked Go — /home') =>
  createOpenAiModel({
    apiKey: 'key',
    baseUrl,
    model: 'gpt-4o-mini',
    temperature: 0.3,
    maxTokens: 256,
    fetch,
    ...fields,
  })(prompt, AbortSignal.timeout(2_000));

it('asks as configured and gives the answer', async () => {
  expect((await ask()).length).toBeGreaterThan(0);
  expect(simulator.requests.at(-1)?.body).toMatchObject({
    model: 'gpt-4o-mini',
    temperature: 0.3,
    max_tokens: 256,
  });
});

it.each(['empty', 'null'] as const)(
  'gives nothing when the model says nothing (%s)',
  async (mode) => {
    simulator.behave({ mode, times: 1 });
    expect(await ask()).toBe('');
  },
);

it.each([
  ['https://api.openai.com/v1', { max_completion_tokens: 256 }],
  ['https://eu.api.openai.com/v1', { max_completion_tokens: 256 }],
  ['https://not-openai.com/v1', { max_tokens: 256 }],
  ['https://openai.com.example/v1', { max_tokens: 256 }],
])('limits the answer of %s by the name that is known there', async (baseUrl, limit) => {
  const bodies: unknown[] = [];
  await ask({
    baseUrl,
    fetch: async (_: string, { body }: { body: string }) => {
      bodies.push(JSON.parse(body));
      return Response.json({ choices: [{ message: { content: 'Said' } }] });
    },
  });
  expect(bodies).toEqual([
    { model: 'gpt-4o-mini', temperature: 0.3, messages: [expect.anything()], ...limit },
  ]);
});

it('does not repeat by itself what failed', async () => {
  const before = simulator.requests.length;
  simulator.behave({ mode: 'status', status: 500, times: 2 });
  await expect(ask()).rejects.toMatchObject({ status: 500 });
  simulator.behave({ mode: 'normal' });
  expect(simulator.requests.length - before).toBe(1);
});

it('says what is wrong with the key or the model', async () => {
  await expect(ask({ apiKey: 'wrong' })).rejects.toMatchObject({
    status: 401,
    code: 'invalid_api_key',
    message: expect.stringMatching(/^Incorrect API key/),
  });
  await expect(ask({ model: 'nonsense' })).rejects.toMatchObject({ status: 404 });
});

it('says why there was no answer', async () => {
  const closed = createModelSimulator({ apiKey: 'key' });
  const { url } = await closed.listen();
  await closed.close();
  await expect(ask({ baseUrl: `${url}/v1` })).rejects.toThrow(
    /^The model's server cannot be reached/,
  );
});

it('lists the models that a server offers, in alphabetical order', async () => {
  const server = { apiKey: 'key', baseUrl, fetch };
  expect(await listModels(server)).toEqual(['gpt-4.1-mini', 'gpt-4o', 'gpt-4o-mini', 'gpt-5-mini']);
  await expect(listModels({ ...server, apiKey: 'wrong' })).rejects.toMatchObject({ status: 401 });
});
