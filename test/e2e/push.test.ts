import { pushHeaders } from '../../simulators/connector';
import { outputOf, setParameters } from '../../tools/n8n';
import { eventually } from '../support/eventually';
import { createPushWorld, type PushWorld } from '../support/pushWorld';
import { THRESHOLD } from '../support/world';

describe('with a push trigger in the place of the stream trigger', () => {
  let world: PushWorld;
  beforeAll(async () => {
    world = await createPushWorld();
  });
  afterAll(() => world?.stop());

  type Item = Record<string, unknown>;

  /** Has somebody act whose push comes behind all others, and waits for what was started for it. */
  const untilAllStarted = async (items: () => Promise<Item[]>) => {
    const last = world.newVisitor();
    last.act('the last');
    const isLast = ({ session_id }: Item) => session_id === last.sessionId;
    await eventually(async () => (await items()).some(isLast));
    return (await items()).filter((item) => !isLast(item));
  };

  /** Whose pushes start executions from now on, and with what. */
  const watch = async () => {
    const itemsFromNow = async () => {
      const started = await world.started('Autoplay Stream');
      return async () =>
        (await started()).flatMap((execution) => outputOf(execution, 'Autoplay Stream'));
    };
    // A push is remembered at once: it may have been told by another execution before it starts its own.
    await untilAllStarted(await itemsFromNow());
    const items = await itemsFromNow();
    return async () => await untilAllStarted(items);
  };

  it('activity reaches the conversation, and summaries take the place of notes', async () => {
    const visitor = await world.linkedVisitor();
    visitor.act('User clicked <b>Sign & go</b>');
    await eventually(() => visitor.told().length === 2);
    expect(visitor.told()).toEqual([['came'], ['User clicked <b>Sign & go</b>']]);
    visitor.act(...Array.from({ length: THRESHOLD - 2 }, (_, i) => `more ${i}`));
    await visitor.summedUp();
    expect(world.pusher().stats()).toMatchObject({ retried: 0, dropped: 0, pending: 0 });
  });

  it('many pushes share few executions, one item per session, counted as new', async () => {
    const visitors = Array.from({ length: 30 }, () => world.newVisitor());
    const started = await world.started('Autoplay Stream');
    for (const visitor of visitors) visitor.act('one', 'two');
    const added = async () => {
      const items = (await started()).flatMap((one) => outputOf(one, 'Remember Actions'));
      const bySession = new Map(items.map((item) => [item.session_id as string, item.added]));
      return visitors.map(({ sessionId }) => bySession.get(sessionId) as number | undefined);
    };
    await eventually(async () => (await added()).every((count) => count !== undefined));
    expect(await added()).toEqual(Array(30).fill(2));
    expect((await started()).length).toBeLessThan(15);
  });

  it('a duplicate starts nothing and is told once', async () => {
    const visitor = await world.linkedVisitor();
    visitor.act('once');
    await eventually(() => visitor.told().length === 2);
    const started = await watch();
    const { body } = world.pusher().attempts.at(-1)!;
    world.pusher().repeat(body);
    await eventually(() => world.pusher().stats().pending === 0);
    expect(world.pusher().attempts.at(-1)).toMatchObject({ body, status: 200 });
    expect(await started()).toEqual([]);
    expect(visitor.everTold()).toEqual([['came'], ['once']]);
  });

  it.each<[string, (body: string) => Record<string, string>]>([
    ['without a signature', () => ({ 'X-Connector-Signature': '' })],
    ['signed with another secret', (body) => pushHeaders(body, 'another')],
    [
      'with another bearer token',
      (body) => ({ ...pushHeaders(body, world.target.secret), Authorization: 'Bearer another' }),
    ],
    ['with the signature of another body', () => pushHeaders('{}', world.target.secret)],
  ])('a forged push %s is refused, starts nothing and is not remembered', async (_, forge) => {
    const visitor = await world.linkedVisitor();
    const started = await watch();
    const body = JSON.stringify(visitor.frame(['forged']));
    expect(await world.post(body, forge(body))).toBe(403);
    expect(await started()).toEqual([]);
    visitor.act('genuine');
    await eventually(() => visitor.told().length === 2);
    expect(visitor.everTold()).toEqual([['came'], ['genuine']]);
  });

  it('a form that n8n takes apart itself is refused: it has no raw body to be signed', async () => {
    const form = new FormData();
    form.set('type', 'actions');
    const headers = pushHeaders('whatever the form is made of', world.target.secret);
    const { status } = await fetch(world.target.url, { method: 'POST', headers, body: form });
    expect(status).toBe(403);
  });

  it('a test in the editor shows what comes, and takes nothing from the published workflow', async () => {
    const { rest, workflow, target } = world;
    const visitor = world.newVisitor();
    const body = JSON.stringify(visitor.frame(['tried']));
    const waiting = await rest.request('POST', `/rest/workflows/${workflow.id}/run`, {
      triggerToStartFrom: { name: 'Autoplay Stream' },
    });
    expect(waiting).toEqual({ waitingForWebhook: true });
    const url = target.url.replace('/webhook/', '/webhook-test/');
    const headers = { 'Content-Type': 'application/json', ...pushHeaders(body, target.secret) };
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
    await eventually(async () =>
      (await world.executions(['success'])).some(({ mode }) => mode === 'manual'),
    );
    const manual = (await world.executions()).find(({ mode }) => mode === 'manual');
    const execution = await rest.execution(manual!.id);
    expect(outputOf(execution, 'Autoplay Stream')).toMatchObject([
      { session_id: visitor.sessionId, count: 1 },
    ]);
    expect(outputOf(execution, 'Remember Actions')).toMatchObject([{ added: 1 }]);
  });

  it('what is genuine but of no use is acknowledged, for it would be no better the next time', async () => {
    const started = await watch();
    const useless = [
      'null',
      '[]',
      '{"type":"usertour_trigger","flow_id":"f"}',
      '{"type":"actions","actions":[{"title":"nobody’s"}]}',
      '{"__proto__":{"type":"actions"},"constructor":{"prototype":{"polluted":true}}}',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `{"type":"actions","padding":"${'x'.repeat(10_000_000)}"}`,
    ];
    for (const body of useless) {
      expect([body.slice(0, 30), await world.post(body)]).toEqual([body.slice(0, 30), 200]);
    }
    // n8n takes JSON apart before it asks the node, unless it is not said to be JSON.
    expect(await world.post('{broken')).toBe(422);
    const text = { 'Content-Type': 'text/plain' };
    expect(await world.post('{broken', text)).toBe(200);
    expect(await world.post(new Uint8Array([0x7b, 0xff, 0xfe, 0x00]), text)).toBe(200);
    expect(await started()).toEqual([]);
  });

  it('HEAD and GET are answered and start nothing', async () => {
    const started = await watch();
    for (const method of ['HEAD', 'GET']) {
      expect((await fetch(world.target.url, { method })).status).toBe(200);
    }
    expect(await started()).toEqual([]);
  });

  it('what cannot be remembered is repeated by the connector, and told once', async () => {
    const visitor = await world.linkedVisitor();
    const mend = world.breakMemory();
    visitor.act('in spite of all');
    await eventually(() => world.pusher().attempts.at(-1)?.status === 503);
    await eventually(async () => (await world.executions(['error'])).length > 0);
    const [failed] = await world.executions(['error']);
    const { data } = await world.rest.execution(failed!.id);
    expect(data.resultData.error?.message).toMatch(/cannot be remembered/);
    mend();
    await eventually(() => visitor.told().length === 2);
    expect(visitor.everTold()).toEqual([['came'], ['in spite of all']]);
    expect(world.pusher().stats()).toMatchObject({ dropped: 0, pending: 0 });
    // Once per outage, not once per attempt.
    expect(await world.executions(['error'])).toHaveLength(1);
  });
});

describe('n8n killed between the answer and the execution', () => {
  let world: PushWorld;
  beforeAll(async () => {
    // Long enough for a test to act while something waits.
    world = await createPushWorld({ options: { quietPeriod: 2_500 } }, { own: true });
  });
  afterAll(() => world?.stop());

  it('tells the acknowledged activity after its restart, by itself', async () => {
    const visitor = await world.linkedVisitor();
    const before = world.pusher().stats().delivered;
    visitor.act('acknowledged');
    await eventually(() => world.pusher().stats().delivered === before + 1);
    await world.restart({ kill: true });
    await eventually(() => visitor.told().length === 2);
    expect(visitor.everTold()).toEqual([['came'], ['acknowledged']]);
  });

  it('hands over what waits on a normal stop', async () => {
    const visitor = await world.linkedVisitor();
    const before = world.pusher().stats().delivered;
    visitor.act('a moment before');
    await eventually(() => world.pusher().stats().delivered === before + 1);
    await world.restart();
    await eventually(() => visitor.told().length === 2);
    expect(visitor.everTold()).toEqual([['came'], ['a moment before']]);
  });
});

describe('a team that has chosen what it sees, and how', () => {
  let world: PushWorld;
  beforeAll(async () => {
    world = await createPushWorld(
      { options: { leaveOutPages: ['/admin/*'], leaveOutEmails: ['@staff.example'] } },
      {
        change(json) {
          const readable = { noteFormat: 'readable', noteTimeZone: 'Asia/Kolkata' };
          setParameters(json, 'Deliver Activity', readable);
          const noteTemplate = 'In short: {summary}';
          setParameters(json, 'Replace With Summary', { noteFormat: 'template', noteTemplate });
        },
      },
    );
  });
  afterAll(() => world?.stop());

  it('gets readable notes without what is left out, and its own summaries instead of them', async () => {
    await eventually(world.someoneListens);
    const colleague = world.newVisitor();
    await world.post(
      JSON.stringify({ ...colleague.frame(['a colleague']), email: 'ann@staff.example' }),
    );
    const started = await world.started('Autoplay Stream');
    const visitor = world.newVisitor();
    visitor.act(
      { description: 'entered', type: 'focus' },
      { description: 'clicked <b>Save</b>', type: 'click' },
      { description: 'configured', type: 'click', canonical_url: 'https://x.example/admin/1' },
      { description: 'left', type: 'blur' },
    );
    visitor.write();
    await eventually(() => visitor.notes().length > 0);
    expect(visitor.notes()[0]?.text).toMatch(
      new RegExp(
        String.raw`^\d\d:\d\d · clicked <b>Save</b> · /boards/:id\n\n` +
          String.raw`session_id: ${visitor.sessionId} · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\+05:30$`,
      ),
    );
    const items = async () => (await started()).flatMap((one) => outputOf(one, 'Autoplay Stream'));
    const own = async () =>
      (await items()).find(({ session_id }) => session_id === visitor.sessionId);
    await eventually(async () => (await own()) !== undefined);
    // The colleague's click, and three of the visitor's four actions.
    expect(await own()).toMatchObject({ count: 1, left_out_actions: 4 });
    expect(JSON.stringify(await items())).not.toContain(colleague.sessionId);

    visitor.act(...Array.from({ length: THRESHOLD }, (_, i) => `more ${i}`));
    const standing = () =>
      visitor
        .notes()
        .filter(({ redacted }) => !redacted)
        .map(({ text }) => text);
    await eventually(() => standing().some((text) => text.startsWith('In short: ')));
    await eventually(() => !standing().some((text) => text.includes('· clicked <b>Save')));
    expect(world.intercom.journal.violations).toEqual([]);
  });
});

describe('a push trigger without a secret in its credential', () => {
  let world: PushWorld;
  beforeAll(async () => {
    world = await createPushWorld();
    // Without one it could not be published.
    await world.rest.upsertCredential('autoplayPushApi', 'autoplayPushApi', { secret: ' ' });
  });
  afterAll(() => world?.stop());

  it('accepts nothing, not even what is signed with nothing', async () => {
    const body = JSON.stringify(world.newVisitor().frame(['forged']));
    expect(await world.post(body)).toBe(403);
    expect(await world.post(body, { Authorization: 'Bearer ' })).toBe(403);
    expect(await world.post(body, pushHeaders(body, ''))).toBe(403);
  });

  it('is not published again, and n8n says why', async () => {
    await world.rest.unpublish(world.workflow.id);
    await expect(world.rest.publish(world.workflow.id)).rejects.toThrow(/Secret/);
  });
});
