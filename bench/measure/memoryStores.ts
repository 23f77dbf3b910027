import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { createPostgresMemory } from '../../core/memory/sql/postgresMemory';
import type { SessionMemory } from '../../core/memory/types';
import { memoryParts } from '../../nodes/shared/memory/parts';
import { startTcpProxy } from '../../test/support/tcpProxy';
import { startPostgres, type DatabaseAddress } from '../../tools/servers/postgres';
import { openMemoryBench } from './memoryBench';
import { familyCpuMs, parentOf } from './usage';

/** A memory with the database under it, which can be filled by statements of SQL. */
export interface MemoryStore {
  engine: 'SQLite' | 'PostgreSQL';
  memory: SessionMemory;
  /** Moves the memory's clock forward. */
  later(ms: number): void;
  /** Runs one statement and returns its rows. */
  sql(statement: string): Promise<Array<Record<string, unknown>>>;
  /** The CPU time that this process and the server have used so far, in milliseconds. */
  cpuMs(): number;
  /** Where the database is: a file, or the address of a server. */
  where: string | DatabaseAddress;
  /** The same memory behind a network on which an answer takes `ms` longer than on this machine, if it has a server. */
  farAway?(ms: number): Promise<FarMemory>;
  close(): Promise<void>;
}

/** SQLite in a file, with a thread of its own as the nodes open it. */
export async function openSqliteStore(): Promise<MemoryStore> {
  const { memory, later, file, close } = openMemoryBench();
  let db: DatabaseSync | undefined;
  return {
    engine: 'SQLite',
    memory,
    later,
    cpuMs: ownCpuMs,
    where: file,
    async sql(statement) {
      if (!db) {
        db = new DatabaseSync(file, { timeout: 10_000 });
        db.exec('pragma synchronous = off; pragma cache_size = -500000');
      }
      return db.prepare(statement).all();
    },
    async close() {
      db?.close();
      await close();
    },
  };
}

interface FarMemory {
  memory: SessionMemory;
  /** How often something has been sent to the server so far: each time waits for its answer. */
  trips(): number;
  close(): Promise<void>;
}

/** A PostgreSQL server of its own. */
export async function openPostgresStore(): Promise<MemoryStore> {
  await using started = new AsyncDisposableStack();
  const server = await startPostgres();
  started.defer(() => server.stop());
  const { address } = server;
  let passed = 0;
  const clock = { ...memoryParts.clock, now: () => Date.now() + passed };
  const open = (port: number) =>
    createPostgresMemory({ ...address, port }, { ...memoryParts, clock });
  const memory = open(address.port);
  started.defer(() => memory.close());
  const client = new Client(address);
  await client.connect();
  started.defer(() => client.end());
  // All of the server's processes have one parent.
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = parentOf(rows[0]!.pid);
  const stack = started.move();
  return {
    engine: 'PostgreSQL',
    memory,
    where: address,
    cpuMs: () => ownCpuMs() + familyCpuMs(pid),
    later: (ms) => void (passed += ms),
    sql: async (statement) =>
      (await client.query(statement)).rows as Array<Record<string, unknown>>,
    async farAway(ms) {
      const proxy = await startTcpProxy(address.port);
      proxy.delay(0, ms);
      const far = open(proxy.port);
      return {
        memory: far,
        trips: () => proxy.sent(''),
        async close() {
          await far.close();
          await proxy.close();
        },
      };
    },
    close: () => stack.disposeAsync(),
  };
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
