import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { LEASE_MS } from '../../../core/delivery/lease';
import { createModel } from '../../faults/model';
import type { Fate } from '../../support/conversation';
import { createFlow } from '../../support/flow';
import { handingOut } from '../../support/handedOut';
import { action, propertyRuns } from '../../support/memory';

// Whatever happens to requests and executions, in any order: other nodes post each action of a session exactly once, in
// order, if they look for a note that was tried before.

const RUNS = propertyRuns(100);
const fate = fc.constantFrom<Fate>('ok', 'refused', 'lost before', 'lost after', 'late');

type Step =
  | { do: 'act'; count: number }
  | { do: 'link' }
  | { do: 'execute'; fates: Fate[]; atOnce: number }
  | { do: 'crash'; fate: Fate }
  | { do: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'link' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('execute' as const),
      fates: fc.array(fate, { maxLength: 3 }),
      atOnce: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      fate: fc.constantFrom<Fate>('crash before', 'crash after'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 30_000 }),
    }),
  },
);

async function check(file: string, steps: readonly Step[]): Promise<void> {
  await using flow = await createFlow({ file });
  const hand = handingOut(flow, 3_600_000);
  const model = createModel();
  flow.chat.watch(model.watcher);
  const session = model.session('s', 'c1');
  session.threads[0]!.linked = true;
  for (const taken of steps) {
    switch (taken.do) {
      case 'act': {
        const { remembered } = session;
        const more = Array.from({ length: taken.count }, (_, i) => `#${remembered.length + i}`);
        remembered.push(...more);
        const actions = more.map((one) => action(one));
        await flow.remember('s', actions, { user_id: '70' });
        break;
      }
      case 'link':
        await flow.link({ user_id: '70' });
        break;
      case 'execute': {
        flow.chat.fates.push(...taken.fates);
        const all = Array.from({ length: taken.atOnce }, () => hand.startExecution('s'));
        await flow.run(Promise.all(all));
        flow.chat.fates.length = 0;
        break;
      }
      case 'crash':
        flow.chat.fates.push(taken.fate);
        void hand.startExecution('s').catch(() => {});
        for (let i = 0; i < 5; i++) await flow.clock.advance(0);
        flow.chat.fates.length = 0;
        await flow.restart();
        break;
      case 'wait':
        await flow.clock.advance(taken.ms);
    }
  }
  await flow.link({ user_id: '70' });
  for (let i = 0; i < 3; i++) {
    await flow.clock.advance(LEASE_MS);
    await hand.execute('s');
  }
  expect(model.faults()).toEqual([]);
}

it(
  'notes that other nodes post are neither lost, doubled nor out of order, whatever fails',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'autoplay-handed-out-'));
    let runs = 0;
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 8, maxLength: 30, size: 'max' }),
          async (steps) => await check(join(folder, `${++runs}.sqlite`), steps),
        ),
        { numRuns: RUNS },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  900_000 + RUNS * 300,
);
