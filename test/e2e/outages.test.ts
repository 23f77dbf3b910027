import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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
    await world.rest.upsertCredential('autoplayConnectorApi', 'autoplayConnectorApi', {
      streamUrl: world.urls.stream,
      token: demo.connectorToken,
    });
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0, 60);
    const visitor = await world.linkedVisitor();
    expect(visitor.told()).toEqual([['came']]);
    // Once for all attempts that were refused.
    expect(await world.executions(['error'])).toHaveLength(1);
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
    // What is accepted starts at once; what comes of somebody's activity comes behind it.
    await eventually(world.someoneListens);
    await visitor.acted('came');
    await world.idle();
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
  }, 900_000);
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
    await eventually(() => world.connector.requests().length > asked, 80);
    await eventually(listening);
    visitor.act('heard again');
    await eventually(() => visitor.told().length === 2);
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
    const conversations = [landed, lost].map(({ conversationId }) => conversationId);
    // No answer was sent to either.
    const hanging = () =>
      world.intercom.journal.requests.filter(
        ({ path, status }) => status === 0 && conversations.some((id) => path.includes(id)),
      );
    await eventually(() => hanging().length === 2);
    await world.restart({ kill: true });
    await eventually(() => world.connector.stats(demo.productId).subscribers > 0);
    // By itself: neither visitor does anything more.
    await eventually(() => lost.everTold().flat().length === 2, 90);
    await world.idle();
    expect([landed.everTold().flat(), lost.everTold().flat()]).toEqual([
      ['came', 'one'],
      ['came', 'one'],
    ]);
  });
});

describe('the memory’s file', () => {
  let world: World;
  let file: string;
  beforeAll(async () => {
    world = await createWorld();
    file = join(world.userFolder, '.n8n/autoplay/memory.sqlite');
  }, 900_000);
  afterAll(() => world?.stop());

  const failures = async () => {
    const failed = await world.executions(['error']);
    const all = await Promise.all(failed.map(({ id }) => world.rest.execution(id)));
    return all.map(({ data }) => String(data.resultData.error?.message));
  };

  it('locked by another process keeps what visitors do waiting, and n8n answering', async () => {
    const visitor = await world.linkedVisitor();
    const other = new DatabaseSync(file, { timeout: 10_000 });
    other.exec('begin immediate');
    try {
      visitor.act('meanwhile');
      await eventually(async () => (await failures()).some((said) => /is locked/.test(said)));
      const answer = await fetch(`${world.n8n.url}/healthz`, {
        signal: AbortSignal.timeout(5_000),
      });
      expect(answer.ok).toBe(true);
      expect(visitor.told()).toEqual([['came']]);
    } finally {
      other.exec('commit');
      other.close();
    }
    // By itself: nobody does anything more.
    await eventually(() => visitor.told().length === 2);
    expect(visitor.told()).toEqual([['came'], ['meanwhile']]);
  });

  it('damaged while n8n runs is set aside for a new one, visibly, and work goes on', async () => {
    const before = await world.linkedVisitor();
    writeFileSync(`${file}.garbage`, 'This is no database.\n'.repeat(500));
    for (const part of ['-wal', '-shm']) rmSync(file + part, { force: true });
    renameSync(`${file}.garbage`, file);
    const after = await world.linkedVisitor();
    after.act('in the new one');
    await eventually(() => after.told().length === 2);
    expect(readdirSync(dirname(file)).filter((name) => /corrupt/.test(name))).toHaveLength(1);
    expect(existsSync(file)).toBe(true);
    await eventually(async () => (await failures()).some((said) => /was damaged/.test(said)));
    // Whoever was known before is linked anew when they write again.
    before.act('again');
    before.write('Hello again');
    await eventually(() => before.everTold().flat().includes('again'));
    expect(before.everTold().flat()).toEqual(['came', 'again']);
  });
});
