import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import { createPosthogApi } from '../../../core/posthog/api';
import { PosthogFault, posthogProblem } from '../../../core/posthog/problems';
import { systemClock } from '../../../core/clock';
import {
  createPosthogPair,
  keys,
  otherProject,
  project,
  type PosthogPair,
} from '../../support/posthog';

let pair: PosthogPair;
beforeEach(async () => void (pair = await createPosthogPair()));
afterEach(() => pair.simulator.close());

const body = (more: object = {}) => ({
  type: 'destination',
  template_id: 'template-webhook',
  name: 'n8n',
  enabled: true,
  inputs: { url: { value: 'http://127.0.0.1:9/hook' }, signing_secret: { value: 's' } },
  ...more,
});
const problemOf = async (work: Promise<unknown>) =>
  posthogProblem(
    await work.then(
      () => 'no error',
      (error: unknown) => error,
    ),
  );

describe('the project', () => {
  it('keeps four fields of the answer and nothing else', async () => {
    const answer = await pair.api.getProject();
    expect(Object.keys(answer)).toEqual(['id', 'uuid', 'name', 'liveEventsToken']);
    expect(answer).toMatchObject({ id: '7', uuid: project.uuid, name: 'Northwind Boards' });
    expect(answer.liveEventsToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(JSON.stringify(answer)).not.toMatch(/phs_|phc_|hooks\.example/);
    expect(pair.simulator.journal.violations).toEqual([]);
  });

  it('is the one that the credential names, else the one that the key’s owner has open', async () => {
    pair.projectApi.openProject(1, otherProject.id);
    expect((await pair.api.getProject()).name).toBe('Southwind');
    for (const projectId of ['7', ' 7\n', 'https://eu.posthog.com/project/7/replay/home']) {
      expect((await pair.clientOf({ projectId }).getProject()).name).toBe('Northwind Boards');
    }
  });
});

describe('a refusal says what to do', () => {
  it.each([
    ['a wrong key', { key: 'phx_wrong' }, 'bad_key', /does not accept the Personal API Key.*401/],
    [
      'a key without the scope',
      { key: keys.hooks.value },
      'missing_scope',
      /lacks the scope project:read/,
    ],
    [
      'a key for another project',
      { key: keys.other.value },
      'other_project',
      /may not use this project.*ID 7/,
    ],
    [
      'no such project',
      { projectId: '99' },
      'unknown_project',
      /nothing at this address.*Project not found/,
    ],
  ])('%s', async (_, given, code, message) => {
    const problem = await problemOf(pair.clientOf(given).getProject());
    expect(problem).toMatchObject({
      code,
      message: expect.stringMatching(message),
      isLasting: true,
    });
    expect(problem.advice).toMatch(/Check|In PostHog/);
  });

  it('a key that may only read makes no destination', async () => {
    const problem = await problemOf(
      pair.clientOf({ key: keys.reads.value }).createFunction(body()),
    );
    expect(problem).toMatchObject({
      code: 'missing_scope',
      advice: expect.stringContaining('add the scope hog_function:write'),
    });
  });

  it('a project without the add-on of older servers', async () => {
    await pair.simulator.close();
    pair = await createPosthogPair({ lacksAddOn: true });
    expect(await problemOf(pair.api.createFunction(body()))).toMatchObject({
      code: 'no_destinations',
      message: expect.stringContaining('Data Pipelines addon is required'),
      advice: expect.stringContaining('Live Stream'),
    });
  });

  it('too many calls, with the wait that PostHog asks for', async () => {
    const effect = { kind: 'status' as const, status: 429, retryAfter: 30, message: 'throttled' };
    pair.simulator.faults.add({ match: { path: /./ }, effect });
    expect(await problemOf(pair.api.getProject())).toEqual({
      code: 'too_many',
      message: 'PostHog asks to wait for 30 s (HTTP 429: throttled)',
      advice: expect.any(String),
      isLasting: false,
      retryAfterMs: 30_000,
    });
  });

  it('a PostHog that does not answer', async () => {
    await pair.simulator.close();
    expect(await problemOf(pair.api.getProject())).toEqual({
      code: 'unreachable',
      message: expect.stringContaining('PostHog cannot be reached'),
      advice: expect.stringContaining('Check Region or Base URL'),
      isLasting: false,
    });
  });

  it('a page instead of an answer is no project', async () => {
    pair.simulator.faults.add({ match: { path: /./ }, times: 9, effect: { kind: 'page' } });
    await expect(pair.api.getProject()).rejects.toThrow(OutcomeUnknownError);
  });
});

describe('what can never work is refused before anything is sent', () => {
  it.each([
    ['no key', { key: ' ' }, /no Personal API Key/],
    ['the project’s public key', { key: 'phc_northwind' }, /key of the project/],
    ['the project’s secret key', { key: 'phs_northwind' }, /key of the project/],
    ['a damaged key', { key: 'phx_a…' }, /damaged/],
    ['a key of two lines', { key: 'phx_a\nphx_b' }, /damaged/],
    ['a name instead of a number', { projectId: 'Northwind' }, /Project ID.*no number/],
    ['a way out of the path', { projectId: '7/../8' }, /Project ID.*no number/],
  ])('%s', (_, given, message) => {
    expect(() => pair.clientOf(given)).toThrow(PosthogFault);
    expect(() => pair.clientOf(given)).toThrow(message);
    expect(pair.simulator.journal.requests).toEqual([]);
  });
});

describe('hog functions', () => {
  it('are made, read, changed and deleted', async () => {
    const { api } = pair;
    const made = await api.createFunction(body());
    expect(made).toMatchObject({ name: 'n8n', enabled: true, signs: true, state: 0 });
    expect(made.url).toBe('http://127.0.0.1:9/hook');
    expect(await api.getFunction(made.id)).toEqual(made);
    expect(await api.changeFunction(made.id, { enabled: false })).toMatchObject({ enabled: false });
    await api.changeFunction(made.id, { deleted: true });
    expect(await api.getFunction(made.id)).toBeUndefined();
    expect(pair.simulator.journal.violations).toEqual([]);
  });

  it('are listed page by page, without their inputs', async () => {
    for (let i = 0; i < 230; i += 1) {
      const headers = { value: { Authorization: 'Bearer of another product' } };
      pair.projectApi.makeFunction(7, body({ inputs: { ...body().inputs, headers } }));
    }
    const listed = await pair.api.listDestinations();
    expect(new Set(listed.map(({ id }) => id)).size).toBe(230);
    expect(JSON.stringify(listed)).not.toContain('Bearer');
    expect(pair.simulator.journal.requests).toHaveLength(3);
    expect(pair.simulator.journal.violations).toEqual([]);
  });

  it('are made once, even if the answer is lost', async () => {
    pair.simulator.faults.add({ match: { method: 'POST' }, effect: { kind: 'reset-after' } });
    await expect(pair.api.createFunction(body())).rejects.toThrow(OutcomeUnknownError);
    expect(pair.projectApi.functions(7)).toHaveLength(1);
  });

  it('reads are repeated', async () => {
    pair.simulator.faults.add({ match: { method: 'GET' }, effect: { kind: '500-after' } });
    pair.simulator.faults.add({ match: { method: 'GET' }, effect: { kind: 'reset-before' } });
    expect(await pair.api.listDestinations()).toEqual([]);
  });

  it('an id from elsewhere cannot lead to another address', async () => {
    expect(await pair.api.getFunction('../../../projects/8')).toBeUndefined();
    expect(pair.simulator.journal.requests.map(({ path }) => path)).toEqual([
      expect.stringContaining('%2F'),
    ]);
  });
});

it('an error shows neither the key nor what else PostHog answers', async () => {
  const effect = { kind: 'status' as const, status: 400, message: `no ${keys.both.value} here` };
  pair.simulator.faults.add({ match: { path: /./ }, effect });
  const error: unknown = await pair.api.getProject().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ServiceError);
  expect(JSON.stringify(posthogProblem(error))).not.toContain(keys.both.value);
  expect(JSON.stringify(error) + String(error)).not.toContain(keys.both.value);
});

it('redirects are not followed, because the key would go along', async () => {
  const elsewhere = await createPosthogPair();
  const api = createPosthogApi({
    ...{ app: pair.url, key: keys.both.value, projectId: '', attempts: 1 },
    fetch: async (input, init) => {
      if (String(input).startsWith(pair.url)) {
        expect(init?.redirect).toBe('manual');
        return new Response('', { status: 302, headers: { location: elsewhere.url } });
      }
      return await fetch(input, init);
    },
    ...{ clock: systemClock, random: Math.random },
  });
  expect(await problemOf(api.getProject())).toMatchObject({
    code: 'refused',
    message: expect.stringContaining('a redirect'),
    advice: expect.stringContaining('Base URL'),
  });
  expect(elsewhere.simulator.journal.requests).toEqual([]);
  await elsewhere.simulator.close();
});
