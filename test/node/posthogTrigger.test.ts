import { randomBytes, randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { Webhook } from 'standardwebhooks';
import { PosthogActivityTrigger } from '../../nodes/PosthogActivityTrigger/PosthogActivityTrigger.node';
import { demo, posthogKeys, posthogProject } from '../../simulators/demo';
import { createPosthogSimulator, type PosthogSimulator } from '../../simulators/posthog';
import { eventually } from '../support/eventually';
import { endTriggers, runTrigger, type TriggerRun } from '../support/triggerNode';
import { callWebhook, type WebhookOptions } from '../support/webhookNode';

// What PostHog delivers is signed by the official library of Standard Webhooks.
const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const node = new PosthogActivityTrigger();
const open: TriggerRun[] = [];

afterEach(async () => {
  delete process.env.EXECUTIONS_MODE;
  for (const run of open.splice(0)) {
    run.emitted.forEach(({ end }) => end('success'));
    await run.close();
  }
});
afterAll(endTriggers);

const parameters = { source: 'webhook', registration: 'byHand' };

async function publish(options: Partial<Parameters<typeof runTrigger>[1]> = {}) {
  const run = await runTrigger(node, {
    credential: { signingSecret: SECRET },
    typeVersion: 1.1,
    parameters,
    ...options,
  });
  open.push(run);
  return run;
}

/** A delivery of PostHog's webhook template. */
function delivery(
  event: string,
  at: number,
  fields: IDataObject = {},
  properties: IDataObject = {},
) {
  return {
    event: {
      uuid: randomUUID(),
      event,
      distinct_id: 'u_42',
      timestamp: new Date(at).toISOString(),
      url: 'https://eu.posthog.com/project/7/events/x/y',
      elements_chain: '',
      properties: {
        ...{ $session_id: 'session', $window_id: 'w', $pathname: '/plans', $is_identified: true },
        ...{ $current_url: 'https://app.example.com/plans?token=t', $ip: '203.0.113.9' },
        ...properties,
      },
      ...fields,
    },
    person: { id: 'p', properties: { email: 'ann@example.com', phone: '555' } },
  };
}

async function deliver(
  body: unknown,
  { secret = SECRET, ...options }: Partial<WebhookOptions> & { secret?: string } = {},
) {
  const rawBody = Buffer.from(JSON.stringify(body));
  const id = randomUUID();
  const now = new Date();
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, now, rawBody.toString()),
  };
  return await callWebhook(
    node,
    { headers, rawBody },
    { credential: { signingSecret: SECRET }, parameters, typeVersion: 1.1, ...options },
  );
}

const accepted = { status: 200, text: 'OK', items: undefined };
/** All items that the trigger has passed on. */
const passedOn = (run: TriggerRun) => run.emitted.flatMap(({ items }) => items);
const said = (run: TriggerRun) =>
  passedOn(run).flatMap(({ actions }) =>
    (actions as { description: string }[]).map(({ description }) => description),
  );

describe('a published webhook', () => {
  it('puts what comes in any order and more than once into the order of time', async () => {
    const run = await publish();
    const session = { $session_id: randomUUID() };
    const start = Date.now() - 5_000;
    const chain = { elements_chain: 'button:text="Save"' };
    const click = (ms: number, event = '$autocapture') =>
      delivery(event, start + ms, chain, { $event_type: 'click', ...session });
    const events = [
      click(2_400),
      click(2_380, '$rageclick'),
      delivery('$pageview', start, {}, { title: 'Plans | Example', ...session }),
      click(2_000),
      click(2_200),
    ];
    // All at once, so that they are there when the trigger looks, however slow the machine is.
    const answers = await Promise.all([...events, ...events].map((body) => deliver(body)));
    for (const answer of answers) expect(answer).toEqual(accepted);
    await eventually(() => run.emitted.length > 0);
    expect(passedOn(run)).toMatchObject([
      {
        ...{ type: 'actions', product_id: '7', session_id: session.$session_id, user_id: 'u_42' },
        ...{ email: 'ann@example.com', count: 2, added: 2 },
        project_url: 'https://eu.posthog.com/project/7',
      },
    ]);
    expect(said(run)).toEqual([
      'User opened the Plans page',
      'User clicked Save button several times in a row on the Plans page',
    ]);
    expect(JSON.stringify(passedOn(run))).not.toMatch(/203\.0\.113\.9|555/);
    // Delivered again much later: nothing is new.
    for (const body of events) expect(await deliver(body)).toEqual(accepted);
    const next = { $session_id: randomUUID() };
    await deliver(delivery('$pageview', Date.now(), {}, next));
    await eventually(() => run.emitted.length > 1);
    expect(passedOn(run)).toHaveLength(2);
  });

  it('refuses what PostHog has not signed', async () => {
    const run = await publish();
    const body = delivery('$pageview', Date.now());
    const other = `whsec_${randomBytes(32).toString('base64')}`;
    expect((await deliver(body, { secret: other })).status).toBe(403);
    const refused = { rawBody: Buffer.from(JSON.stringify(body)), headers: {} };
    const options = { credential: { signingSecret: SECRET }, parameters, typeVersion: 1.1 };
    expect((await callWebhook(node, refused, options)).status).toBe(403);
    const headers = { 'x-n8n-secret': SECRET };
    expect((await callWebhook(node, { ...refused, headers }, options)).status).toBe(200);
    await eventually(() => run.emitted.length === 1);
  });

  it('acknowledges what becomes no action, and keeps nothing of it', async () => {
    const run = await publish();
    const nothing = [
      delivery('$pageview', Date.now(), {}, { $session_id: null }),
      delivery('$web_vitals', Date.now()),
      delivery('invoice paid', Date.now()),
      delivery('$pageview', Date.now(), {}, { $browser_type: 'bot' }),
      { of: 'one’s own' },
      'text',
    ];
    for (const body of nothing) expect(await deliver(body)).toEqual(accepted);
    const session = { $session_id: randomUUID() };
    await deliver(delivery('$pageview', Date.now(), {}, session));
    await eventually(() => run.emitted.length === 1);
    expect(passedOn(run)).toMatchObject([{ ...{ session_id: session.$session_id }, count: 1 }]);
  });

  it('has what it cannot store repeated, shows it once, and takes it the next time', async () => {
    const run = await publish();
    const body = delivery('$pageview', Date.now(), {}, { $session_id: randomUUID() });
    process.env.EXECUTIONS_MODE = 'queue';
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await deliver(body)).status).toBe(503);
    }
    expect(run.failedExecutions.map(({ message }) => message)).toEqual([
      expect.stringContaining('cannot be remembered, so PostHog has to repeat it'),
    ]);
    delete process.env.EXECUTIONS_MODE;
    expect(await deliver(body)).toEqual(accepted);
    await eventually(() => run.emitted.length === 1);
  });

  it('works on what was stored while no trigger ran', async () => {
    const session = { $session_id: randomUUID() };
    expect(await deliver(delivery('$pageview', Date.now(), {}, session))).toEqual(accepted);
    const run = await publish();
    await eventually(() => run.emitted.length === 1);
    expect(passedOn(run)).toMatchObject([{ session_id: session.$session_id }]);
  });

  it('in a test in the editor shows what came, and stores nothing of it', async () => {
    const session = { $session_id: randomUUID() };
    const body = delivery('$pageview', Date.now(), {}, { title: 'Plans', ...session });
    const tried = await deliver(body, { mode: 'manual' });
    expect(tried.items).toMatchObject([
      { actions: [{ description: 'User opened the Plans page' }], email: 'ann@example.com' },
    ]);
    const run = await publish();
    await deliver(body);
    await eventually(() => run.emitted.length === 1);
    expect(passedOn(run)).toMatchObject([{ count: 1, added: 1 }]);
  });
});

describe('the live stream', () => {
  let posthog: PosthogSimulator;
  let credential: IDataObject;
  beforeEach(async () => {
    posthog = createPosthogSimulator({ projects: [posthogProject], keys: posthogKeys });
    const { url } = await posthog.listen();
    credential = { region: 'custom', baseUrl: url, liveUrl: url, personalApiKey: demo.posthogKey };
  });
  afterEach(() => posthog.close());

  const views = (title: string) =>
    posthog.capture({
      event: '$pageview',
      distinct_id: 'u_42',
      properties: { $session_id: randomUUID(), $is_identified: true, title },
    });

  it('starts executions while the workflow is published, and ends with it', async () => {
    const run = await publish({ credential, parameters: {} });
    await eventually(() => posthog.live.subscribers() === 1);
    views('Plans');
    await eventually(() => run.emitted.length === 1);
    expect(said(run)).toEqual(['User opened the Plans page']);
    run.emitted.forEach(({ end }) => end('success'));
    await run.close();
    await eventually(() => posthog.live.subscribers() === 0);
  });

  it('looks for unfinished work when it starts, though PostHog answers with the first event only', async () => {
    const next = 'n8n-nodes-autoplay.autoplaySessionMemory';
    const run = await publish({ credential, parameters: {}, next });
    await eventually(() => run.emitted.length === 1);
    expect(run.emitted[0]?.items).toEqual([{ type: 'wake_up', product_id: '' }]);
  });

  it('shows what is wrong as a failed execution, and goes on trying', async () => {
    const run = await publish({
      credential: { ...credential, personalApiKey: 'phc_x' },
      parameters: {},
    });
    await eventually(() => run.failedExecutions.length === 1);
    expect(run.failedExecutions[0]?.message).toContain('Personal API Key');
  });

  /** The node as n8n carries it out in a test: a node with a webhook is not listened to. */
  function carriedOut(input: IDataObject[], cancel = new AbortController().signal) {
    const context = {
      getInputData: () => input.map((json) => ({ json })),
      getNode: () => ({ name: 'Trigger', typeVersion: 1.1 }),
      getNodeParameter: (_name: string, _item: number, fallback: unknown) => fallback,
      getCredentials: async () => credential,
      getExecutionCancelSignal: () => cancel,
      helpers: { httpRequest },
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    };
    return node.execute.call(context as unknown as IExecuteFunctions);
  }

  it('in a test in the editor waits for the first activity', async () => {
    const result = carriedOut([{}]);
    await eventually(() => posthog.live.subscribers() === 1);
    views('Plans');
    expect(await result).toMatchObject([
      [{ json: { type: 'actions', actions: [{ description: 'User opened the Plans page' }] } }],
    ]);
    await eventually(() => posthog.live.subscribers() === 0);
  });

  it('in a test says at once what is wrong, and ends when it is stopped', async () => {
    const stop = new AbortController();
    const stopped = carriedOut([{}], stop.signal);
    await eventually(() => posthog.live.subscribers() === 1);
    stop.abort();
    expect(await stopped).toEqual([[]]);
    credential = { ...credential, personalApiKey: '' };
    await expect(carriedOut([{}])).rejects.toThrow(/no Personal API Key/);
  });

  it('passes on what webhook or trigger bring', async () => {
    expect(await carriedOut([{ type: 'wake_up' }])).toEqual([[{ json: { type: 'wake_up' } }]]);
  });
});

/** n8n's helper, as far as it is used here. */
async function httpRequest({ url, headers, method, body, abortSignal }: Record<string, never>) {
  const { Readable } = await import('node:stream');
  const response = await fetch(String(url), {
    headers,
    method,
    body,
    signal: abortSignal,
  });
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: response.body ? Readable.fromWeb(response.body as never) : undefined,
  };
}
