import { systemClock } from '../../../core/clock';
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
    clock: systemClock,
    ...fields,
  })(prompt, AbortSignal.timeout(60_000));

it('sends the configured settings and gives the answer', async () => {
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
])('limits the answer of %s by the name that the server knows', async (baseUrl, limit) => {
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

it('leaves out a setting that a model has refused, in later calls too', async () => {
  const statuses: number[] = [];
  const refusals = new Map();
  const newModel = () =>
    createOpenAiModel({
      apiKey: 'key',
      baseUrl,
      model: 'gpt-5-mini',
      temperature: 0.3,
      maxTokens: 2_000,
      refusals,
      clock: systemClock,
      async fetch(...request) {
        const response = await fetch(...request);
        statuses.push(response.status);
        return response;
      },
    });
  const said = async () =>
    (await newModel()('1. [0] click: Go', AbortSignal.timeout(60_000))).length;
  expect(await said()).toBeGreaterThan(0);
  expect(await said()).toBeGreaterThan(0);
  expect(statuses).toEqual([400, 400, 200, 200]);
  const { body } = simulator.requests.at(-1)!;
  expect(body).toMatchObject({ max_completion_tokens: 2_000 });
  expect(body).not.toHaveProperty('temperature');
  expect(body).not.toHaveProperty('max_tokens');
});

it.each([
  ['another value', { code: 'decimal_above_max_value', param: 'temperature' }],
  ['something else', { code: 'unsupported_parameter', param: 'messages' }],
  ['nothing by name', { code: null, param: null }],
])('reports a refusal of %s', async (_, error) => {
  const refuse = async () => Response.json({ error: { message: 'No', ...error } }, { status: 400 });
  await expect(ask({ fetch: refuse })).rejects.toMatchObject({ status: 400, message: 'No' });
});

it('does not repeat a failed call', async () => {
  const before = simulator.requests.length;
  simulator.behave({ mode: 'status', status: 500, times: 2 });
  await expect(ask()).rejects.toMatchObject({ status: 500 });
  simulator.behave({ mode: 'normal' });
  expect(simulator.requests.length - before).toBe(1);
});

it('reports what is wrong with the key or the model', async () => {
  await expect(ask({ apiKey: 'wrong' })).rejects.toMatchObject({
    status: 401,
    code: 'invalid_api_key',
    message: expect.stringMatching(/^Incorrect API key/),
  });
  await expect(ask({ model: 'nonsense' })).rejects.toMatchObject({ status: 404 });
});

it('reports why there was no answer', async () => {
  const closed = createModelSimulator({ apiKey: 'key' });
  const { url } = await closed.listen();
  await closed.close();
  await expect(ask({ baseUrl: `${url}/v1` })).rejects.toThrow(
    /^The model's server cannot be reached/,
  );
});

it('lists the models that a server offers, in alphabetical order', async () => {
  const server = { apiKey: 'key', baseUrl, fetch, clock: systemClock };
  expect(await listModels(server)).toEqual(['gpt-4.1-mini', 'gpt-4o', 'gpt-4o-mini', 'gpt-5-mini']);
  await expect(listModels({ ...server, apiKey: 'wrong' })).rejects.toMatchObject({ status: 401 });
});
