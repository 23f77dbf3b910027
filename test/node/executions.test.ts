import type { IRun } from 'n8n-workflow';
import { createExecutions } from '../../nodes/shared/batching/executions';
import { createFakeClock, settle } from '../support/fakeClock';
import { batch } from '../support/batches';

function setUp(executionTimeout = 0) {
  const clock = createFakeClock();
  const closing = new AbortController();
  const warnings: string[] = [];
  const emitted: {
    data: unknown;
    done: { resolve(run?: Partial<IRun>): void; reject(error: Error): void };
  }[] = [];
  const context = {
    emit: (data: unknown, _response: unknown, done: never) => emitted.push({ data, done }),
    helpers: {
      createDeferredPromise: () => {
        const { promise, resolve, reject } = Promise.withResolvers();
        return { promise, resolve, reject };
      },
    },
    getNode: () => ({ name: 'Autoplay Stream' }),
    logger: { warn: (message: string) => warnings.push(message) },
  };
  const execute = createExecutions(context as never, {
    clock,
    executionTimeout,
    signal: closing.signal,
  });
  return { clock, closing, warnings, emitted, execute };
}

it('emits one item per session and waits for the end of the execution', async () => {
  const { clock, emitted, execute } = setUp();
  const items = [batch('s1', ['a']), batch('s2', ['b'])];
  const result = execute(items);
  expect(emitted[0]?.data).toEqual([[{ json: items[0] }, { json: items[1] }]]);
  expect(await Promise.race([result, settle()])).toBeUndefined();
  emitted[0]?.done.resolve({ status: 'success' });
  expect(await result).toBe('done');
  expect(clock.timers()).toBe(0);
});

it.each([
  ['error', 'failed'],
  ['crashed', 'failed'],
  ['canceled', 'failed'],
  ['success', 'done'],
  ['waiting', 'done'],
] as const)('takes a run that is %s for %s', async (status, expected) => {
  const { emitted, execute } = setUp();
  const result = execute([]);
  emitted[0]?.done.resolve({ status });
  expect(await result).toBe(expected);
});

it('takes a run that was cancelled or could not start for failed, and none at all for done', async () => {
  const { emitted, execute } = setUp();
  const results = [execute([]), execute([])];
  emitted[0]?.done.reject(new Error('cancelled'));
  emitted[1]?.done.resolve(undefined);
  expect(await Promise.all(results)).toEqual(['failed', 'done']);
});

it('does not hold its sessions for ever when the end is never told', async () => {
  const { clock, warnings, execute } = setUp(3_600);
  const result = execute([]);
  await clock.advance(4_199_999);
  expect(await Promise.race([result, settle()])).toBeUndefined();
  await clock.advance(1);
  expect(await result).toBe('failed');
  expect(warnings).toEqual([expect.stringContaining('70 minutes')]);
});

it('ends every wait, in silence, when the trigger has closed', async () => {
  const { clock, closing, warnings, execute } = setUp();
  const results = [execute([]), execute([])];
  closing.abort();
  expect(await Promise.all(results)).toEqual(['failed', 'failed']);
  expect(warnings).toEqual([]);
  expect(clock.timers()).toBe(0);
});
