import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';

import { createPosthogSimulator, type PosthogOptions } from '../../../simulators/posthog';
import { signatureHeaders, STATE } from '../../../simulators/posthog/api';
import { keys, otherProject, project } from '../../support/posthog';
import { manualClock, receiver, until } from './support';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const running: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

async function start(api: PosthogOptions['api'] = {}) {
  const clock = manualClock();
  const simulator = createPosthogSimulator({
    projects: [project, otherProject],
    keys: Object.values(keys),
    api,
    clock,
  });
  running.push(() => simulator.close());
  const { url } = await simulator.listen();
  const call = async (
    method: string,
    path: string,
    { key = keys.all.value, body }: { key?: string; body?: unknown } = {},
  ) => {
    const response = await fetch(`${url}/api/projects/${path}`, {
      method,
      headers: {
        ...(key && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { status, headers, json: (await response.json()) as any };
  };
  return { simulator, clock, url, call };
}

const destination = (url = 'http://127.0.0.1:1/hook', more: object = {}) => ({
  type: 'destination',
  template_id: 'template-webhook',
  name: 'n8n',
  enabled: true,
  inputs: {
    url: { value: url },
    method: { value: 'POST' },
    headers: { value: { 'Content-Type': 'application/json' } },
    body: { value: { event: '{event}', person: '{person}' } },
    signing_secret: { value: SECRET },
  },
  filters: { source: 'events', events: [{ id: '$pageview', type: 'events' }] },
  ...more,
});

describe('the project', () => {
  it('comes with secrets, and with a token of the live stream that stays the same', async () => {
    const { call, clock } = await start();
    const { status, json } = await call('GET', '@current/');
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: 7, name: project.name, api_token: 'phc_northwind' });
    expect(json.secret_api_token).toMatch(/^phs_/);
    clock.advance(3_600_000);
    expect((await call('GET', '7')).json.live_events_token).toBe(json.live_events_token);
  });

  it('has no token in the list, which is closed to a key that is limited to projects', async () => {
    const { call } = await start();
    const { json } = await call('GET', '');
    expect(json.results.map(({ id }: any) => id)).toEqual([7, 8]);
    expect(JSON.stringify(json)).not.toContain('live_events_token');
    const limited = await call('GET', '', { key: keys.other.value });
    expect(limited).toMatchObject({
      status: 403,
      json: { detail: expect.stringContaining('only supported on project-based endpoints') },
    });
    expect((await call('GET', '8/', { key: keys.other.value })).status).toBe(200);
  });

  it.each([
    ['no key', { key: '' }, '7/', 401, 'not_authenticated', 'credentials were not provided'],
    ['a public key', { key: 'phc_northwind' }, '7/', 401, 'authentication_failed', 'is invalid'],
    ['no scope', { key: keys.hooks.value }, '7/', 403, 'permission_denied', "'project:read'"],
    ['another project', { key: keys.other.value }, '7/', 403, 'permission_denied', 'ID 7'],
    ['no project', {}, '99/', 404, 'not_found', 'Project not found'],
    ['no address', {}, '7/nothing/', 404, 'not_found', 'Not found'],
  ])('is refused with %s', async (_, options, path, status, code, detail) => {
    const { call } = await start();
    expect(await call('GET', path, options)).toMatchObject({
      status,
      json: { type: expect.any(String), code, detail: expect.stringContaining(detail), attr: null },
    });
  });

  it('is given 480 times a minute to one key', async () => {
    const { call, clock } = await start();
    for (let i = 0; i < 480; i += 1) await call('GET', '7/');
    const refused = await call('GET', '7/');
    expect(refused).toMatchObject({ status: 429, json: { code: 'throttled' } });
    expect(refused.headers.get('retry-after')).toBe('60');
    expect((await call('GET', '7/', { key: keys.both.value })).status).toBe(200);
    clock.advance(60_000);
    expect((await call('GET', '7/')).status).toBe(200);
  });
});

describe('hog functions', () => {
  it('are made, read and changed, and show of a secret only that it is there', async () => {
    const { call, simulator } = await start();
    const made = await call('POST', '7/hog_functions/', { body: destination() });
    expect(made).toMatchObject({
      status: 201,
      json: {
        inputs: { signing_secret: { secret: true }, url: destination().inputs.url },
        template: { id: 'template-webhook' },
        status: { state: 0 },
      },
    });
    const path = `7/hog_functions/${made.json.id}/`;
    expect((await call('GET', path)).json).toEqual(made.json);
    // The mask keeps the secret, and another value replaces it.
    const { inputs } = made.json;
    await call('PATCH', path, { body: { inputs } });
    const [stored] = simulator.api.functions(7);
    expect(stored!.inputs.signing_secret).toEqual({ value: SECRET });
    await call('PATCH', path, { body: { inputs: { ...inputs, signing_secret: { value: 'x' } } } });
    expect(stored!.inputs.signing_secret).toEqual({ value: 'x' });
    expect(simulator.journal.violations).toEqual([]);
  });

  it('of an older server drop a secret without a word, also after it is newer', async () => {
    const { call } = await start({ signs: false });
    const { status, json } = await call('POST', '7/hog_functions/', { body: destination() });
    expect([status, Object.keys(json.inputs)]).toEqual([201, ['url', 'method', 'body', 'headers']]);
    const { inputs } = destination();
    const patched = await call('PATCH', `7/hog_functions/${json.id}/`, { body: { inputs } });
    expect(patched.json.inputs).not.toHaveProperty('signing_secret');
  });

  it.each([
    ['no address', { inputs: {} }, 'inputs__url', 'This field is required.'],
    [
      'a mask of nothing',
      { inputs: { ...destination().inputs, signing_secret: { secret: true } } },
      'inputs__signing_secret',
      'This field is required.',
    ],
    [
      'two braces',
      { inputs: { ...destination().inputs, body: { value: { a: '{{x}}' } } } },
      'inputs__body',
      'Invalid template',
    ],
    ['another template', { template_id: 'x' }, 'template_id', "No template found for id 'x'"],
    ['a list for filters', { filters: [] }, 'filters', expect.stringContaining('dictionary')],
  ])('are refused with %s', async (_, more, attr, detail) => {
    const { call } = await start();
    const { status, json } = await call('POST', '7/hog_functions/', {
      body: destination(undefined, more),
    });
    expect([status, json]).toEqual([400, expect.objectContaining({ attr, detail })]);
  });

  it('need an add-on where the server is old and the organization has none', async () => {
    const { call } = await start({ lacksAddOn: true });
    expect((await call('POST', '7/hog_functions/', { body: destination() })).json).toMatchObject({
      attr: 'template_id',
      detail: 'The Data Pipelines addon is required for this template.',
    });
  });

  it.each([
    ['GET', keys.project, 'hog_function:read'],
    ['POST', keys.reads, 'hog_function:write'],
  ])('%s needs its scope', async (method, key, scope) => {
    const { call } = await start();
    const body = method === 'POST' ? destination() : undefined;
    const { status, json } = await call(method, '7/hog_functions/', { key: key.value, body });
    expect([status, json.detail]).toEqual([403, `API key missing required scope '${scope}'`]);
  });

  it('are deleted and come back by a change; DELETE is not allowed', async () => {
    const { call } = await start();
    const { json } = await call('POST', '7/hog_functions/', { body: destination() });
    const path = `7/hog_functions/${json.id}/`;
    expect((await call('DELETE', path)).status).toBe(405);
    expect((await call('PATCH', path, { body: { deleted: true } })).status).toBe(200);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('PATCH', path, { body: { enabled: true } })).status).toBe(404);
    expect((await call('PATCH', path, { body: { deleted: false } })).status).toBe(200);
    expect((await call('GET', path)).status).toBe(200);
    expect((await call('GET', path.replace('7', '8'))).status).toBe(404);
  });

  it('are listed page by page, short or in full', async () => {
    const { call } = await start();
    for (let i = 0; i < 5; i += 1) await call('POST', '7/hog_functions/', { body: destination() });
    const { json } = await call('GET', '7/hog_functions/?type=destination&limit=2');
    expect(json).toMatchObject({ count: 5, next: expect.stringContaining('offset=2') });
    expect(json.results[0]).not.toHaveProperty('inputs');
    const rest = await fetch(json.next.replace('limit=2', 'limit=9'), {
      headers: { Authorization: `Bearer ${keys.all.value}` },
    });
    expect(await rest.json()).toMatchObject({ next: null, results: { length: 3 } });
    const full = await call('GET', '7/hog_functions/?full=true');
    expect(full.json.results[0].inputs.signing_secret).toEqual({ secret: true });
    expect((await call('GET', '7/hog_functions/?type=transformation')).json.count).toBe(0);
  });
});

describe('deliveries', () => {
  const pageview = (more: object = {}) => ({
    event: '$pageview',
    distinct_id: 'u_42',
    properties: { $pathname: '/pricing', ...more },
  });

  async function deliverTo(
    statuses: number[],
    more: object = {},
    api: PosthogOptions['api'] = { spreadMs: 0 },
  ) {
    const set = await start(api);
    const { url, received, close } = await receiver(...statuses);
    running.push(close);
    const { simulator, clock } = set;
    const target = simulator.api.makeFunction(7, destination(url, more));
    /** Lets time pass until there were so many attempts. */
    const attempts = async (count: number) => {
      // Time stands still while an attempt is under way, or a busy machine would take too long to answer.
      while (simulator.api.deliveries.attempts.length < count) {
        clock.advance(500);
        await simulator.api.deliveries.settled();
      }
      return simulator.api.deliveries.attempts;
    };
    return { ...set, target, received, attempts };
  }

  it('bring the processed event in PostHog’s form, seconds after the capture', async () => {
    const { simulator, clock, received, attempts, url } = await deliverTo([]);
    simulator.capture({
      ...pageview({ $elements_chain: 'a:text="x"' }),
      $set: { email: 'ann@example.com' },
    });
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(received).toEqual([]);
    await attempts(1);
    const [{ headers, body }] = received as [(typeof received)[0]];
    expect(headers['content-type']).toBe('application/json');
    expect(body).toEqual({
      event: {
        uuid: expect.any(String),
        event: '$pageview',
        distinct_id: 'u_42',
        properties: expect.objectContaining({ $pathname: '/pricing', $ip: '127.0.0.1' }),
        timestamp: expect.stringMatching(/^2026-01-15T12:00:00/),
        elements_chain: 'a:text="x"',
        url: expect.stringContaining(`${url}/project/7/events/`),
      },
      person: {
        id: expect.any(String),
        name: 'ann@example.com',
        properties: { email: 'ann@example.com' },
        url: `${url}/project/7/person/u_42`,
      },
    });
    expect(Object.keys(body.event)).toEqual([
      ...['uuid', 'event', 'distinct_id', 'properties', 'timestamp', 'elements_chain', 'url'],
    ]);
    expect(body.event.properties).not.toHaveProperty('$elements_chain');
    expect(simulator.api.deliveries.counts()).toEqual({ delivered: 1, lost: 0, pending: 0 });
  });

  it('have no person where the event makes no profile', async () => {
    const { simulator, received, attempts } = await deliverTo([]);
    simulator.capture(pageview({ $process_person_profile: false }));
    await attempts(1);
    expect(received[0]!.body.person).toBeNull();
  });

  it('are signed as the official library verifies it', async () => {
    const { simulator, received, attempts, clock } = await deliverTo([]);
    simulator.capture(pageview({ title: 'Café ☕' }));
    await attempts(1);
    const { headers, raw } = received[0]!;
    // The library reads the system's clock.
    const now = jest.spyOn(Date, 'now').mockReturnValue(clock.now());
    const verified = new Webhook(SECRET).verify(raw, headers as Record<string, string>);
    now.mockRestore();
    expect(verified).toMatchObject({ event: { properties: { title: 'Café ☕' } } });
  });

  it.each([408, 429, 500, 502, 503, 504])(
    'are tried three times after %s, under one id with a fresh signature, and then lost',
    async (status) => {
      const { simulator, received, attempts } = await deliverTo([status, status, status]);
      simulator.capture(pageview());
      expect((await attempts(3)).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      const told = received.map(({ headers }) => headers);
      expect(new Set(told.map((one) => one['webhook-id'])).size).toBe(1);
      expect(new Set(told.map((one) => one['webhook-timestamp'])).size).toBe(3);
      expect(new Set(received.map(({ raw }) => raw)).size).toBe(1);
      expect(simulator.api.deliveries.counts()).toEqual({ delivered: 0, lost: 1, pending: 0 });
    },
  );

  it.each([302, 400, 403, 404, 410])('are lost at once after %s', async (status) => {
    const { simulator, clock, received, attempts } = await deliverTo([status]);
    simulator.capture(pageview());
    await attempts(1);
    clock.advance(60_000);
    await simulator.api.deliveries.settled();
    expect(received).toHaveLength(1);
    expect(simulator.api.deliveries.counts()).toEqual({ delivered: 0, lost: 1, pending: 0 });
  });

  it('wait ten seconds for an answer, and then try again', async () => {
    const { simulator, clock, received, attempts } = await deliverTo([0]);
    simulator.capture(pageview());
    clock.advance(2_000);
    await until(() => received.length === 1);
    clock.advance(9_900);
    await new Promise((resolve) => setImmediate(resolve));
    expect(simulator.api.deliveries.attempts).toEqual([]);
    expect((await attempts(2)).map(({ status }) => status)).toEqual([0, 200]);
  });

  it('are not sent with a secret that is too short to sign with', async () => {
    const { simulator, clock, received, target } = await deliverTo([]);
    target.inputs.signing_secret = { value: 'whsec_c2hvcnQ=' };
    simulator.capture(pageview());
    clock.advance(5_000);
    await simulator.api.deliveries.settled();
    expect([received, simulator.api.deliveries.counts().lost]).toEqual([[], 1]);
  });

  it('are parallel and in no order', async () => {
    const { simulator, clock, received } = await deliverTo([], {}, { spreadMs: 200 });
    const sent = Array.from({ length: 30 }, (_, n) => n);
    for (const n of sent) simulator.capture(pageview({ n }));
    clock.advance(5_000);
    await until(() => received.length === sent.length);
    await simulator.api.deliveries.settled();
    const order = simulator.api.deliveries.attempts.map(({ uuid }) => uuid);
    const got = received.map(({ body }) => body.event.properties.n);
    expect([...got].sort((a, b) => a - b)).toEqual(sent);
    expect(got).not.toEqual(sent);
    expect(new Set(order).size).toBe(sent.length);
  });

  it.each<[string, object, boolean]>([
    ['another event', { filters: { events: [{ id: 'signed up' }] } }, false],
    ['every event', { filters: { events: [{ id: null }] } }, true],
    ['no filters', { filters: {} }, true],
    [
      'a property that fits',
      { filters: { properties: [{ key: '$pathname', value: ['/pricing'] }] } },
      true,
    ],
    [
      'a property of the event that does not',
      {
        filters: {
          events: [{ id: '$pageview', properties: [{ key: 'plan', operator: 'is_set' }] }],
        },
      },
      false,
    ],
    ['being disabled', { enabled: false }, false],
  ])('with %s', async (_, more, arrives) => {
    const { simulator, clock, received } = await deliverTo([], more);
    simulator.capture(pageview());
    clock.advance(5_000);
    await simulator.api.deliveries.settled();
    expect(received.length > 0).toBe(arrives);
  });

  it('end for a function that fails for long, until it is enabled again', async () => {
    const { simulator, clock, target, call } = await deliverTo(
      Array.from({ length: 40 }, () => 403),
    );
    const lose = async (count: number) => {
      for (let i = 0; i < count; i += 1) simulator.capture(pageview());
      clock.advance(2_000);
      await until(() => simulator.api.deliveries.counts().pending === 0);
    };
    await lose(10);
    expect(target.state).toBe(STATE.degraded);
    await lose(20);
    expect(target.state).toBe(STATE.disabled);
    await lose(1);
    expect(simulator.api.deliveries.counts().lost).toBe(30);
    const path = `7/hog_functions/${target.id}/`;
    expect((await call('GET', path)).json.status.state).toBe(3);
    await call('PATCH', path, { body: { enabled: true } });
    expect(target.state).toBe(STATE.degraded);
    await lose(1);
    expect(simulator.api.deliveries.counts().lost).toBe(31);
  });

  it('stop with the server', async () => {
    const { simulator, clock, received } = await deliverTo([]);
    simulator.capture(pageview());
    await simulator.close();
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect([received.length, clock.pending()]).toEqual([0, 0]);
  });
});

describe('the signature', () => {
  it('is that of the official library', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 100 });
    const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(texts, bytes, fc.uuid(), seconds, (body, key, id, at) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`;
        expect(signatureHeaders(body, secret, id, at * 1_000 + 999)).toEqual({
          'webhook-id': id,
          'webhook-timestamp': String(at),
          'webhook-signature': new Webhook(secret).sign(id, new Date(at * 1_000), body),
        });
      }),
    );
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'no base64 at all, but long enough for it'])(
    'is not made with %j',
    (secret) => {
      expect(signatureHeaders('{}', secret, 'id', 0)).toBeUndefined();
    },
  );
});
