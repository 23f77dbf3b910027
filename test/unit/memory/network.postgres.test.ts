import { StorageError } from '../../../core/memory/errors';
import type { SessionMemory } from '../../../core/memory/types';
import {
  createDatabase,
  startPostgres,
  type DatabaseAddress,
  type TestPostgres,
} from '../../../tools/servers/postgres';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, range, ref } from '../../support/memory';
import { newDatabase, openServerMemory, query } from '../../support/postgres';
import { startTcpProxy, type ProxyFault, type TcpProxy } from '../../support/tcpProxy';

// PostgreSQL on the far side of a network that stalls, breaks, is slow, or leads to another server.

/** Short, so that tests wait little for an answer that never comes. */
const timeouts = { connectMs: 1_000, answerMs: 1_000 };
const clock = createFakeClock();

let address: DatabaseAddress;
let proxy: TcpProxy;
let memory: SessionMemory;

beforeEach(async () => {
  address = await newDatabase();
  proxy = await startTcpProxy(address.port);
  memory = await open();
});
afterEach(async () => {
  await memory.close();
  await proxy.close();
});

const open = async () =>
  await openServerMemory({ ...address, port: proxy.port }, { clock, timeouts });

/** Remembers one action; whether that was reported as stored. */
async function act(session: string, said = session): Promise<boolean> {
  const fields = { user_id: session, conversation_id: `c ${session}` };
  return await memory.remember('m', [batch(session, [action(said)], fields)], DAY_MS).then(
    () => true,
    (error: unknown) => {
      expect(error).toBeInstanceOf(StorageError);
      return false;
    },
  );
}

/** Which sessions have an action, as another connection sees it: what is committed. */
async function committed(where = address): Promise<string[]> {
  const rows = await query(
    where,
    `select session_id from autoplay_session s
      where exists (select 1 from autoplay_action where session = s.id) order by session_id`,
  );
  return rows.map(({ session_id }) => String(session_id));
}

/** Opens as many connections as the memory ever has. */
async function useAllConnections(): Promise<void> {
  proxy.delay(5);
  expect(await Promise.all(range(40).map((i) => act(`warm ${i}`)))).not.toContain(false);
  proxy.delay(0);
}

const faults: ProxyFault[] = ['stall', 'stall-after', 'cut', 'cut-after'];
const moments = ['begin', 'advisory', 'insert into "autoplay_action"', 'commit'];

describe.each(faults)('a network fault of the kind "%s"', (fault) => {
  it.each(moments)(
    'at "%s" leaves nothing uncommitted that was reported as stored',
    async (moment) => {
      proxy.once(moment, fault);
      const stored: string[] = [];
      for (const i of range(6)) if (await act(`s${i}`)) stored.push(`s${i}`);
      // One call may fail; the connection that it failed on does not fail another.
      expect(stored.length).toBeGreaterThanOrEqual(5);
      expect(await committed()).toEqual(expect.arrayContaining(stored));
      // What failed is brought again, as the stream's patience does, and is there once.
      for (const i of range(6)) await act(`s${i}`, 'again');
      expect(await committed()).toEqual(range(6).map((i) => `s${i}`));
    },
  );

  it('at a statement outside of a transaction does not leave its connection behind', async () => {
    await act('s');
    await memory.link('m', { chat: 'crisp', conversation_id: 'c s', session_id: 's' }, DAY_MS);
    const note = { windowMs: DAY_MS, maxActions: 9, leaseMs: 60_000 };
    const claimed = granted(await memory.claimNote(ref('s'), 'crisp', note));
    proxy.once('update "autoplay_link"', fault);
    await memory.extend(claimed.claim, 60_000).catch((error: unknown) => {
      expect(error).toBeInstanceOf(StorageError);
    });
    await memory.extend(claimed.claim, 90_000);
    const [link] = await query(address, 'select lease_until from autoplay_link');
    expect(link?.lease_until).toBe(String(clock.now() + 90_000));
  });

  it('during firstSight leaves exactly one delivery of the event that counts', async () => {
    await act('warm');
    proxy.once('insert into "autoplay_seen"', fault);
    const sight = async () => await memory.firstSight('hooks', 'event').catch(() => 'failed');
    const sights = [await sight(), await sight(), await sight()];
    expect(sights.filter((one) => one === true)).toHaveLength(1);
    expect(sights[2]).toBe(false);
  });

  it('at the end of Forget does not lose the list of notes to redact', async () => {
    await act('gone');
    const conversation = { chat: 'crisp', conversation_id: 'c gone' };
    await memory.link('m', { ...conversation, session_id: 'gone' }, DAY_MS);
    const note = { windowMs: DAY_MS, maxActions: 9, leaseMs: 60_000 };
    const claimed = granted(await memory.claimNote(ref('gone'), 'crisp', note));
    await memory.commitNote(claimed.claim, claimed.note, 'n');
    proxy.once('commit', fault);
    const forget = async () =>
      await memory.forget({ user_id: 'gone' }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(StorageError);
        return undefined;
      });
    const forgotten = (await forget()) ?? (await forget());
    expect(forgotten).toMatchObject({ sessions: 1, notes: [{ ...conversation, note_id: 'n' }] });
    expect(await committed()).toEqual([]);
  });
});

it('a memory that is up to date is opened without a statement that waits for as long as a migration', async () => {
  await act('s');
  // A process starts while the server is away: each statement that a migration begins with would get no answer.
  proxy.each((packet) =>
    /pg_advisory|insert into "autoplay_migration/i.test(packet) ? 'stall' : undefined,
  );
  const other = await open();
  await expect(other.memories()).resolves.toMatchObject([{ name: 'm' }]);
  await other.close();
});

describe('a failover to another server', () => {
  let second: TestPostgres;
  beforeAll(async () => {
    second = await startPostgres();
  });
  afterAll(() => second.stop());

  it('fails only calls that were under way, although the old connections never end', async () => {
    await useAllConnections();
    await query(second.address, `alter role postgres password '${address.password}'`);
    const { host, port } = second.address;
    const successor = await createDatabase(
      { ...second.address, password: address.password },
      address.database,
    );
    await (await openServerMemory(successor, { clock })).close();
    expect(host).toBe(address.host);

    proxy.stallAll();
    proxy.leadTo(port);
    await Promise.all(range(3).map((i) => act(`under way ${i}`)));
    const after = range(30).map((i) => `after ${i}`);
    expect(await Promise.all(after.map((session) => act(session)))).not.toContain(false);
    expect(await committed(successor)).toEqual(expect.arrayContaining(after));
    expect(await committed()).not.toEqual(expect.arrayContaining(after.slice(0, 1)));
  });

  it('abandons connections to a server that only allows reading', async () => {
    await useAllConnections();
    const only = (how: string) =>
      query(
        { ...address, options: '-c default_transaction_read_only=off' } as DatabaseAddress,
        `alter database "${address.database}" set default_transaction_read_only = ${how}`,
      );
    await only('on');
    proxy.cutAll();
    expect(await act('read only')).toBe(false);
    await only('off');
    // The connections that were opened meanwhile still only allow reading.
    expect(await act('writable')).toBe(true);
    expect(await committed()).toContain('writable');
  });
});

it('when no connection can be opened, all waiting calls fail together, and the server is used again once it is back', async () => {
  proxy.cutAll();
  proxy.refuse(true);
  const since = performance.now();
  expect(await Promise.all(range(60).map((i) => act(`deaf ${i}`)))).not.toContain(true);
  // Not one ten after the other.
  expect(performance.now() - since).toBeLessThan(5 * timeouts.connectMs);
  proxy.refuse(false);
  expect(await act('back')).toBe(true);
});

it('calls beyond the number of connections wait for their turn without a time limit', async () => {
  // Each takes at least five ways to the server and back, all of them longer than connecting may take.
  proxy.delay(5);
  expect(await Promise.all(range(200).map((i) => act(`many ${i}`)))).not.toContain(false);
  expect(proxy.opened()).toBeLessThanOrEqual(11);
});
