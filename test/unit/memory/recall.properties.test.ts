import fc from 'fast-check';
import type { SummaryWork } from '../../../core/memory/types';
import type { Action, SessionBatch } from '../../../core/payload/types';
import { createFakeClock } from '../../support/fakeClock';
import { usesPostgres } from '../../support/postgres';
import { action, batch, DAY_MS, propertyRuns, testMemory } from '../../support/memory';
import {
  newSession,
  recallFrom,
  seenLast,
  type ModelRecollection,
  type ModelSession,
} from './recallModel';

// Whatever was remembered, summarized and linked in whatever order, Recall gives what the model does;
// and whatever the model says, nothing is told twice or to the wrong conversation.

const USERS = ['u0', 'u0', 'u1'];
const chat = 'crisp';
const session = fc.nat({ max: USERS.length - 1 });
const conversation = fc.constantFrom('session_a', 'session_b');

const arrival = fc.record({
  session,
  /** How long before it arrived each new action happened, in seconds. */
  ages: fc.array(fc.constantFrom(0, 0, 0, 5, 40, 150), { maxLength: 5 }),
  /** How many actions that were delivered before come along. */
  again: fc.constantFrom(0, 0, 0, 1, 3),
  summary: fc.option(fc.record({ position: fc.nat({ max: 5 }), replaces: fc.nat({ max: 6 }) }), {
    freq: 5,
  }),
});
type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never;

const query = fc.record({
  whom: fc.constantFrom('conversation', 'both', 'session', 'user'),
  session,
  conversation,
  windowMs: fc.constantFrom(0, 10_000, 60_000, 120_000, 3_600_000),
  maxActions: fc.constantFrom(1, 2, 4, 500),
  onlyNew: fc.boolean(),
});

type Query = typeof query extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('remember' as const),
      arrivals: fc.array(arrival, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('redeliver' as const), which: fc.nat({ max: 20 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      session,
      threshold: fc.integer({ min: 1, max: 6 }),
      maxActions: fc.constantFrom(2, 5, 500),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const), session }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('link' as const),
      by: fc.constantFrom('session', 'user'),
      session,
      conversation,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 90_000 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('recall' as const), query }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A memory, and beside it the model that knows what it should hold. */
async function createWorld() {
  const clock = createFakeClock();
  const sessions = USERS.map((user, n) => newSession(`s${n}`, user));
  return {
    clock,
    memory: await testMemory(clock),
    sessions,
    /** Sessions of which something was remembered, in the order in which that began. */
    known: [] as ModelSession[],
    /** Each session's actions as they were delivered. */
    actions: new Map<ModelSession, Action[]>(sessions.map((one) => [one, []])),
    delivered: [] as SessionBatch[],
    works: new Map<ModelSession, SummaryWork>(),
    /** Whom conversations wait for; the one that asked last stands last. */
    waiting: new Map<string, { session_id?: string; user_id?: string }>(),
    summaries: 0,
    /** Ids of all actions that were told as news, in the list or by a summary. */
    news: new Set<string>(),
  };
}
type World = Awaited<ReturnType<typeof createWorld>>;

/** A batch of new and some old actions, and what it means to the model. */
function arrive(world: World, { session, ages, again, summary }: Arrival): SessionBatch {
  const { clock, actions, delivered } = world;
  const one = world.sessions[session]!;
  const old = actions.get(one)!;
  meet(world, one);
  const fresh = ages.map((age, i) => {
    const id = `#${one.name}-${old.length + i}`;
    one.actions.push({ id, at: clock.now() - age * 1_000 });
    return action(id, { timestamp_start: clock.now() / 1_000 - age });
  });
  const all = [...old.slice(Math.max(0, old.length - again)), ...fresh];
  const summaries = [];
  if (summary) {
    const { replaces } = summary;
    const position = Math.min(summary.position, all.length);
    const last = all[position - 1];
    const place = last
      ? one.actions.findIndex(({ id }) => id === last.description) + 1
      : old.length;
    const believed = replaces > 0 ? Math.min(place, one.streamed + replaces) : place;
    one.streamed = Math.max(one.streamed, believed);
    one.summarized = Math.max(one.summarized, believed);
    const text = `Summary ${++world.summaries}, from the stream`;
    one.summaries.push({ text, reach: believed });
    summaries.push({ summary: text, replaces, forwarded_at: delivered.length, position });
  }
  old.push(...fresh);
  delivered.push(batch(one.name, all, { user_id: one.user, summaries }));
  return delivered.at(-1)!;
}

/** A session is seen; while nothing has happened in it, conversations may have waited for it. */
function meet(world: World, one: ModelSession): void {
  const { clock, known, waiting } = world;
  one.seen = clock.now();
  if (!known.includes(one)) known.push(one);
  if (one.actions.length > 0) return;
  const latest = [...waiting].reverse();
  const bySession = latest.filter(([, { session_id }]) => session_id === one.name);
  // Whoever waits for one session waits for no other of the same user.
  const byUser = latest.filter(
    ([, { session_id, user_id }]) => !session_id && user_id === one.user,
  );
  for (const [conversation] of [...bySession, ...byUser]) {
    if (one.conversation !== null) return;
    one.conversation = conversation;
    stopWaiting(world, conversation, one);
  }
}

/** A conversation got a session, and waits no longer, unless it is another one that it waits for. */
function stopWaiting({ waiting }: World, conversation: string, { name }: ModelSession): void {
  const { session_id = name } = waiting.get(conversation) ?? {};
  if (session_id === name) waiting.delete(conversation);
}

async function take(world: World, taken: Step): Promise<void> {
  const { clock, memory, sessions, known, delivered, works, waiting } = world;
  await clock.advance(1);
  switch (taken.do) {
    case 'remember': {
      const before = known.length;
      const batches = taken.arrivals.map((one) => arrive(world, one));
      // A server makes the new sessions of a call in the order of their names, in which it locks them.
      const made = known.splice(before);
      if (usesPostgres) made.sort((a, b) => (a.name < b.name ? -1 : 1));
      known.push(...made);
      await memory.remember('m', batches, DAY_MS);
      return;
    }
    case 'redeliver': {
      const again = delivered[taken.which];
      if (!again) return;
      meet(
        world,
        sessions.find(({ name }) => name === again.session_id)!,
      );
      await memory.remember('m', [again], DAY_MS);
      return;
    }
    case 'claim': {
      const one = sessions[taken.session]!;
      const { threshold, maxActions } = taken;
      const condition = { threshold, maxActions, linkedOnly: false, leaseMs: DAY_MS };
      const ref = { memory: 'm', product_id: 'shop', session_id: one.name };
      const claim = await memory.claimSummary(ref, { ...condition, includePaused: false });
      if (claim.status === 'claimed') works.set(one, claim.work);
      return;
    }
    case 'commit': {
      const one = sessions[taken.session]!;
      const work = works.get(one);
      if (!work || !works.delete(one)) return;
      const text = `Summary ${++world.summaries}`;
      const last = work.actions.at(-1)!.description;
      const reach = one.actions.findIndex(({ id }) => id === last) + 1;
      one.summaries.push({ text, reach });
      one.summarized = Math.max(one.summarized, reach);
      await memory.commitSummary(work, text);
      return;
    }
    case 'link': {
      const { by, conversation } = taken;
      const one = sessions[taken.session]!;
      const meant =
        by === 'session'
          ? known.find((other) => other === one)
          : seenLast(known.filter(({ user }) => user === one.user));
      const whom: { session_id?: string; user_id?: string } =
        by === 'session' ? { session_id: one.name } : { user_id: one.user };
      if (meant && meant.conversation === null) {
        meant.conversation = conversation;
        stopWaiting(world, conversation, meant);
      }
      if (!meant) {
        const before = waiting.get(conversation) ?? {};
        const isOther = before.user_id && whom.user_id && before.user_id !== whom.user_id;
        waiting.delete(conversation);
        waiting.set(conversation, isOther ? whom : { ...before, ...whom });
      }
      await memory.link('m', { chat, conversation_id: conversation, ...whom }, DAY_MS);
      return;
    }
    case 'wait':
      return await clock.advance(taken.ms);
    case 'recall':
      return await compare(world, taken.query);
  }
}

/** Asks the memory and the model the same. */
async function compare(world: World, asked: Query): Promise<void> {
  const { clock, memory, sessions, known } = world;
  const one = sessions[asked.session]!;
  const inConversation = asked.whom === 'conversation' || asked.whom === 'both';
  const conversation = inConversation ? asked.conversation : undefined;
  // In a conversation, a user is claimed in vain.
  const user = asked.whom === 'user' || inConversation ? one.user : undefined;
  const session = asked.whom === 'session' || asked.whom === 'both' ? one.name : undefined;
  const { windowMs, maxActions, onlyNew } = asked;
  const limits = { windowMs, maxActions, onlyNew };
  const found = await memory.recall('m', {
    chat,
    conversation_id: conversation,
    session_id: session,
    user_id: user,
    ...limits,
  });
  const actions = found?.actions.map(({ description }) => description);
  const told = found && {
    session: found.session.session_id,
    summary: found.summary,
    actions: actions ?? [],
    seen: found.last_seen_at,
  };
  expect(told).toEqual(recallFrom(known, { conversation, session, user, ...limits }, clock.now()));
  if (told) check(world, told, conversation, onlyNew);
}

/** What has to hold whatever the model says. */
function check(
  { sessions, news }: World,
  { session, summary, actions }: ModelRecollection,
  conversation: string | undefined,
  onlyNew: boolean,
): void {
  const one = sessions.find(({ name }) => name === session)!;
  const reach = one.summaries.find(({ text }) => text === summary)?.reach ?? 0;
  const told = [...one.actions.slice(0, reach).map(({ id }) => id), ...actions];
  expect(new Set(told).size).toBe(told.length);
  expect(told.filter((id) => !id.startsWith(`#${session}-`))).toEqual([]);
  if (conversation !== undefined) expect(one.conversation).toBe(conversation);
  if (!onlyNew || one.conversation === null) return;
  expect(told.filter((id) => news.has(id))).toEqual([]);
  for (const id of told) news.add(id);
}

it('recall agrees with a plain model on random events', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
      async (steps) => {
        const world = await createWorld();
        try {
          for (const taken of steps) await take(world, taken);
        } finally {
          await world.memory.close();
        }
      },
    ),
    { numRuns: propertyRuns(200) },
  );
});
