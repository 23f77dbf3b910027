import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import type { DatabaseAddress } from '../../tools/servers/postgres';
import type { MemoryStore } from './memoryStores';
import { perSecond } from './statistics';

/** What a database carries without the memory. */
export interface Bare {
  /** Transactions of one row, one after the other. */
  transactionsPerS: number;
  /** Rows in transactions of a thousand. */
  rowsPerS: number;
}

const TRANSACTIONS = 2_000;
const ROWS = { each: 1_000, times: 20 };
/** About as long as a stored action. */
const BODY = 'x'.repeat(300);

/** Writes rows of an action's size into a table without indexes, in the database of a memory. */
export async function measureBare({ where }: MemoryStore): Promise<Bare> {
  const bare = typeof where === 'string' ? openSqlite(where) : await openPostgres(where);
  try {
    await bare.insert(1);
    return {
      transactionsPerS: await rate(TRANSACTIONS, 1, bare.insert),
      rowsPerS: await rate(ROWS.times, ROWS.each, bare.insert),
    };
  } finally {
    await bare.close();
  }
}

/** How many rows a second, in so many transactions of so many rows. */
async function rate(times: number, rows: number, insert: (rows: number) => Promise<void>) {
  return await perSecond(times * rows, async () => {
    for (let i = 0; i < times; i++) await insert(rows);
  });
}

/** In WAL mode, and as safe from a power cut as the memory. */
function openSqlite(file: string) {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  db.exec('pragma synchronous = normal');
  db.exec('create table bare (id integer primary key, body text)');
  const one = db.prepare('insert into bare (body) values (?)');
  return {
    async insert(rows: number) {
      db.exec('begin immediate');
      for (let i = 0; i < rows; i++) one.run(BODY);
      db.exec('commit');
    },
    async close() {
      db.exec('drop table bare');
      db.close();
    },
  };
}

/** All rows of a transaction in one statement. */
async function openPostgres(address: DatabaseAddress) {
  const client = new Client(address);
  await client.connect();
  await client.query('create table bare (id bigserial primary key, body text)');
  return {
    async insert(rows: number) {
      const values = [Array.from({ length: rows }, () => BODY)];
      await client.query({ name: 'bare', text: INSERT, values });
    },
    async close() {
      await client.query('drop table bare');
      await client.end();
    },
  };
}

const INSERT = 'insert into bare (body) select * from unnest($1::text[])';
