import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AutoplayPushTrigger } from '../../nodes/AutoplayPushTrigger/AutoplayPushTrigger.node';
import { pushHeaders } from '../../simulators/connector';
import { eventually } from '../support/eventually';
import { endTriggers, runTrigger, type TriggerRun } from '../support/triggerNode';
import { callWebhook, type WebhookOptions } from '../support/webhookNode';

// The first to run loads n8n-core, and opens the memory.
const SECRET = 'a-long-random-secret';
const node = new AutoplayPushTrigger();
const open: TriggerRun[] = [];
let sessions = 0;

afterEach(async () => {
  delete process.env.EXECUTIONS_MODE;
  await Promise.all(
    open.splice(0).map(async (run) => {
      run.emitted.forEach(({ end }) => end('success'));
      await run.close();
    }),
  );
});
afterAll(endTriggers);

/** Publishes the node; each execution it starts runs until the test ends it. */
async function publish(options: Partial<Parameters<typeof runTrigger>[1]> = {}) {
  const credential = { secret: SECRET };
  const run = await runTrigger(node, { credential, ...options });
  open.push(run);
  return run;
}

const frame = (...titles: string[]) => ({
  type: 'actions',
  product_id: 'p',
  session_id: `session ${++sessions}`,
  forwarded_at: Date.now() / 1_000,
  actions: titles.map((title) => ({ title, raw_url: 'https://x.example/a?token=t' })),
});

async function push(value: unknown, options: Partial<WebhookOptions> = {}) {
  const rawBody = Buffer.from(JSON.stringify(value));
  const headers = Object.fromEntries(
    Object.entries(pushHeaders(rawBody, SECRET)).map(([name, text]) => [name.toLowerCase(), text]),
  );
  return await callWebhook(
    node,
    { headers, rawBody },
    { credential: { secret: SECRET }, ...options },
  );
}

const accepted = { status: 200, text: 'OK', items: undefined };

/** Nothing is due before the trigger is closed. */
const PATIENT = { parameters: { options: { quietPeriod: 60_000, longestWait: 60_000 } } };

/** Closes the trigger; the items of the execution that it then starts with all that waits. */
async function itemsOnClose(run: TriggerRun) {
  const closed = run.close();
  await eventually(() => run.emitted.length === 1);
  run.emitted[0]!.end('success');
  await closed;
  return run.emitted.flatMap(({ items }) => items);
}

describe('a published push trigger', () => {
  it('answers, then starts an execution with what several pushes brought, as the stream would', async () => {
    const run = await publish(PATIENT);
    const first = frame('one');
    const other = frame('else');
    expect(await push(first)).toEqual(accepted);
    expect(await push({ ...first, forwarded_at: 1, actions: [{ title: 'two' }] })).toEqual(
      accepted,
    );
    expect(await push(other)).toEqual(accepted);
    const items = await itemsOnClose(run);
    expect(items).toMatchObject([
      { type: 'actions', session_id: first.session_id, count: 2, added: 2 },
      { type: 'actions', session_id: other.session_id, count: 1, added: 1 },
    ]);
    const [{ raw_url, action_id }] = items[0]!.actions as [{ raw_url: string; action_id: string }];
    expect([raw_url, action_id]).toEqual(['https://x.example/a?token=t', expect.any(String)]);
  });

  it('drops what it has been given before, a summary too', async () => {
    const run = await publish(PATIENT);
    const actions = frame('once');
    const summary = { ...actions, type: 'summary', summary: 'All of it', replaces: 1 };
    for (const body of [actions, actions, summary, summary, summary, actions]) {
      expect(await push(body)).toEqual(accepted);
    }
    const last = frame('last');
    await push(last);
    expect(await itemsOnClose(run)).toMatchObject([
      { count: 1, summaries: [{ summary: 'All of it' }] },
      { session_id: last.session_id },
    ]);
  });

  it('rather passes on a summary twice than not at all', async () => {
    const run = await publish(PATIENT);
    const actions = frame('known');
    await push(actions);
    const file = join(process.env.N8N_USER_FOLDER!, '.n8n/autoplay/memory.sqlite');
    const database = new DatabaseSync(file);
    database.exec(`create trigger blind before insert on autoplay_seen
      begin select raise(abort, 'blind'); end`);
    expect(await push({ ...actions, type: 'summary', summary: 'All of it' })).toEqual(accepted);
    database.exec('drop trigger blind');
    database.close();
    expect(await itemsOnClose(run)).toMatchObject([{ summaries: [{ summary: 'All of it' }] }]);
  });

  it('looks for unfinished work when it starts, if somebody can make something of it', async () => {
    const run = await publish({ next: 'n8n-nodes-autoplay.autoplaySessionMemory' });
    await eventually(() => run.emitted.length === 1);
    expect(run.emitted[0]?.items).toEqual([{ type: 'wake_up', product_id: '' }]);
  });

  it('hands over what waits when it is closed; after that, each push starts its own execution', async () => {
    const run = await publish(PATIENT);
    expect(await push(frame('waits'))).toEqual(accepted);
    expect(run.emitted).toEqual([]);
    const closed = run.close();
    await eventually(() => run.emitted.length === 1);
    const late = frame('late');
    expect((await push(late)).items).toMatchObject([{ session_id: late.session_id, count: 1 }]);
    run.emitted.forEach(({ end }) => end('success'));
    await closed;
  });

  it('has what it cannot remember repeated, shows it once, and takes it the next time', async () => {
    const run = await publish();
    const body = frame('later');
    process.env.EXECUTIONS_MODE = 'queue';
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await push(body)).status).toBe(503);
    }
    expect(run.failedExecutions.map(({ message }) => message)).toEqual([
      expect.stringContaining('cannot be remembered'),
    ]);
    expect(run.failedExecutions[0]?.description).toContain('queue mode');
    delete process.env.EXECUTIONS_MODE;
    expect(await push(body)).toEqual(accepted);
    await eventually(() => run.emitted.length === 1);
    expect(run.emitted[0]?.items).toMatchObject([{ session_id: body.session_id }]);
  });
});

describe('without a trigger in this process, as where n8n has processes for webhooks alone', () => {
  it('each push starts an execution of its own, once', async () => {
    const body = frame('one');
    const { status, items } = await push(body);
    expect([status, items]).toMatchObject([200, [{ session_id: body.session_id, count: 1 }]]);
    expect(await push(body)).toEqual(accepted);
  });
});

describe('a test in the editor', () => {
  it('starts with what came, and remembers nothing of it', async () => {
    const body = frame('tried');
    const tried = await push(body, { mode: 'manual' });
    expect(tried.items).toMatchObject([{ session_id: body.session_id }]);
    expect((await push(body, { mode: 'manual' })).items).toHaveLength(1);
    expect((await push(body)).items).toHaveLength(1);
  });
});

describe('what is refused', () => {
  it.each([
    ['no credential is chosen', null],
    ['the secret is empty', { secret: ' ' }],
    ['the secret is another', { secret: 'other' }],
  ])('403 when %s', async (_, credential) => {
    expect(await push(frame('one'), { credential })).toMatchObject({
      status: 403,
      items: undefined,
    });
  });

  it('403 for a body that n8n has taken apart', async () => {
    const headers = { 'content-type': 'multipart/form-data' };
    const request = { headers, rawBody: undefined };
    const { status } = await callWebhook(node, request, { credential: { secret: SECRET } });
    expect(status).toBe(403);
  });

  it('503 when the credential cannot be read: it may be genuine', async () => {
    expect(await push(frame('one'), { credential: new Error('deleted') })).toMatchObject({
      status: 503,
      items: undefined,
    });
  });
});

it('what is genuine and of no use is acknowledged', async () => {
  for (const body of [null, [], { type: 'unheard_of' }, { type: 'actions', actions: [] }]) {
    expect(await push(body)).toEqual(accepted);
  }
});

it('a check of the URL is answered', async () => {
  const request = { headers: {}, rawBody: Buffer.alloc(0) };
  expect(await callWebhook(node, request, { credential: null, webhook: 'setup' })).toEqual(
    accepted,
  );
});

describe('what a push trigger leaves out', () => {
  const acts = (types: string[], more: object = {}) => ({
    ...frame(...types),
    actions: types.map((type) => ({ type, title: type })),
    ...more,
  });
  const STAFF = { email: 'ann@staff.example' };
  const parameters = {
    leaveOutActions: ['focus'],
    options: { ...PATIENT.parameters.options, leaveOutEmails: ['staff.example'] },
  };
  const NEW = { parameters, typeVersion: 1.1 };

  /** The sessions in the memory with these ids, and how many actions each has. */
  function stored(...sessionIds: string[]) {
    const database = new DatabaseSync(
      join(process.env.N8N_USER_FOLDER!, '.n8n/autoplay/memory.sqlite'),
    );
    const rows = database
      .prepare('select session_id, user_id, last_seq from autoplay_session order by id')
      .all()
      .filter(({ session_id }) => sessionIds.includes(String(session_id)));
    database.close();
    return rows.map((row) => ({ ...row }));
  }

  it('is acknowledged, and neither remembered nor passed on', async () => {
    const run = await publish(NEW);
    const mixed = acts(['focus', 'click']);
    const nothing = acts(['focus']);
    const staff = acts(['click'], STAFF);
    for (const body of [mixed, nothing, staff]) expect(await push(body, NEW)).toEqual(accepted);
    expect(stored(...[mixed, nothing, staff].map(({ session_id }) => session_id))).toEqual([
      { session_id: mixed.session_id, user_id: null, last_seq: 1 },
    ]);
    const items = await itemsOnClose(run);
    expect(items).toMatchObject([
      { session_id: mixed.session_id, count: 1, added: 1, left_out_actions: 3 },
    ]);
  });

  it('tells the memory of a sign-in, without an execution for it alone', async () => {
    const run = await publish(NEW);
    const body = acts(['click']);
    await push(body, NEW);
    await push({ ...body, user_id: 'u', actions: [{ type: 'focus', title: 'x' }] }, NEW);
    expect(stored(body.session_id)).toMatchObject([{ user_id: 'u', last_seq: 1 }]);
    expect(await itemsOnClose(run)).toMatchObject([{ count: 1, left_out_actions: 1 }]);
  });

  it('shows in a test in the editor, too, which remembers nothing', async () => {
    const nothing = acts(['focus']);
    expect(await push(nothing, { ...NEW, mode: 'manual' })).toEqual(accepted);
    const mixed = acts(['focus', 'click']);
    const { items } = await push(mixed, { ...NEW, mode: 'manual' });
    expect(items).toMatchObject([{ count: 1, left_out_actions: 2 }]);
  });

  it('has the connector repeat what comes while the settings cannot be used', async () => {
    const wrong = { parameters: { options: { leaveOutPages: ['/a?b'] } }, typeVersion: 1.1 };
    expect(await push(acts(['click']), wrong)).toMatchObject({ status: 503 });
    await expect(publish(wrong)).rejects.toThrow('"Leave Out Pages" cannot be used');
  });
});
