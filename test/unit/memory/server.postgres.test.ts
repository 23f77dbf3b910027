import { StorageError } from '../../../core/memory/errors';
import type { SessionMemory } from '../../../core/memory/types';
import { AutoplaySessionMemory } from '../../../nodes/AutoplaySessionMemory/AutoplaySessionMemory.node';
import { freePort } from '../../../tools/n8n/ports';
import {
  startPostgres,
  type DatabaseAddress,
  type TestPostgres,
} from '../../../tools/servers/postgres';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, range } from '../../support/memory';
import { newDatabase, openServerMemory, query, serverAddress } from '../../support/postgres';

const everything = { windowMs: DAY_MS, maxActions: 100_000 };
const open = async (address: DatabaseAddress) =>
  await openServerMemory(address, { clock: createFakeClock() });
const failureOf = async (work: Promise<unknown>): Promise<StorageError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StorageError);
  return error as StorageError;
};

describe('a server that is restarted', () => {
  let server: TestPostgres;
  let memory: SessionMemory;
  const act = (said: string) => memory.remember('m', [batch('s', [action(said)])], DAY_MS);
  const told = async () =>
    (await memory.recall('m', { session_id: 's', ...everything }))?.actions.map(
      ({ description }) => description,
    );
  beforeAll(async () => {
    server = await startPostgres();
    memory = await open(server.address);
  });
  afterAll(async () => {
    await memory.close();
    await server.stop();
  });

  it('is reported with advice while it is away, and used again by itself', async () => {
    await act('before');
    await server.restart(async () => {
      const error = await failureOf(act('meanwhile'));
      expect(error.message).toMatch(
        `The session memory's PostgreSQL at 127.0.0.1:${server.address.port} cannot be reached`,
      );
      expect(error.advice).toMatch(/Host and Port.*Nothing that is remembered is lost/);
      await failureOf(open(server.address));
    });
    await act('after');
    expect(await told()).toEqual(['before', 'after']);
  });

  it('costs only the calls that were under way', async () => {
    let stored = 0;
    let going = true;
    const working = range(8).map(async (i) => {
      for (let n = 0; going; n++) {
        const batches = range(5).map((k) => batch(`${i} ${k}`, [action(`${n}`)]));
        await memory.remember('busy', batches, DAY_MS).then(
          () => void (stored += 5),
          (error: unknown) => expect(error).toBeInstanceOf(StorageError),
        );
      }
    });
    while (stored < 100) await new Promise((resolve) => setImmediate(resolve));
    await server.restart();
    const atRestart = stored;
    while (stored < atRestart + 100) await new Promise((resolve) => setImmediate(resolve));
    going = false;
    await Promise.all(working);
    const [{ n } = {}] = await query(
      server.address,
      `select count(*)::int as n from autoplay_action a
        join autoplay_session s on s.id = a.session where memory = 'busy'`,
    );
    // What was stored when the answer got lost is there, too: eight calls at most.
    expect(Number(n)).toBeGreaterThanOrEqual(stored);
    expect(Number(n)).toBeLessThanOrEqual(stored + 8 * 5);
  });

  it('may cut any connection, even one that is in use', async () => {
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'n8n-nodes-autoplay'`;
    const results = await Promise.allSettled([
      ...range(20).map((i) => memory.remember('cut', [batch(`${i}`, [action('x')])], DAY_MS)),
      query(server.address, cut),
    ]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StorageError);
    }
    await act('after the cut');
    expect(await told()).toContain('after the cut');
  });
});

describe('a credential', () => {
  const test = new AutoplaySessionMemory().methods.credentialTest.autoplayMemoryTest;
  const run = async (fields: object = {}) => {
    const data = { storage: 'postgres', ...serverAddress(), ...fields };
    return await test.call({ helpers: {} } as never, { data } as never);
  };

  it('that is right connects, and leaves no trace', async () => {
    const address = await newDatabase();
    expect(await run(address)).toEqual({ status: 'OK', message: 'The memory can be used' });
    const tables = "select 1 from pg_tables where tablename like 'autoplay%'";
    expect(await query(address, tables)).toEqual([]);
  });

  it.each<[string, object | (() => Promise<object>), RegExp]>([
    ['password', { password: 'wrong' }, /refuses the password of the user "postgres".*Correct/],
    ['user', { user: 'nobody' }, /refuses the password of the user "nobody"/],
    ['database', { database: 'none' }, /has no database "none"\. Create it/],
    [
      'host',
      { host: 'no-such-host.invalid' },
      /no-such-host\.invalid.*Correct Host|cannot be reached/,
    ],
    [
      'port',
      async () => ({ port: await freePort() }),
      /cannot be reached \(ECONNREFUSED\)\. Check/,
    ],
    ['choice of SSL', { ssl: true }, /offers no SSL\. Switch SSL off/],
  ])('with a wrong %s says what is wrong and what to do', async (_, fields, said) => {
    const result = await run(typeof fields === 'function' ? await fields() : fields);
    expect(result.status).toBe('Error');
    expect(result.message).toMatch(said);
  });

  it('of a user who may not make tables is refused with advice, and accepted once that is granted', async () => {
    const address = await newDatabase();
    await query(address, "create role guest login password 'guest'");
    const guest = { ...address, user: 'guest', password: 'guest' };
    expect((await run(guest)).message).toMatch(/GRANT CREATE, USAGE ON SCHEMA public TO "guest"/);
    expect((await failureOf(open(guest))).message).toMatch(/does not allow the user "guest"/);
    await query(address, 'grant create, usage on schema public to guest');
    expect((await run(guest)).status).toBe('OK');
    await (await open(guest)).close();
  });
});

describe('one call', () => {
  let address: DatabaseAddress;
  let memory: SessionMemory;
  beforeAll(async () => {
    address = await newDatabase();
    memory = await open(address);
  });
  afterAll(() => memory.close());

  it('may bring more than a statement can hold', async () => {
    const batches = range(5_000).map((i) =>
      batch(
        `s${i}`,
        range(4).map((n) => action(`${i} ${n}`)),
        { user_id: `u${i}` },
      ),
    );
    const remembered = await memory.remember('m', batches, DAY_MS);
    expect(remembered.every(({ added }) => added === 4)).toBe(true);
    const again = await memory.remember('m', batches, DAY_MS);
    expect(again.every(({ added }) => added === 0)).toBe(true);
    const told = await memory.recall('m', { user_id: 'u4999', ...everything });
    expect(told?.actions).toHaveLength(4);
  });

  it('of 200 sessions takes few statements', async () => {
    const sessions = (said: string) =>
      range(200).map((i) =>
        batch(
          `few ${i}`,
          range(5).map(() => action(said)),
        ),
      );
    await memory.remember('m', sessions('first'), DAY_MS);
    const { Client } = jest.requireActual<typeof import('pg')>('pg');
    const sent = jest.spyOn(Client.prototype, 'query');
    const again = sessions('again');
    await memory.remember('m', again, DAY_MS);
    const statements = sent.mock.calls.length;
    // What is known already is found out first.
    const repeated = await memory.remember('m', again, DAY_MS);
    const more = sent.mock.calls.length - statements;
    sent.mockRestore();
    expect(repeated.reduce((sum, { added }) => sum + added, 0)).toBe(0);
    expect(statements).toBeGreaterThan(4);
    expect(statements).toBeLessThanOrEqual(10);
    expect(more).toBeLessThanOrEqual(15);
  });

  it('keeps numbers as numbers, and texts without what they cannot hold', async () => {
    const before = createFakeClock().now();
    await memory.remember('m', [batch('n', [action('a\0b')], { user_id: 'u\0n' })], DAY_MS);
    const told = await memory.recall('m', { user_id: 'u\0n', ...everything });
    expect(told).toMatchObject({ last_seen_at: before, session: { user_id: 'un' } });
    expect(told?.actions.map(({ description }) => description)).toEqual(['a\0b']);
  });
});
