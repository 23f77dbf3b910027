import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { createPostgresMemory } from '../../core/memory/sql/postgresMemory';
import type { SessionMemory } from '../../core/memory/types';
import { memoryParts } from '../../nodes/shared/memory/parts';
import { startTcpProxy } from '../../test/support/tcpProxy';
import { startPostgres, type DatabaseAddress } from '../../tools/servers/postgres';
import { openMemoryBench } from './memoryBench';

/** A memory with the database under it, which can be filled by statements of SQL. */
export interface MemoryStore {
  engine: 'SQLite' | 'PostgreSQL';
  memory: SessionMemory;
  /** Moves the memory's clock forward. */
  later(ms: number): void;
  /** Runs one statement and returns its rows. */
  sql(statement: string): Promise<Array<Record<string, unknown>>>;
  /** Where the database is: a file, or the address of a server. */
  where: string | DatabaseAddress;
  close(): Promise<void>;
}

/** SQLite in a file, with a thread of its own as the nodes open it. */
export function openSqliteStore(): MemoryStore {
  const { memory, later, file, close } = openMemoryBench();
  let db: DatabaseSync | undefined;
  return {
    engine: 'SQLite',
    memory,
    later,
    where: file,
    async sql(statement) {
      if (!db) {
        db = new DatabaseSync(file, { timeout: 10_000 });
        db.exec('pragma synchronous = off; pragma cache_size = -500000');
      }
      return db.prepare(statement).all() as Array<Record<string, unknown>>;
    },
    async close() {
      db?.close();
      await close();
    },
  };
}

export interface PostgresStore extends MemoryStore {
  where: DatabaseAddress;
  /** The same memory behind a network on which an answer takes `ms` longer than it does on this machine. */
  farAway(ms: number): Promise<FarMemory>;
}

interface FarMemory {
  memory: SessionMemory;
  /** How often something has been sent to the server so far: each time waits for its answer. */
  trips(): number;
  close(): Promise<void>;
}

/** A PostgreSQL server of its own. */
export async function openPostgresStore(): Promise<PostgresStore> {
  await using started = new AsyncDisposableStack();
  const server = await startPostgres();
  started.defer(() => server.stop());
  const { address } = server;
  let passed = 0;
  const clock = { ...memoryParts.clock, now: () => Date.now() + passed };
  const open = (port: number) => createPostgresMemory({ ...address, port }, { ...memoryParts, clock });
  const memory = open(address.port);
  started.defer(() => memory.close());
  const client = new Client(address);
  await client.connect();
  started.defer(() => client.end());
  const stack = started.move();
  return {
    engine: 'PostgreSQL',
    memory,
    where: address,
    later: (ms) => void (passed += ms),
    sql: async (statement) => (await client.query(statement)).rows as Array<Record<string, unknown>>,
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
