import { createHmac, randomUUID } from 'node:crypto';
import { admins, demo } from '../../simulators';
import { outputOf } from '../../tools/n8n';
import { eventually } from '../support/eventually';
import { createFrames } from '../support/stage';
import { createWorld, THRESHOLD, type World } from '../support/world';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.stop());
afterEach(() => {
  world.intercom.faults.clear();
  world.model.behave({ mode: 'normal' });
  world.connector.behave({ mode: 'normal' });
});

const REPLY = { method: 'POST', path: /reply$/ };
const REDACT = { method: 'POST', path: /redact$/ };
const numbered = (count: number, name = 'action') =>
  Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);

describe('a linked session', () => {
  it('sees its action as a note, in Autoplay’s format, markup as text', async () => {
    const visitor = await world.linkedVisitor();
    const start = Math.floor(Date.now() / 1_000) - 5;
    const shown = new Date(start * 1_000).toISOString().slice(0, 19).replace('T', ' ');
    visitor.act({ description: 'User clicked <b>Sign & go</b>', timestamp_start: start });
    await eventually(() => visitor.notes().length === 2);
    const [, note] = visitor.notes();
    expect(note?.body).toContain('[1] User clicked &lt;b&gt;Sign &amp; go&lt;/b&gt;');
    expect(note?.text).toBe(
      `session_id: ${visitor.sessionId}\ntimestamp: ${shown} UTC\n\n[1] User clicked <b>Sign & go</b>`,
    );
    expect(world.intercom.journal.violations).toEqual([]);
  });

  it('gets a burst as one note', async () => {
    const visitor = await world.linkedVisitor();
    numbered(5).forEach((description) => visitor.act(description));
    await eventually(() => visitor.told().length === 2);
    expect(visitor.told()[1]).toEqual(numbered(5));
  });
});

describe('linking', () => {
  it('posts nothing before, then the last 120 s as one note with bins, once', async () => {
    const visitor = world.newVisitor();
    const at = (seconds: number) => ({
      timestamp_start: Math.floor(Date.now() / 3_000) * 3 + seconds,
    });
    const started = await world.started('Autoplay Stream');
    visitor.act({ description: 'too old', ...at(-150) }, { description: 'first', ...at(-60) });
    visitor.act({ description: 'second', ...at(-59) }, { description: 'third', ...at(-30) });
    const leftBy = async (output: number) =>
      (await started())
        .flatMap((execution) => outputOf(execution, 'Deliver Activity', output))
        .filter(({ session_id }) => session_id === visitor.sessionId);
    const count = (items: Array<{ count?: number }>) =>
      items.reduce((sum, item) => sum + Number(item.count), 0);
    // Nobody pays a model for visitors who never chat: they leave by the other output.
    await eventually(async () => count(await leftBy(1)) === 4);
    expect(await leftBy(0)).toEqual([]);
    const posted = world.intercom.journal.mutations.filter(({ kind }) => kind === 'note');
    expect(posted.filter(({ body }) => body.includes(visitor.sessionId))).toEqual([]);
    visitor.write();
    await eventually(() => visitor.notes().length === 1);
    expect(visitor.notes()[0]?.text.split('\n').slice(3)).toEqual([
      '[1] first',
      '[2] second',
      '',
      '[3] third',
    ]);
    const heard = await world.started('When a Visitor Writes');
    world.intercom.visitorReplies(visitor.conversationId, 'Hello?');
    await eventually(async () => (await heard()).length === 1);
    expect(visitor.notes()).toHaveLength(1);
  });

  it('works by email where the contact has no external id', async () => {
    const visitor = world.newVisitor();
    await visitor.acted('came');
    const { email } = visitor;
    const { id } = world.intercom.visitorStarts({ email: email.toUpperCase(), text: 'Hi' });
    await eventually(() => visitor.told(id).length === 1);
  });

  it('works when the webhook comes before the first action', async () => {
    const visitor = world.newVisitor();
    const heard = await world.started('When a Visitor Writes');
    visitor.write();
    await eventually(async () => (await heard()).length === 1);
    visitor.act('came later');
    await eventually(() => visitor.told().length === 1);
    expect(visitor.told()).toEqual([['came later']]);
  });

  it('stays with the first conversation when the same visitor opens a second', async () => {
    const visitor = await world.linkedVisitor();
    const second = visitor.write('Something else');
    await world.intercom.webhooks.settled();
    visitor.act('went on');
    await eventually(() => visitor.told().length === 2);
    expect(visitor.told(second)).toEqual([]);
  });
});

describe('nobody else’s activity reaches a conversation:', () => {
  const notesOf = (conversation: string) => world.newVisitor().told(conversation).flat();

  it('not that of the teammate who began it, though they use the product as well', async () => {
    const { email } = admins.at(-1)!;
    const teammate = createFrames({ sessionId: 'of-a-teammate', id: 'teammate-1', email });
    const visitor = world.newVisitor();
    await eventually(world.someoneListens);
    world.connector.send(demo.productId, teammate(['Teammate opened the admin page']));
    await visitor.acted('User opened pricing');
    const unknown = world.intercom.teamStarts({ role: 'lead', as: 'teammate', text: 'Hello' });
    world.intercom.visitorReplies(unknown.id, 'Who is it?');
    const known = world.intercom.teamStarts({
      external_id: visitor.id,
      as: 'campaign',
      text: 'Need a hand?',
    });
    world.intercom.visitorReplies(known.id, 'Yes');
    await eventually(() => notesOf(known.id).length === 1);
    world.connector.send(demo.productId, teammate(['Teammate looked up a customer']));
    await visitor.acted('User clicked Buy');
    await eventually(() => notesOf(known.id).length === 2);
    await world.idle();
    expect(notesOf(known.id)).toEqual(['User opened pricing', 'User clicked Buy']);
    expect(notesOf(unknown.id)).toEqual([]);
  });

  it('not that of who signs in next in the same browser session', async () => {
    const first = await world.linkedVisitor();
    const second = { id: `${first.id}-colleague`, email: 'colleague@example.com' };
    const frame = createFrames({ sessionId: first.sessionId, ...second });
    world.connector.send(demo.productId, frame(['Colleague opened the payroll']));
    const { id } = world.intercom.visitorStarts({
      external_id: second.id,
      email: second.email,
      text: 'Hi',
    });
    await eventually(() => notesOf(id).length > 0);
    await world.idle();
    expect(notesOf(id).join()).toContain('Colleague opened the payroll');
    expect(notesOf(id).join()).not.toContain('came');
    expect(first.told()).toEqual([['came']]);
  });
});

describe('summaries', () => {
  it('take the place of the notes they cover, and roll', async () => {
    const visitor = await world.linkedVisitor();
    visitor.act(...numbered(THRESHOLD - 2));
    await eventually(() => visitor.told().length === 2);
    visitor.act('the twentieth');
    await visitor.summedUp();
    const [first] = visitor.summaries();
    const order = world.intercom.journal.mutations.filter(
      ({ conversationId }) => conversationId === visitor.conversationId,
    );
    const kinds = order.map(({ kind }) => kind).filter((kind) => kind !== 'conversation');
    expect(kinds).toEqual(['note', 'note', 'note', 'note', 'redact']);
    expect(visitor.told()).toEqual([numbered(THRESHOLD - 2), ['the twentieth']]);

    visitor.act(...numbered(THRESHOLD, 'later'));
    await eventually(() => visitor.told().length === 1 && visitor.summaries()[0] !== first);
    expect(visitor.summaries()).toHaveLength(1);
    expect(visitor.told()).toEqual([numbered(THRESHOLD, 'later')]);
    const prompt = world.model.requests.at(-1)?.prompt.messages.at(-1)?.text ?? '';
    expect(prompt).toContain(first?.slice(0, 60));
    expect(prompt).toContain('later 20');
    expect(prompt).not.toContain('action 1 ');
  });

  it('leave a note alone that has a newer action', async () => {
    const visitor = await world.linkedVisitor();
    world.model.setLatency(1_500);
    const asked = world.model.requests.length;
    visitor.act(...numbered(THRESHOLD));
    await eventually(() => world.model.requests.length > asked);
    visitor.act('while the model thought');
    await eventually(() => visitor.summaries().length === 1);
    world.model.setLatency(0);
    await eventually(() => visitor.told().length === 2);
    await world.idle();
    expect(visitor.told()).toEqual([numbered(THRESHOLD), ['while the model thought']]);
  });

  it('come at once to a long visit that is linked late', async () => {
    const visitor = world.newVisitor();
    await visitor.acted(...numbered(THRESHOLD + 5));
    visitor.write();
    await visitor.summedUp();
  });
});

describe('nothing is lost, posted twice or out of order when', () => {
  const faults = [
    ['Intercom says 429', { kind: 'status', status: 429, retryAfter: 1 }, 2],
    ['Intercom answers 500', { kind: 'status', status: 500 }, 2],
    ['Intercom fails for a while', { kind: 'status', status: 503 }, 8],
    ['the connection breaks before Intercom posts', { kind: 'reset-before' }, 2],
    ['the connection breaks after Intercom posted', { kind: 'reset-after' }, 1],
    ['Intercom answers 500 after it posted', { kind: '500-after' }, 1],
  ] as const;

  it.each(faults)('%s', async (_, effect, times) => {
    const visitor = await world.linkedVisitor();
    world.intercom.faults.add({ match: REPLY, times, effect });
    await visitor.acted('one', 'two');
    visitor.act('three');
    await eventually(() => visitor.everTold().flat().length >= 4);
    await world.idle();
    expect(visitor.everTold().flat()).toEqual(['came', 'one', 'two', 'three']);
  });

  it('Intercom fails when the visitor writes and does nothing more', async () => {
    const visitor = world.newVisitor();
    await visitor.acted('the last thing');
    world.intercom.faults.add({ match: REPLY, times: 5, effect: { kind: 'status', status: 503 } });
    visitor.write();
    await eventually(() => visitor.told().length === 1);
    expect(visitor.everTold()).toEqual([['the last thing']]);
  });

  it.each([
    ['fails', { mode: 'status', status: 500, times: 3 }],
    ['answers nothing', { mode: 'empty', times: 3 }],
    ['answers what is no JSON', { mode: 'malformed', times: 3 }],
  ] as const)('the model %s', async (_, behaviour) => {
    const visitor = await world.linkedVisitor();
    world.model.behave(behaviour);
    visitor.act(...numbered(THRESHOLD));
    await eventually(() => visitor.told().flat().length === THRESHOLD + 1);
    // By itself, without any new activity.
    await visitor.summedUp();
    expect(visitor.everTold().flat()).toEqual(['came', ...numbered(THRESHOLD)]);
  });

  it('the summary cannot be posted: nothing is redacted until it is', async () => {
    const visitor = await world.linkedVisitor();
    world.intercom.faults.add({
      match: ({ path, body }) =>
        /reply$/.test(path) && !String((body as { body?: unknown }).body).includes('[1]'),
      times: 3,
      effect: { kind: 'status', status: 500 },
    });
    visitor.act(...numbered(THRESHOLD));
    await eventually(() => visitor.told().flat().length === THRESHOLD + 1);
    await visitor.summedUp();
    const kinds = world.intercom.journal.mutations
      .filter(({ conversationId }) => conversationId === visitor.conversationId)
      .map(({ kind }) => kind);
    expect(kinds.lastIndexOf('note')).toBeLessThan(kinds.indexOf('redact'));
  });

  it('a redaction fails: it is tried again by itself', async () => {
    const visitor = await world.linkedVisitor();
    world.intercom.faults.add({ match: REDACT, times: 4, effect: { kind: 'status', status: 500 } });
    visitor.act(...numbered(THRESHOLD));
    await visitor.summedUp();
  });

  it('the stream drops', async () => {
    const visitor = await world.linkedVisitor();
    const connections = world.connector.requests().length;
    world.connector.dropConnections();
    await eventually(() => world.connector.requests().length > connections);
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    visitor.act('after the drop');
    await eventually(() => visitor.told().length === 2);
  });
});

describe('what is broken in the stream', () => {
  it('is survived', async () => {
    const visitor = await world.linkedVisitor();
    const send = (frame: unknown) => world.connector.send(demo.productId, frame);
    world.connector.sendRaw(demo.productId, 'data: {broken\n\n');
    [null, [], [1], 'text', 7, { type: 'unheard_of' }, { type: 'actions' }].forEach(send);
    send({ type: 'actions', session_id: visitor.sessionId, actions: 'none' });
    send({ ...visitor.frame([]), actions: [null, 7, [], {}, { description: 'bare' }] });
    visitor.act('whole');
    await eventually(() => visitor.told().flat().includes('whole'));
    expect(visitor.told().flat()).toEqual(['came', 'bare', 'whole']);
  });
});

describe('webhooks', () => {
  const notification = (id: string) =>
    JSON.stringify({ id, topic: 'conversation.user.created', data: { item: { id: '1' } } });
  const body = notification('notif_x');
  const sign = (algorithm: string, text = body, secret: string = demo.intercomClientSecret) =>
    `${algorithm}=${createHmac(algorithm, secret).update(text).digest('hex')}`;
  const post = async (headers: Record<string, string>, text = body) =>
    (
      await fetch(world.webhookUrl, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: text,
      })
    ).status;
  /** Which notifications start an execution from now on. Asked, it sends one more, which comes behind all others. */
  const hear = async () => {
    const started = await world.started('When a Visitor Writes');
    const heard = async () =>
      (await started())
        .flatMap((execution) => outputOf(execution, 'When a Visitor Writes'))
        .map((item) => String(item.notification_id));
    return async () => {
      const last = `notif_${randomUUID()}`;
      const text = notification(last);
      expect(await post({ 'X-Hub-Signature': sign('sha1', text) }, text)).toBe(200);
      await eventually(async () => (await heard()).includes(last));
      return (await heard()).filter((id) => id !== last);
    };
  };

  it.each([
    ['without a signature', {}],
    ['with a wrong one', { 'X-Hub-Signature': sign('sha1', body, 'wrong') }],
    ['with one that is no hex', { 'X-Hub-Signature-256': 'sha256=%%%' }],
    [
      'with a wrong one beside a right one',
      { 'X-Hub-Signature': sign('sha1'), 'X-Hub-Signature-256': sign('sha256', body, 'x') },
    ],
  ])('are refused %s and start nothing', async (_, headers) => {
    const heard = await hear();
    expect(await post(headers as Record<string, string>)).toBe(403);
    expect(await heard()).toEqual([]);
  });

  it('are accepted with either header over the raw body, and once each', async () => {
    const heard = await hear();
    expect(await post({ 'X-Hub-Signature': sign('sha1') })).toBe(200);
    expect(await post({ 'X-Hub-Signature-256': sign('sha256') })).toBe(200);
    expect(await heard()).toEqual(['notif_x']);
  });

  it('answer pings and HEAD and start nothing', async () => {
    const heard = await hear();
    const pings = await world.intercom.webhooks.ping();
    expect(pings.map(({ status }) => status)).toEqual([200]);
    expect(await world.intercom.webhooks.head()).toEqual([200]);
    expect(await heard()).toEqual([]);
  });
});
