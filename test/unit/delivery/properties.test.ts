import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { wait } from '../../../core/clock';
import { createModel } from '../../faults/model';
import { summaryOf } from '../../faults/summaries';
import type { Fate } from '../../support/conversation';
import { createFlow, type Flow } from '../../support/flow';
import { action, propertyRuns } from '../../support/memory';

// Whatever happens in any order, each action of a session appears exactly once, in order, in the notes of that session's
// conversation, and a note is redacted only if a summary contains its actions. The model is that of test/faults, which has
// real HTTP and fewer orders of events.

const SESSIONS = 2;
const RUNS = propertyRuns(100);
const session = fc.nat({ max: SESSIONS - 1 });
const fate = fc.constantFrom<Fate>('ok', 'refused', 'too busy', 'lost before', 'lost after');
/** Sometimes all attempts fail in a row, which random faults rarely add up to. */
const fates = fc.oneof(
  fc.array(fate, { maxLength: 5 }),
  fc.array(fc.constantFrom<Fate>('lost before', 'lost after'), { minLength: 3, maxLength: 3 }),
);
const crash = fc.constantFrom<Fate>('crash before', 'crash after');

interface Work {
  do: 'act' | 'deliver' | 'summarize' | 'replace';
  session: number;
  /** How long after the one before it begins, in milliseconds. */
  after: number;
}

type Step =
  | { do: 'act'; session: number; count: number; again: boolean }
  | { do: 'link'; session: number; by: 'user' | 'email' }
  | { do: 'deliver' | 'summarize' | 'replace'; session: number; fates: Fate[] }
  | { do: 'together'; works: Work[]; slow: number[]; fates: Fate[] }
  | { do: 'crash together'; works: Work[]; slow: number[]; after: number }
  | { do: 'crash'; session: number; during: 'deliver' | 'replace'; fate: Fate }
  | { do: 'restart' }
  | { do: 'wait'; ms: number };

const works = fc.array(
  fc.record({
    do: fc.constantFrom<Work['do']>('act', 'deliver', 'deliver', 'summarize', 'replace', 'replace'),
    session,
    after: fc.oneof(fc.constant(0), fc.nat({ max: 2_000 })),
  }),
  { minLength: 3, maxLength: 15 },
);
/** How long calls take: where there is none, no time. */
const slow = fc.array(fc.nat({ max: 3_000 }), { maxLength: 6 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      session,
      count: fc.integer({ min: 1, max: 4 }),
      again: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('link' as const),
      session,
      by: fc.constantFrom('user' as const, 'email' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('deliver' as const, 'summarize' as const, 'replace' as const),
      session,
      fates,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('together' as const),
      works,
      slow,
      fates,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash together' as const),
      works,
      slow,
      after: fc.nat({ max: 5_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      session,
      during: fc.constantFrom('deliver' as const, 'replace' as const),
      fate: crash,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 30_000 }),
    }),
  },
);

/** A flow, with the model of what must hold in it. */
async function createWorld(file: string) {
  const flow = await createFlow({ file, linkWindowMs: 3_600_000 });
  const model = createModel();
  flow.chat.watch(model.watcher);
  flow.useModel(async (prompt) => summaryOf(prompt));
  const sessions = Array.from({ length: SESSIONS }, (_, n) =>
    model.session(name(n), conversation(n)),
  );
  return { flow, model, sessions };
}

const perform = async (flow: Flow, what: 'deliver' | 'summarize' | 'replace', session: string) =>
  what === 'summarize' ? await flow.summarize(session, 3) : await flow[what](session);

type World = Awaited<ReturnType<typeof createWorld>>;

const name = (n: number) => `s${n}`;
const conversation = (n: number) => `c${n}`;
const identity = (n: number) => ({ user_id: `u${n}`, email: `u${n}@example.com` });

async function act(
  { flow, sessions }: World,
  n: number,
  count: number,
  again = false,
): Promise<void> {
  const { remembered } = sessions[n]!;
  const more = Array.from({ length: count }, (_, i) => `#${n}-${remembered.length + i}`);
  remembered.push(...more);
  const actions = more.map((one) => action(one));
  await flow.remember(name(n), actions, identity(n));
  if (again) await flow.remember(name(n), actions, identity(n));
}

/** From now on calls of the chat product take these times, in turn. */
function takeTime({ chat, clock }: Flow, slow: readonly number[]): void {
  let calls = 0;
  if (slow.length > 0) chat.whileCalled(() => wait(clock, slow[calls++ % slow.length]!));
}

/** Begins one work after the other, without waiting for any to end. */
async function inTurn(
  flow: Flow,
  works: readonly Work[],
  begin: (work: Work) => Promise<unknown>,
): Promise<Array<Promise<unknown>>> {
  const begun: Array<Promise<unknown>> = [];
  for (const work of works) {
    await flow.clock.advance(work.after);
    begun.push(begin(work));
  }
  return begun;
}

async function take(world: World, taken: Step): Promise<void> {
  const { flow } = world;
  const attempt = async (work: Promise<unknown>) => await work.catch(() => {});
  switch (taken.do) {
    case 'act':
      return await act(world, taken.session, taken.count, taken.again);
    case 'link': {
      const { user_id, email } = identity(taken.session);
      await flow.link({
        conversation_id: conversation(taken.session),
        ...(taken.by === 'user' ? { user_id } : { email }),
      });
      world.sessions[taken.session]!.threads[0]!.linked = true;
      return;
    }
    case 'deliver':
    case 'summarize':
    case 'replace':
      flow.chat.fates.push(...taken.fates);
      await attempt(perform(flow, taken.do, name(taken.session)));
      flow.chat.fates.length = 0;
      return;
    case 'together':
      flow.chat.fates.push(...taken.fates);
      takeTime(flow, taken.slow);
      await Promise.all(
        await inTurn(flow, taken.works, (work) =>
          attempt(
            work.do === 'act'
              ? act(world, work.session, 1)
              : perform(flow, work.do, name(work.session)),
          ),
        ),
      );
      flow.chat.fates.length = 0;
      flow.chat.whileCalled(undefined);
      return;
    case 'crash together':
      takeTime(flow, taken.slow);
      await Promise.all(
        await inTurn(flow, taken.works, async (work) => {
          if (work.do === 'act') await act(world, work.session, 1);
          else if (work.do !== 'summarize') {
            void attempt(flow.start(work.do, name(work.session)));
          }
        }),
      );
      await flow.clock.advance(taken.after);
      await flow.restart();
      flow.chat.whileCalled(undefined);
      return;
    case 'crash':
      flow.chat.fates.push(taken.fate);
      void attempt(flow.start(taken.during, name(taken.session)));
      for (let i = 0; i < 5; i++) await flow.clock.advance(0);
      flow.chat.fates.length = 0;
      await flow.restart();
      return;
    case 'restart':
      return await flow.restart();
    case 'wait':
      return await flow.clock.advance(taken.ms);
  }
}

/** Nothing fails any more, and each linked session is given to the steps, as unfinished work is. */
async function recover({ flow, sessions }: World): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await flow.clock.advance(60_000);
    for (const { id } of sessions.filter(({ threads }) => threads[0]!.linked)) {
      await flow.deliver(id);
      await flow.summarize(id, 3, true);
      await flow.replace(id, true);
    }
  }
}

it('delivery never loses, doubles, mixes, reorders or wrongly redacts anything, whatever fails', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'autoplay-flow-'));
  let runs = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }),
        async (steps) => {
          const world = await createWorld(join(folder, `${++runs}.sqlite`));
          try {
            for (const taken of steps) await take(world, taken);
            await recover(world);
            expect(world.model.faults()).toEqual([]);
          } finally {
            await world.flow.close();
          }
        },
      ),
      { numRuns: RUNS },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
