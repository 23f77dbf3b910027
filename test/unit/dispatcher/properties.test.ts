import fc from 'fast-check';
import { createDispatcher } from '../../../core/dispatcher/dispatcher';
import { batch } from '../../support/batches';
import { createFakeExecutions, sessionItems, type FakeExecution } from '../../support/executions';
import { createFakeClock } from '../../support/fakeClock';

const limits = fc.record({
  quietMs: fc.integer({ min: 0, max: 300 }),
  maxDelayMs: fc.integer({ min: 0, max: 1_000 }),
  maxParallel: fc.integer({ min: 1, max: 4 }),
  maxSessions: fc.integer({ min: 1, max: 4 }),
  maxActions: fc.integer({ min: 1, max: 20 }),
  maxWaiting: fc.integer({ min: 1, max: 30 }),
});

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ add: fc.nat({ max: 5 }), actions: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 4, arbitrary: fc.record({ advance: fc.nat({ max: 400 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      end: fc.nat({ max: 5 }),
      how: fc.constantFrom<'done' | 'failed' | 'throws'>('done', 'failed', 'throws'),
    }),
  },
  // By what an execution of the session brought, which need not be the latest one.
  {
    weight: 4,
    arbitrary: fc.record({ release: fc.nat({ max: 5 }), of: fc.nat({ max: 20 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ wakeUp: true as const }) },
);

it.each([
  ['with room for everything', { maxWaiting: 1_000_000 }],
  ['with little room', {}],
])('the dispatcher keeps its promises under any interleaving, %s', async (_name, fixed) => {
  await fc.assert(
    fc.asyncProperty(limits, fc.array(step, { maxLength: 80 }), async (random, steps) => {
      const options = { ...random, ...fixed };
      const clock = createFakeClock();
      const executions = createFakeExecutions(() => clock.now());
      const dispatcher = createDispatcher({
        productId: 'shop',
        clock,
        ...options,
        dispatch(items) {
          const ids = sessionItems(items).map(({ session_id }) => session_id);
          const busy = busySessions();
          // Recorded rather than thrown, because the dispatcher takes a throw for an execution that failed.
          if (ids.length > options.maxSessions) broken.push('too many sessions in one execution');
          if (new Set(ids).size < ids.length) broken.push('a session twice in one execution');
          if (!flushing && !hasRoom()) broken.push('too many executions at once');
          if (!flushing && ids.some((id) => busy.has(id))) {
            broken.push('a session in two executions at once');
          }
          for (const id of ids) waitingSince.delete(id);
          return executions.dispatch(items);
        },
      });
      const released = new Map<FakeExecution, Set<string>>();
      /** What an execution holds: its sessions without those that it has released. */
      const heldBy = (execution: FakeExecution) =>
        Object.keys(execution.sessions).filter((id) => !released.get(execution)?.has(id));
      const busySessions = () => new Set([...executions.running].flatMap(heldBy));
      const hasRoom = () => {
        const running = [...executions.running];
        // Wake-ups hold nothing.
        const holding = running.filter((one) => heldBy(one).length > 0);
        // Executions that run for long do not count.
        const brisk = running.filter(({ at }) => clock.now() - at < 3_000);
        return (
          holding.length < options.maxParallel &&
          brisk.length < 4 * options.maxParallel &&
          running.length < 20 * options.maxParallel
        );
      };
      const broken: string[] = [];
      const added: Record<string, string[]> = {};
      const waitingSince = new Map<string, number>();
      let flushing = false;
      let actions = 0;

      for (const now of steps) {
        if ('add' in now) {
          const id = `s${now.add}`;
          const ids = Array.from({ length: now.actions }, () => String((actions += 1)));
          (added[id] ??= []).push(...ids);
          if (!waitingSince.has(id)) waitingSince.set(id, clock.now());
          dispatcher.add(batch(id, ids));
        } else if ('advance' in now) {
          await clock.advance(now.advance);
        } else if ('end' in now) {
          const running = [...executions.running];
          const chosen = running[now.end % Math.max(1, running.length)];
          await chosen?.end(now.how === 'throws' ? new Error('lost') : now.how);
        } else if ('release' in now) {
          const id = `s${now.release}`;
          const itsExecutions = executions.all.filter(({ sessions }) => id in sessions);
          const chosen = itsExecutions[now.of % Math.max(1, itsExecutions.length)];
          const action_id = chosen?.sessions[id]?.at(-1);
          if (!chosen || action_id === undefined) continue;
          released.set(chosen, (released.get(chosen) ?? new Set()).add(id));
          dispatcher.release({ product_id: 'shop', session_id: id, action_id });
        } else dispatcher.wakeUp();

        expect(dispatcher.stats().waiting).toBeLessThanOrEqual(options.maxWaiting);
        // Dropping changes which action waits longest, so punctuality is checked without it.
        const isPunctual = hasRoom() && 'maxWaiting' in fixed;
        for (const [id, since] of isPunctual ? waitingSince : []) {
          if (!busySessions().has(id)) {
            // After an execution, the next one waits to gather sessions.
            const gatherMs = 10 * options.maxSessions;
            expect(clock.now() - since).toBeLessThanOrEqual(options.maxDelayMs + gatherMs);
          }
        }
      }

      flushing = true;
      const flushed = dispatcher.flush();
      await clock.advance(10_000);
      await flushed;
      expect(dispatcher.stats().waiting).toBe(0);
      expect(broken).toEqual([]);

      const items = executions.all.flatMap((execution) => sessionItems(execution.items));
      let arrived = 0;
      for (const [id, ids] of Object.entries(added)) {
        const got = items
          .filter(({ session_id }) => session_id === id)
          .flatMap((item) => item.actions.map(({ action_id }) => action_id));
        arrived += got.length;
        // What arrived is what was added without what was dropped, in order and each once.
        const kept = new Set(got);
        expect(kept.size).toBe(got.length);
        expect(ids.filter((action) => kept.has(action))).toEqual(got);
      }
      const dropped = items.reduce((sum, item) => sum + (item.dropped_actions ?? 0), 0);
      expect(arrived + dropped).toBe(actions);
      expect(dispatcher.stats().dropped).toBe(dropped);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) },
  );
});
