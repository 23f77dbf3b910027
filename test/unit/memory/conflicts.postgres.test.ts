import type { Clock } from '../../../core/clock';
import { StorageError } from '../../../core/memory/errors';
import type { SessionMemory } from '../../../core/memory/types';
import type { DatabaseAddress } from '../../../tools/servers/postgres';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, range } from '../../support/memory';
import { newDatabase, openServerMemory, query } from '../../support/postgres';
import { startTcpProxy, type TcpProxy } from '../../support/tcpProxy';

// Calls that get in each other's way on a server.

const clock = createFakeClock();

let address: DatabaseAddress;
let memory: SessionMemory;
/** The pauses that were made between attempts, in milliseconds; they take no time. */
let pauses: number[];
const atOnce: Clock = {
  now: () => pauses.reduce((sum, ms) => sum + ms, 0),
  after(ms, callback) {
    pauses.push(ms);
    setImmediate(callback);
    return () => {};
  },
};

const open = async (port = address.port, random = () => 0.5) =>
  await openServerMemory({ ...address, port }, { clock, retries: { clock: atOnce, random } });

beforeEach(async () => {
  pauses = [];
  address = await newDatabase();
  memory = await open();
});
afterEach(() => memory.close());

const act = async (session = 's') =>
  await memory.remember('m', [batch(session, [action('x')])], DAY_MS);

/** The next so many attempts to store an action end with this error of the server's. */
async function fail(code: string, times: number): Promise<void> {
  await query(
    address,
    `create sequence attempts;
    create function fail() returns trigger language plpgsql as $$ begin
      if nextval('attempts') <= ${times} then
        raise exception 'so it is' using errcode = '${code}';
      end if;
      return new;
    end $$;
    create trigger fail before insert on autoplay_action execute function fail();`,
  );
}

const attempts = async () =>
  Number((await query(address, 'select last_value from attempts'))[0]?.last_value);

describe('an error that passes', () => {
  it.each([
    ['serialization_failure', '40001'],
    ['deadlock_detected', '40P01'],
    ['lock_not_available', '55P03'],
    ['query_canceled', '57014'],
    ['idle_in_transaction_session_timeout', '25P03'],
    ['transaction_timeout', '25P04'],
    ['read_only_sql_transaction', '25006'],
    ['admin_shutdown', '57P01'],
    ['crash_shutdown', '57P02'],
    ['connection_failure', '08006'],
    ['too_many_connections', '53300'],
  ])('(%s) is tried again', async (_, code) => {
    await fail(code, 3);
    expect(await act()).toMatchObject([{ added: 1 }]);
    expect(await attempts()).toBe(4);
  });

  it('is tried again after growing pauses with jitter', async () => {
    await fail('40P01', 6);
    await act();
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320].map((ms) => ms * 0.75));
    const other = await open(undefined, () => 0);
    pauses = [];
    await query(address, "select setval('attempts', 1, false)");
    await other.remember('m', [batch('t', [action('x')])], DAY_MS);
    expect(pauses.slice(0, 2)).toEqual([5, 10]);
    await other.close();
  });

  it.each([
    ['40P01', /is busy: other transactions kept locking/, /pg_locks/],
    ['55P03', /is busy: other transactions kept locking/, /pg_locks/],
    ['57014', /ended a statement that took too long/, /statement_timeout/],
    ['25P03', /cannot be reached \(25P03\)/, /Nothing that is remembered is lost/],
  ])('and does not (%s) says what to do, and is waited for further', async (code, said, advice) => {
    await fail(code, 1_000);
    const error: unknown = await act().catch((thrown: unknown) => thrown);
    // Activity is kept and brought again after such an error.
    expect(error).toBeInstanceOf(StorageError);
    expect((error as StorageError).message).toMatch(said);
    expect((error as StorageError).advice).toMatch(advice);
    expect(await attempts()).toBe(10);
  });
});

it.each(['22P02', '23514', '42883', '53100', '0A000'])(
  'an error that does not pass (%s) is not tried again',
  async (code) => {
    await fail(code, 1);
    await expect(act()).rejects.toThrow();
    expect([await attempts(), pauses]).toEqual([1, []]);
    expect(await act()).toMatchObject([{ added: 1 }]);
  },
);

it('a call that is blocked for longer than lock_timeout succeeds once the other transaction has ended', async () => {
  await act();
  await query(address, `alter database "${address.database}" set lock_timeout = '20ms'`);
  const impatient = await open();
  const { Client } = jest.requireActual<typeof import('pg')>('pg');
  const holder = new Client(address);
  await holder.connect();
  await holder.query('begin; select id from autoplay_session for update');
  const remembered = impatient.remember('m', [batch('s', [action('y')])], DAY_MS);
  while (pauses.length < 3) await new Promise((resolve) => setImmediate(resolve));
  await holder.query('commit');
  expect(await remembered).toMatchObject([{ added: 1 }]);
  await holder.end();
  await impatient.close();
});

describe('calls over a slow network that want the same sessions in different orders', () => {
  let proxy: TcpProxy;
  let processes: SessionMemory[];
  beforeEach(async () => {
    proxy = await startTcpProxy(address.port);
    processes = await Promise.all(range(4).map(() => open(proxy.port)));
    proxy.delay(5);
  });
  afterEach(async () => {
    await Promise.all(processes.map((one) => one.close()));
    await proxy.close();
  });

  const deadlocks = async () => {
    await query(address, 'select pg_stat_force_next_flush()');
    const [row] = await query(
      address,
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    return Number(row?.deadlocks);
  };
  /** The same in another order for each process. */
  const turned = <T>(all: T[], process: number): T[] => {
    const from = Math.floor((process * all.length) / processes.length);
    const order = [...all.slice(from), ...all.slice(0, from)];
    return process % 2 === 0 ? order : order.reverse();
  };

  it('never deadlock, whether the sessions are new or known', async () => {
    for (const round of range(4)) {
      // Half of them are new, and they are of two products.
      const batches = range(240).map((i) =>
        batch(`${i % 2 ? 'known' : `new ${round}`} ${i}`, [action('x')], {
          product_id: i % 3 === 0 ? 'shop' : 'blog',
        }),
      );
      const added = await Promise.all(
        processes.map(async (one, i) => await one.remember('m', turned(batches, i), DAY_MS)),
      );
      expect(added.flat().reduce((sum, one) => sum + one.added, 0)).toBe(240);
    }
    expect([await deadlocks(), pauses]).toEqual([0, []]);
  });

  it('never deadlock where conversations wait for several of the sessions', async () => {
    for (const round of range(3)) {
      const visitors = range(8).map((i) => `${round} ${i}`);
      for (const user_id of visitors) {
        const request = { chat: 'crisp', conversation_id: `c ${user_id}`, product_id: 'shop' };
        await memory.link('m', { ...request, user_id }, DAY_MS);
      }
      await Promise.all(
        processes.map(async (one, i) => {
          const batches = visitors.map((user_id) =>
            batch(`${i} of ${user_id}`, [action('x')], { user_id }),
          );
          await one.remember('m', turned(batches, i), DAY_MS);
        }),
      );
      const [row] = await query(address, 'select count(*)::int as links from autoplay_link');
      expect(row?.links).toBe((round + 1) * 8);
    }
    expect([await deadlocks(), pauses]).toEqual([0, []]);
  });

  it('never deadlock where a link ends while its session is forgotten', async () => {
    const note = { windowMs: DAY_MS, maxActions: 9, leaseMs: 60_000 };
    for (const round of range(6)) {
      const session_id = `gone ${round}`;
      await memory.remember('m', [batch(session_id, [action('x')])], DAY_MS);
      const conversation = { chat: 'crisp', conversation_id: session_id };
      await memory.link('m', { ...conversation, session_id }, DAY_MS);
      const ref = { memory: 'm', product_id: 'shop', session_id };
      const claimed = granted(await memory.claimNote(ref, 'crisp', note));
      await Promise.all([
        processes[0]!.endLink(claimed.claim),
        processes[1]!.forget({ session_id }),
        processes[2]!.remember('m', [batch(session_id, [action('y')])], DAY_MS),
      ]);
    }
    expect([await deadlocks(), pauses]).toEqual([0, []]);
  });
});

it('a full wake-up of two thousand sessions takes few round trips to the server', async () => {
  await query(
    address,
    `insert into autoplay_session (memory, product_id, session_id, last_seq, last_seen_at, expires_at)
      select 'm', 'shop', 's' || n, 1, ${clock.now()}, ${clock.now() + DAY_MS} from generate_series(1, 2000) n;
    insert into autoplay_link (memory, session, chat, conversation_id, linked_at, due_at, looks)
      select 'm', id, 'crisp', 'c' || session_id, ${clock.now()}, ${clock.now() - 1}, id % 12 from autoplay_session`,
  );
  const { Client } = jest.requireActual<typeof import('pg')>('pg');
  const sent = jest.spyOn(Client.prototype, 'query');
  const all = await memory.unfinished('m', { limit: 10_000, includePaused: true });
  const statements = sent.mock.calls.length;
  sent.mockRestore();
  expect(all).toHaveLength(2_000);
  expect(statements).toBeLessThanOrEqual(9);
});

it('links that are due together are returned at doubling intervals, and then no more', async () => {
  const now = clock.now();
  await query(
    address,
    `insert into autoplay_session (id, memory, product_id, session_id, last_seq, last_seen_at, expires_at)
      select n, 'm', 'shop', 's' || n, 1, ${now}, ${now + DAY_MS} from generate_series(0, 11) n;
    insert into autoplay_link (memory, session, chat, conversation_id, linked_at, due_at, looks)
      select 'm', id, 'crisp', 'c' || session_id, ${now}, ${now - 1}, id from autoplay_session`,
  );
  expect(await memory.unfinished('m', { limit: 100 })).toHaveLength(12);
  const links = await query(
    address,
    `select (due_at - ${now})::float / 60000 as minutes, looks from autoplay_link order by session`,
  );
  expect(links.map(({ minutes }) => minutes)).toEqual([
    ...range(10).map((n) => 2 ** n),
    ...[null, null],
  ]);
  expect(links.map(({ looks }) => looks)).toEqual(range(12).map((n) => n + 1));
});
