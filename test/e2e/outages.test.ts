import { demo } from '../../simulators';
import { eventually } from '../support/eventually';
import { createWorld, type World } from '../support/world';

describe('a stream that is refused', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ credentials: { autoplayConnectorApi: { token: 'wrong' } } });
  });
  afterAll(() => world?.stop());

  it('shows as one failed execution, and comes back when the token is mended in n8n', async () => {
    await eventually(async () => (await world.executions(['error'])).length === 1);
    const [failed] = await world.executions(['error']);
    const { data } = await world.rest.execution(failed!.id);
    expect(data.resultData.error?.message).toMatch(/token/i);

    const attempts = world.connector.requests().length;
    await eventually(() => world.connector.requests().length > attempts);
    await world.rest.upsertCredential('autoplayConnectorApi', 'autoplayConnectorApi', {
      streamUrl: world.urls.stream,
      token: demo.connectorToken,
    });
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    const visitor = await world.linkedVisitor();
    expect(visitor.told()).toEqual([['came']]);
    // Once for all attempts that were refused.
    expect(await world.executions(['error'])).toHaveLength(1);
  });
});

describe('a webhook without a client secret in the credential', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
    // Without one it could not be published.
    await world.rest.upsertCredential('intercomConversationApi', 'intercomConversationApi', {
      ...world.fieldsOf('intercomConversationApi'),
      clientSecret: '',
    });
  });
  afterAll(() => world?.stop());

  it('is refused whatever it is signed with', async () => {
    const visitor = world.newVisitor();
    visitor.write();
    await world.intercom.webhooks.settled();
    expect(world.intercom.webhooks.deliveries.map(({ status }) => status)).toEqual([403]);
    // What is accepted starts at once; what comes of somebody's activity comes behind it.
    await eventually(world.someoneListens);
    await visitor.acted('came');
    await world.idle();
    const modes = (await world.executions()).map(({ mode }) => mode);
    expect(modes).not.toContain('webhook');
  });

  it('is not published again, and n8n says why', async () => {
    await world.rest.unpublish(world.workflow.id);
    await expect(world.rest.publish(world.workflow.id)).rejects.toThrow('has no Client Secret');
  });
});

describe('a wrong token for Intercom', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      credentials: { intercomConversationApi: { accessToken: 'wrong' } },
    });
  });
  afterAll(() => world?.stop());

  const token = (accessToken: string) =>
    world.rest.upsertCredential('intercomConversationApi', 'intercomConversationApi', {
      accessToken,
      region: 'custom',
      baseUrl: world.urls.intercom,
      clientSecret: demo.intercomClientSecret,
    });
  /** The failed executions, and how many executions left work though they succeeded. */
  const failures = async () => {
    const all = await world.executions(['error', 'success']);
    const read = await Promise.all(all.map(({ id }) => world.rest.execution(id)));
    const left = read.filter(
      ({ status, data }) => status === 'success' && data.resultData.metadata?.autoplay_failed,
    );
    return { shown: read.filter(({ status }) => status === 'error'), quiet: left.length };
  };

  it('shows as one failed execution of the step, until it is mended; nothing is lost', async () => {
    const visitors = [world.newVisitor(), world.newVisitor(), world.newVisitor()];
    visitors.forEach((visitor) => visitor.write());
    await world.intercom.webhooks.settled();
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    visitors.forEach((visitor) => visitor.act('one', 'two'));
    await eventually(async () => (await failures()).quiet >= 3);
    const { shown } = await failures();
    expect(shown).toHaveLength(1);
    const { error, lastNodeExecuted } = shown[0]!.data.resultData;
    expect([lastNodeExecuted, error?.message]).toEqual([
      'Deliver Activity',
      expect.stringContaining('Intercom refused'),
    ]);
    expect(error?.description).toContain('Check Access Token and Region');

    await token(demo.intercomToken);
    // By itself, without any new activity.
    await eventually(() => visitors.every((visitor) => visitor.told().length === 1));
    expect(visitors.map((visitor) => visitor.told())).toEqual(visitors.map(() => [['one', 'two']]));

    await token('wrong again');
    visitors[0]!.act('three');
    await eventually(async () => (await failures()).shown.length === 2);
    await token(demo.intercomToken);
    await eventually(() => visitors[0]!.told().flat().includes('three'));
    expect((await failures()).shown).toHaveLength(2);
  });
});

describe('a stream that is interrupted', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      change: ({ nodes }) => {
        const stream = nodes.find(({ name }) => name === 'Autoplay Stream');
        // A little longer than the heartbeats' interval.
        Object.assign(stream?.parameters ?? {}, { options: { silenceBeforeReconnecting: 35 } });
      },
    });
  });
  afterAll(() => world?.stop());

  const listening = () => world.connector.stats(demo.productId).subscribers > 0;

  it('comes back by itself after a break and after an outage', async () => {
    const visitor = await world.linkedVisitor();
    let asked = world.connector.requests().length;
    world.connector.dropConnections();
    await eventually(() => world.connector.requests().length > asked && listening());
    visitor.act('after the break');
    await eventually(() => visitor.told().length === 2);

    world.connector.behave({ mode: 'status', status: 503 });
    world.connector.dropConnections();
    asked = world.connector.requests().length;
    await eventually(() => world.connector.requests().length > asked + 1);
    world.connector.behave({ mode: 'normal' });
    await eventually(listening);
    visitor.act('after the outage');
    await eventually(() => visitor.told().length === 3);
  });

  it('is found out when it stands open and brings nothing any more', async () => {
    const visitor = await world.linkedVisitor();
    world.connector.behave({ mode: 'silent' });
    const asked = world.connector.requests().length;
    world.connector.behave({ mode: 'normal' });
    await eventually(() => world.connector.requests().length > asked);
    await eventually(listening);
    visitor.act('heard again');
    await eventually(() => visitor.told().length === 2);
  });
});
