import { demo } from '../../simulators';
import { eventually, pause } from '../support/eventually';
import { createWorld, THRESHOLD, type World } from '../support/world';

jest.setTimeout(120_000);

describe('a stream that is refused', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ credentials: { autoplayConnectorApi: { token: 'wrong' } } });
  }, 900_000);
  afterAll(() => world?.stop());

  it('shows as one failed execution, and comes back when the token is mended in n8n', async () => {
    await eventually(async () => (await world.executions(['error'])).length === 1);
    const [failed] = await world.executions(['error']);
    const { data } = await world.rest.execution(failed!.id);
    expect(data.resultData.error?.message).toMatch(/token/i);

    const attempts = world.connector.requests().length;
    await eventually(() => world.connector.requests().length > attempts, 30);
    await pause(500);
    expect(await world.executions(['error'])).toHaveLength(1);

    await world.rest.upsertCredential('autoplayConnectorApi', 'autoplayConnectorApi', {
      streamUrl: world.urls.stream,
      token: demo.connectorToken,
    });
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0, 60);
    const visitor = await world.linkedVisitor();
    expect(visitor.told()).toEqual([['came']]);
  });
});

describe('a webhook without a client secret in the credential', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ credentials: { intercomConversationApi: { clientSecret: '' } } });
  }, 900_000);
  afterAll(() => world?.stop());

  it('is refused whatever it is signed with', async () => {
    const visitor = world.newVisitor();
    visitor.write();
    await world.intercom.webhooks.settled();
    expect(world.intercom.webhooks.deliveries.map(({ status }) => status)).toEqual([403]);
    await pause(500);
    const modes = (await world.executions()).map(({ mode }) => mode);
    expect(modes).not.toContain('webhook');
  });
});

describe('a wrong token for Intercom', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      credentials: { intercomConversationApi: { accessToken: 'wrong' } },
    });
  }, 900_000);
  afterAll(() => world?.stop());

  it('shows as failed executions, and nothing is lost until it is mended', async () => {
    const visitor = world.newVisitor();
    visitor.write();
    await world.intercom.webhooks.settled();
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    visitor.act('one', 'two');
    await eventually(async () => (await world.executions(['error'])).length > 0);
    const [failed] = await world.executions(['error']);
    const { data } = await world.rest.execution(failed!.id);
    expect(data.resultData.error?.message).toMatch(/Intercom refused/);
    await world.rest.upsertCredential('intercomConversationApi', 'intercomConversationApi', {
      accessToken: demo.intercomToken,
      region: 'custom',
      baseUrl: world.urls.intercom,
      clientSecret: demo.intercomClientSecret,
    });
    // By itself, without any new activity.
    await eventually(() => visitor.told().length === 1, 60);
    expect(visitor.told()).toEqual([['one', 'two']]);
  });
});

/** Long enough for a test to act while something waits. */
const QUIET_MS = 1_500;

describe('n8n', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      change({ nodes }) {
        const stream = nodes.find(({ name }) => name === 'Autoplay Stream');
        Object.assign(stream?.parameters ?? {}, { options: { quietPeriod: QUIET_MS } });
      },
    });
  }, 900_000);
  afterAll(() => world?.stop());

  it('goes on with what was remembered after a restart', async () => {
    const visitor = await world.linkedVisitor();
    visitor.act('before the restart');
    await eventually(() => visitor.told().length === 2);
    await world.restart();
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    visitor.act('after the restart');
    await eventually(() => visitor.told().length === 3);
    visitor.act(...Array.from({ length: THRESHOLD - 3 }, (_, i) => `more ${i}`));
    await eventually(() => visitor.summaries().length === 1 && visitor.told().length === 0);
  });

  it('loses nothing that waits when it is stopped', async () => {
    const visitor = await world.linkedVisitor();
    visitor.act('a moment before the stop');
    // Received for certain, and not yet due.
    await pause(QUIET_MS / 2);
    await world.restart();
    // At once, or, when its execution was cut short, once what that had claimed lapses.
    await eventually(() => visitor.told().length === 2, 100);
    expect(visitor.told().flat()).toEqual(['came', 'a moment before the stop']);
  });

  it('killed in the middle of posting, finds out afterwards whether the note landed', async () => {
    const landed = await world.linkedVisitor();
    const lost = await world.linkedVisitor();
    const hang = (id: string, kind: 'hang' | 'hang-after') =>
      world.intercom.faults.add({
        match: ({ path }) => path === `/conversations/${id}/reply`,
        effect: { kind },
      });
    hang(landed.conversationId, 'hang-after');
    hang(lost.conversationId, 'hang');
    landed.act('one');
    lost.act('one');
    await eventually(() => landed.everTold().flat().length === 2);
    await pause(500);
    await world.restart({ kill: true });
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    // By itself: neither visitor does anything more.
    await eventually(() => lost.everTold().flat().length === 2, 90);
    await pause(1_000);
    expect([landed.everTold().flat(), lost.everTold().flat()]).toEqual([
      ['came', 'one'],
      ['came', 'one'],
    ]);
  });
});
