import { setImmediate as turn } from 'node:timers/promises';
import type { SessionBatch } from '../../core/payload/types';
import type { SessionRef } from '../../core/memory/types';
import { pick, type Random } from '../../simulators/random';
import { createVisits } from './memoryData';
import type { MemoryStore } from './memoryStores';

const DAY_MS = 86_400_000;
/** How long the memory keeps sessions, and how old the oldest is. */
export const RETENTION_MS = 30 * DAY_MS;
const OLDEST_MS = 20 * DAY_MS;
/** Sessions that the memory itself stores; all others are copies of them. The first half is linked, each with a note. */
const ORIGINALS = 1_000;
const LINKED_ORIGINALS = ORIGINALS / 2;
export const ACTIONS_EACH = 3;
/** One copy of the originals in so many is linked as they are. */
const LINKED = { every: 5, first: 1 };
/** Numbers of copies that are left out each time the memory grows: what the measuring adds has their row ids. */
const SKIPPED = 100;
/** Copies of the originals that one statement makes: other work runs in between. */
const COPIES_AT_ONCE = 25;
export const NAME = 'bench';
export const CHAT = 'intercom';
export const PRODUCT = 'shop';

/** The sessions of a growing memory. */
export interface Crowd {
  /** Makes the memory hold so many sessions; a multiple of a thousand, not less than before. */
  growTo(sessions: number, signal: AbortSignal): Promise<void>;
  /** How many are linked to a conversation. */
  linked(): number;
  /** One by chance. */
  any(random: Random): Visitor;
  /** One by chance without a conversation. */
  unlinked(random: Random): Visitor;
  /** The linked one with this number, from 0; the last one acted last. */
  linkedOne(index: number): Visitor;
  /** New actions of these sessions. */
  acts(visitors: readonly Visitor[], actions?: number): SessionBatch[];
  /** A session that the memory does not know. */
  stranger(): Visitor;
}

export interface Visitor {
  session_id: string;
  user_id: string;
  email: string;
}

export const refOf = ({ session_id }: Visitor): SessionRef => ({
  ...{ memory: NAME, product_id: PRODUCT, session_id },
});

/**
 * Fills an empty memory: its first sessions by its own methods, the others as copies of their rows with other ids, names
 * and times. The clock is then at the time of the newest.
 *
 * @param largest the most sessions that there will be
 */
export async function createCrowd(store: MemoryStore, largest: number): Promise<Crowd> {
  const { memory, later, sql } = store;
  later(-OLDEST_MS);
  const visits = createVisits({
    ...{ sessions: ORIGINALS, sessionsPerUser: 4, sessionsPerCall: 200 },
    actionsPerSession: ACTIONS_EACH,
  });
  const originals = new Map<string, Visitor>();
  for (let i = 0; i < ORIGINALS; i += 200) {
    const batches = visits.next();
    await memory.remember(NAME, batches, RETENTION_MS);
    for (const { session_id, user_id, email } of batches) {
      originals.set(session_id, { session_id, user_id: user_id!, email: email! });
    }
  }
  const rows = await sql('select id, session_id from autoplay_session order by id');
  const byRow = rows.map(({ session_id }) => originals.get(session_id as string)!);
  const firstRow = Number(rows[0]!.id);
  const linkedOnes = byRow.slice(0, LINKED_ORIGINALS);
  await Promise.all(linkedOnes.map(async (one, i) => await deliver(store, one, i)));
  const apart = await keepOriginals(store);
  later(OLDEST_MS);

  /** The numbers of the copies that there are; 0 for the originals. */
  const copied = [0];
  let linked = copied;
  let growths = 0;
  let strangers = 0;
  const place = (random: Random) => Math.floor(random() * ORIGINALS);
  const one = (copy: number, place: number): Visitor =>
    copyOf(byRow[place]!, copy, firstRow + place + copy * apart.session);

  return {
    async growTo(sessions, signal) {
      const wanted = sessions / ORIGINALS;
      const skipped = SKIPPED * growths++;
      const copyAll = copies(store, apart, { stepMs: (OLDEST_MS * ORIGINALS) / largest, skipped });
      while (copied.length < wanted) {
        signal.throwIfAborted();
        const from = copied.length + skipped;
        const count = Math.min(COPIES_AT_ONCE, wanted - copied.length);
        for (const copy of copyAll) await copy(from, from + count);
        copied.push(...Array.from({ length: count }, (_, i) => from + i));
        await turn();
      }
      linked = copied.filter(isLinked);
      await settle(store);
    },
    linked: () => linked.length * LINKED_ORIGINALS,
    any: (random) => one(pick(random, copied), place(random)),
    unlinked: (random) =>
      one(pick(random, copied), LINKED_ORIGINALS + (place(random) % LINKED_ORIGINALS)),
    linkedOne: (index) =>
      one(linked[Math.floor(index / LINKED_ORIGINALS)]!, index % LINKED_ORIGINALS),
    acts(visitors, actions = ACTIONS_EACH) {
      const batches: SessionBatch[] = [];
      while (batches.length < visitors.length) batches.push(...visits.next());
      return visitors.map((visitor, i) => {
        const batch = batches[i]!;
        const some = batch.actions.slice(0, actions);
        return { ...batch, ...visitor, actions: some, count: some.length };
      });
    },
    stranger() {
      strangers += 1;
      const place = strangers % ORIGINALS;
      // Numbers that no copy has.
      return copyOf(byRow[place]!, 1e6 + strangers, 2e6 + strangers);
    },
  };
}

/** Links a session to a conversation and delivers what it has done. */
async function deliver({ memory }: MemoryStore, visitor: Visitor, number: number): Promise<void> {
  const where = { chat: CHAT, conversation_id: `c${number}` };
  await memory.link(NAME, { ...where, session_id: visitor.session_id }, RETENTION_MS);
  const condition = { windowMs: DAY_MS, maxActions: 500, leaseMs: 45_000 };
  const claimed = await memory.claimNote(refOf(visitor), CHAT, condition);
  if (claimed.status !== 'claimed') throw new Error(`No note was claimed: ${claimed.status}`);
  await memory.commitNote(claimed.claim, claimed.note, `n${number}`);
}

/** How far apart the ids of two copies of a row are, by table. */
interface Apart {
  session: number;
  link: number;
  note: number;
}

const TABLES = ['session', 'action', 'identity', 'link', 'note'] as const;

/** Keeps the rows as they are now, because the measuring changes them. */
async function keepOriginals({ sql }: MemoryStore): Promise<Apart> {
  for (const table of TABLES) {
    await sql(`create table original_${table} as select * from autoplay_${table}`);
  }
  const apart = async (table: keyof Apart) => {
    const [row] = await sql(`select max(id) - min(id) + 1 as apart from original_${table}`);
    return Number(row!.apart);
  };
  return {
    session: await apart('session'),
    link: await apart('link'),
    note: await apart('note'),
  };
}

/** The statements that copy each table; `o` is an original row and `k` the number of its copy. */
function copies(
  { engine, sql }: MemoryStore,
  apart: Apart,
  { stepMs, skipped }: { stepMs: number; skipped: number },
) {
  const later = (column: string) => ({
    [column]: `o.${column} + (k - ${skipped}) * ${Math.floor(stepMs)}`,
  });
  const moved = (column: string, table: keyof Apart) => ({
    [column]: `o.${column} + k * ${apart[table]}`,
  });
  const renamed = (column: string) => ({ [column]: `o.${column} || '-' || k` });
  const scattered = `((o.id + k * ${apart.session}) * ${SCATTER}) % 4294967296`;
  const hex =
    engine === 'SQLite' ? `printf('%08x', ${scattered})` : `lpad(to_hex(${scattered}), 8, '0')`;
  const changes: Record<(typeof TABLES)[number], Record<string, string>> = {
    session: {
      ...moved('id', 'session'),
      ...{ session_id: `${hex} || substr(o.session_id, 9)`, email: `k || '.' || o.email` },
      ...{ ...renamed('user_id'), ...later('last_seen_at'), ...later('expires_at') },
    },
    action: { ...moved('session', 'session'), ...later('at') },
    identity: {
      ...moved('session', 'session'),
      value: `case o.kind when 'email' then k || '.' || o.value else o.value || '-' || k end`,
    },
    link: {
      ...{ ...moved('id', 'link'), ...moved('session', 'session'), ...renamed('conversation_id') },
      ...{ ...later('linked_at'), ...later('noted_at'), ...later('spoke_at') },
    },
    note: {
      ...{ ...moved('id', 'note'), ...moved('link', 'link') },
      ...{ ...renamed('note_id'), ...later('created_at') },
    },
  };
  const ofLinked = ['link', 'note'];
  return TABLES.map((table) => async (from: number, upto: number) => {
    const [row] = await sql(`select * from original_${table} limit 1`);
    const columns = Object.keys(row!);
    const linked = ofLinked.includes(table) ? `where k % ${LINKED.every} = ${LINKED.first}` : '';
    await sql(`insert into autoplay_${table} (${columns.join()})
      with recursive n (k) as (select ${from} union all select k + 1 from n where k + 1 < ${upto})
      select ${columns.map((column) => changes[table][column] ?? `o.${column}`).join()}
      from n cross join original_${table} o ${linked}`);
  });
}

/** An odd number near the golden ratio of what 32 bits hold, so that ids are scattered as random ones are. */
const SCATTER = 2_654_435_761;

/** The visitor of a copy, as `copies` makes it. @param row the copy's row id */
function copyOf({ session_id, user_id, email }: Visitor, set: number, row: number): Visitor {
  if (set === 0) return { session_id, user_id, email };
  const hex = ((row * SCATTER) % 4_294_967_296).toString(16).padStart(8, '0');
  return {
    session_id: `${hex}${session_id.slice(8)}`,
    ...{ user_id: `${user_id}-${set}`, email: `${set}.${email}` },
  };
}

/** What both engines do by themselves after a while: the log is written back, and the planner knows the new sizes. */
async function settle({ engine, sql }: MemoryStore): Promise<void> {
  if (engine === 'SQLite') return void (await sql('pragma wal_checkpoint(truncate)'));
  for (const table of ['session', 'link', 'note']) {
    await sql(
      `select setval(pg_get_serial_sequence('autoplay_${table}', 'id'), max(id)) from autoplay_${table}`,
    );
  }
  await sql('vacuum analyze');
  await sql('checkpoint');
}

const isLinked = (copy: number) => copy === 0 || copy % LINKED.every === LINKED.first;
