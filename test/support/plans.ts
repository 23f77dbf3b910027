import { DatabaseSync, StatementSync } from 'node:sqlite';
import { addressOf, usesPostgres } from './postgres';

// How a database carries out the statements that the running code sends, whatever these are.

/** What one statement does to the database. */
export interface Plan {
  sql: string;
  /** Steps that read a whole table, or a whole memory of one. */
  scans: string[];
  /** Rows that were read or returned, as far as the engine tells. */
  rows: number;
}

export interface Recording {
  /** The plan of each different statement since the recording began, on the database as it is now. */
  plans(): Promise<Plan[]>;
  end(): void;
}

/**
 * Records the statements that are sent from now on. To be called before the memory is opened, for it keeps
 * prepared statements.
 *
 * @param file which `testMemory` was, or will be, given
 */
export function recordStatements(file: string): Recording {
  return usesPostgres ? recordPostgres(file) : recordSqlite();
}

const isOurs = (sql: string) =>
  /^\s*(select|insert|update|delete|with)\b/i.test(sql) && !/\bautoplay_migration/.test(sql);

function recordSqlite(): Recording {
  const used = new Map<string, { db: DatabaseSync; rows: number }>();
  const { prepare } = DatabaseSync.prototype;
  type All = (this: StatementSync, ...values: unknown[]) => Array<Record<string, unknown>>;
  const all = StatementSync.prototype.all as All;
  const ofStatement = new WeakMap<StatementSync, { rows: number; db: DatabaseSync; sql: string }>();
  const preparing = jest.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql: string,
  ) {
    const statement = prepare.call(this, sql);
    const one = { rows: 0, db: this, sql };
    ofStatement.set(statement, one);
    if (isOurs(sql)) used.set(sql, one);
    return statement;
  });
  const reading = jest
    .spyOn(StatementSync.prototype as unknown as { all: All }, 'all')
    .mockImplementation(function (this: StatementSync, ...values: unknown[]) {
      const rows = all.apply(this, values);
      const one = ofStatement.get(this);
      if (one) one.rows = Math.max(one.rows, rows.length);
      return rows;
    });
  return {
    async plans() {
      return [...used].map(([sql, { db, rows }]) => {
        const steps = prepare.call(db, `explain query plan ${sql}`);
        const details = all.call(steps).map(({ detail }) => String(detail));
        const scans = details.filter((detail) => isSqliteScan(detail, details, sql));
        return { sql, rows, scans };
      });
    },
    end() {
      preparing.mockRestore();
      reading.mockRestore();
    },
  };
}

/**
 * Whether a step goes through a whole table, or a whole memory of one. One that reads an index in its order until it has
 * enough rows does not.
 */
function isSqliteScan(detail: string, all: readonly string[], sql: string): boolean {
  if (/^SCAN autoplay_/.test(detail)) return true;
  const stopsEarly =
    / order by .* limit \?$/.test(sql) && !all.some((one) => /TEMP B-TREE/.test(one));
  return /^SEARCH autoplay_.*\(memory=\?\)/.test(detail) && !stopsEarly;
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

function recordPostgres(file: string): Recording {
  const { Client } = jest.requireActual<typeof import('pg')>('pg');
  const sent = new Map<string, { text: string; values: unknown[] }>();
  const { query } = Client.prototype as { query: (...args: unknown[]) => unknown };
  const spy = jest
    .spyOn(Client.prototype as { query: (...args: unknown[]) => unknown }, 'query')
    .mockImplementation(function (this: unknown, ...args: unknown[]) {
      const [config, given] = args;
      const { text, values = [] } = (
        typeof config === 'string' ? { text: config, values: given } : config
      ) as { text?: string; values?: unknown[] };
      if (text !== undefined && isOurs(text)) {
        sent.set(JSON.stringify([text, values]), { text, values });
      }
      return query.apply(this, args);
    });

  async function explain(
    client: InstanceType<typeof Client>,
    { text, values }: { text: string; values: unknown[] },
  ): Promise<PlanNode> {
    const read = async (how: string): Promise<PlanNode> => {
      const { rows } = (await query.call(
        client,
        `explain (${how}format json) ${text}`,
        values,
      )) as {
        rows: Array<{ 'QUERY PLAN': Array<{ Plan: PlanNode }> }>;
      };
      return rows[0]!['QUERY PLAN'][0]!.Plan;
    };
    await query.call(client, 'begin');
    try {
      // Carried out once more, and undone.
      return await read('analyze, timing off, summary off, ');
    } catch {
      // What it stores is there already.
      await query.call(client, 'rollback');
      return await read('');
    } finally {
      await query.call(client, 'rollback');
    }
  }

  return {
    async plans() {
      const client = new Client(addressOf(file));
      await client.connect();
      const plans: Plan[] = [];
      for (const statement of sent.values()) {
        const nodes = flat(await explain(client, statement)).filter((node) =>
          node['Relation Name']?.startsWith('autoplay_'),
        );
        const scans = nodes.filter((node) => node['Node Type'] === 'Seq Scan');
        plans.push({
          sql: statement.text,
          scans: scans.map((node) => `Seq Scan on ${node['Relation Name']}`),
          rows: nodes.reduce((sum, node) => sum + rowsOf(node), 0),
        });
      }
      await client.end();
      return plans;
    },
    end: () => spy.mockRestore(),
  };
}

const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];

function rowsOf(node: PlanNode): number {
  const each =
    (node['Actual Rows'] ?? 0) +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  return each * (node['Actual Loops'] ?? 1);
}
