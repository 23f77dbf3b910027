import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, range, ref } from '../../support/memory';
import { newDatabase, openServerMemory, query } from '../../support/postgres';
import type { DatabaseAddress } from '../../../tools/servers/postgres';

// What SQLite rules out by having one writer at a time: several processes at the same sessions. Each
// memory here has connections of its own, as another process would.

const PROCESSES = 4;
const ROUNDS = 25;
const clock = createFakeClock();
const everything = { windowMs: DAY_MS, maxActions: 10_000 };
const notes = { windowMs: DAY_MS, maxActions: 500, leaseMs: 1_000 };

let address: DatabaseAddress;
let processes: SessionMemory[];
let here: SessionMemory;

beforeAll(async () => {
  address = await newDatabase();
  const open = () => openServerMemory(address, { clock });
  // At the same time, on an empty database: each wants to make the tables.
  processes = await Promise.all(range(PROCESSES).map(open));
  here = processes[0]!;
});
afterAll(() => Promise.all(processes.map((memory) => memory.close())));

/** The same by every process, at the same time. */
const all = async <T>(work: (memory: SessionMemory, index: number) => Promise<T>): Promise<T[]> =>
  await Promise.all(processes.map(work));

it('the tables are made once, whichever process is first', async () => {
  const rows = await query(address, 'select name from autoplay_migration order by name');
  const names = rows.map(({ name }) => name);
  expect(names[0]).toBe('001_sessions');
  expect(names).toEqual([...new Set(names)]);
});

it('the same batches, remembered by all processes at once, are stored once and in order', async () => {
  for (const round of range(ROUNDS)) {
    const batches = range(6).map((i) =>
      batch(`same ${round} ${i}`, [action('a'), action('b'), action('c')]),
    );
    const added = await all(async (memory, process) => {
      // Each in an order of its own, with what is known and what is new mixed.
      const mine = [...batches.slice(process), ...batches.slice(0, process)];
      const remembered = await memory.remember('m', mine, DAY_MS);
      return remembered.reduce((sum, one) => sum + one.added, 0);
    });
    expect(added.reduce((sum, one) => sum + one)).toBe(18);
    for (const { session_id } of batches) {
      const told = await here.recall('m', { session_id, ...everything });
      expect(told?.actions.map(({ description }) => description)).toEqual(['a', 'b', 'c']);
    }
  }
});

it('actions that all processes bring to one session get places without gaps', async () => {
  await Promise.all(
    range(ROUNDS * PROCESSES).map(
      async (i) =>
        await processes[i % PROCESSES]!.remember('m', [batch('busy', [action('x')])], DAY_MS),
    ),
  );
  const [row] = await query(
    address,
    `select last_seq, (select count(*) from autoplay_action where session = s.id) as actions
      from autoplay_session s where session_id = 'busy'`,
  );
  expect(row).toEqual({ last_seq: ROUNDS * PROCESSES, actions: String(ROUNDS * PROCESSES) });
});

it('a session is linked to exactly one of the conversations that ask for it at the same time', async () => {
  for (const round of range(ROUNDS)) {
    const session_id = `sticky ${round}`;
    await here.remember('m', [batch(session_id, [action('a')])], DAY_MS);
    const outcomes = await all((memory, process) =>
      memory.link(
        'm',
        { chat: 'crisp', conversation_id: `${round} ${process}`, session_id },
        DAY_MS,
      ),
    );
    const statuses = outcomes.map(({ status }) => status).sort();
    expect(statuses).toEqual(['linked', ...Array<string>(PROCESSES - 1).fill('linked_elsewhere')]);
    expect(new Set(outcomes.map(({ session }) => session?.links.crisp)).size).toBe(1);
  }
});

it('a conversation and the first action of its session find each other, whichever comes first', async () => {
  for (const round of range(ROUNDS)) {
    const user_id = `user ${round}`;
    await all(async (memory, process) => {
      const conversation_id = `first ${round}`;
      if (process === 0)
        await memory.link('m', { chat: 'crisp', conversation_id, user_id }, DAY_MS);
      else
        await memory.remember(
          'm',
          [batch(`${round} of ${process}`, [action('a')], { user_id })],
          DAY_MS,
        );
    });
    const linked = await query(
      address,
      `select count(*)::int as links from autoplay_link where conversation_id = 'first ${round}'`,
    );
    const waiting = await query(address, 'select id from autoplay_waiting_link');
    expect([linked, waiting]).toEqual([[{ links: 1 }], []]);
  }
});

it('one process at a time has the right to post, to redact or to summarize', async () => {
  const condition = { threshold: 1, linkedOnly: false, maxActions: 99, includePaused: false };
  for (const round of range(ROUNDS)) {
    const session = ref(`claimed ${round}`);
    const fields = { conversation_id: `c${round}` };
    await here.remember('m', [batch(session.session_id, [action('a')], fields)], DAY_MS);
    const claims = await all((memory) => memory.claimNote(session, 'crisp', notes));
    const summaries = await all((memory) =>
      memory.claimSummary(session, { ...condition, leaseMs: 1_000 }),
    );
    for (const claimed of [claims, summaries]) {
      const statuses = claimed.map(({ status }) => status).sort();
      expect(statuses).toEqual([...Array<string>(PROCESSES - 1).fill('busy'), 'claimed']);
    }
    const stored = await query(
      address,
      "select count(*)::int as n from autoplay_note where state = 'posting'",
    );
    expect(stored).toEqual([{ n: round + 1 }]);
  }
});

it('a lapsed claim is either renewed or taken over, never both', async () => {
  for (const round of range(ROUNDS)) {
    const session = ref(`lapsed ${round}`);
    const fields = { conversation_id: `c${1_000 + round}` };
    await here.remember('m', [batch(session.session_id, [action('a')], fields)], DAY_MS);
    const first = granted(await here.claimNote(session, 'crisp', notes));
    await clock.advance(1_001);
    const [renewed, second] = await Promise.all([
      processes[1]!.extend(first.claim, 1_000).then(
        () => true,
        () => false,
      ),
      processes[2]!.claimNote(session, 'crisp', notes),
    ]);
    expect([renewed, second.status]).toEqual(renewed ? [true, 'busy'] : [false, 'claimed']);
  }
});

it('activity that arrives while a claim is given back leaves its session due', async () => {
  for (const round of range(ROUNDS)) {
    const session = ref(`due ${round}`);
    const fields = { conversation_id: `c${2_000 + round}` };
    await here.remember('m', [batch(session.session_id, [action('a')], fields)], DAY_MS);
    const claimed = granted(await here.claimNote(session, 'crisp', notes));
    await Promise.all([
      processes[1]!.commitNote(claimed.claim, claimed.note, 'n'),
      processes[2]!.remember('m', [batch(session.session_id, [action('b')], fields)], DAY_MS),
    ]);
    const [link] = await query(
      address,
      `select due_at from autoplay_link where conversation_id = 'c${2_000 + round}'`,
    );
    expect(link?.due_at).not.toBeNull();
  }
});

it('two recalls of what is new never return the same action', async () => {
  await here.remember('m', [batch('news', [action('0')], { conversation_id: 'news' })], DAY_MS);
  await here.link('m', { chat: 'crisp', conversation_id: 'news', session_id: 'news' }, DAY_MS);
  const told: string[] = [];
  const asked = { chat: 'crisp', conversation_id: 'news', ...everything, onlyNew: true };
  await Promise.all(
    range(ROUNDS * 2).map(async (i) => {
      const memory = processes[i % PROCESSES]!;
      if (i % 2 === 0)
        return void (await memory.remember('m', [batch('news', [action(`${i + 1}`)])], DAY_MS));
      const found = await memory.recall('m', asked);
      told.push(...found!.actions.map(({ description }) => description));
    }),
  );
  told.push(...(await here.recall('m', asked))!.actions.map(({ description }) => description));
  expect(told).toHaveLength(ROUNDS + 1);
  expect(new Set(told).size).toBe(ROUNDS + 1);
});

it('a visitor who is forgotten while they act leaves no actions behind that cannot be forgotten', async () => {
  for (const round of range(ROUNDS)) {
    const user_id = `gone ${round}`;
    await here.remember('m', [batch(user_id, [action('a')], { user_id })], DAY_MS);
    await all(async (memory, process) => {
      if (process === 0) await memory.forget({ user_id });
      else await memory.remember('m', [batch(user_id, [action('b')], { user_id })], DAY_MS);
    });
  }
  const orphans = `select count(*)::int as orphans from autoplay_action
    where session not in (select id from autoplay_session)`;
  expect(await query(address, orphans)).toEqual([{ orphans: 0 }]);
});

it('processes that expire sessions at the same time count each session once', async () => {
  const [{ n: before } = {}] = await query(
    address,
    'select count(*)::int as n from autoplay_session',
  );
  const sessions = range(300).map((i) => batch(`old ${i}`, [action('x'), action('y')]));
  await here.remember('m', sessions, 1_000);
  await clock.advance(DAY_MS - 1_000_000);
  const erasing = all((memory) => memory.expire());
  let done = false;
  void erasing.finally(() => (done = true));
  while (!done) await clock.advance(0);
  expect((await erasing).reduce((sum, one) => sum + one)).toBe(300);
  expect(await query(address, 'select count(*)::int as n from autoplay_session')).toEqual([
    { n: before },
  ]);
});

it('unfinished work is returned once to processes that ask at the same time', async () => {
  const links = range(20).map((i) =>
    batch(`left ${i}`, [action('x')], { conversation_id: `l${i}` }),
  );
  await here.remember('other', links, DAY_MS);
  for (const { session_id, conversation_id } of links) {
    await here.link(
      'other',
      { chat: 'crisp', conversation_id: conversation_id!, session_id },
      DAY_MS,
    );
  }
  await clock.advance(61_000);
  const given = await all((memory) => memory.unfinished('other', { limit: 100 }));
  const sessions = given.flat().map(({ session_id }) => session_id);
  expect(sessions).toHaveLength(20);
  expect(new Set(sessions).size).toBe(20);
});
