import { createDispatcher } from '../../../core/dispatcher/dispatcher';
import type { DispatcherOptions } from '../../../core/dispatcher/types';
import { batch } from '../../support/batches';
import { createFakeExecutions } from '../../support/executions';
import { createFakeClock, settle } from '../../support/fakeClock';

function setUp(options: Partial<DispatcherOptions> = {}) {
  const clock = createFakeClock();
  const executions = createFakeExecutions(() => clock.now());
  const dispatcher = createDispatcher({
    productId: 'shop',
    clock,
    dispatch: executions.dispatch,
    ...options,
  });
  return { clock, executions, dispatcher };
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  await settle();
  return (await Promise.race([promise.then(() => 'resolved'), settle()])) !== 'resolved';
}

describe('flush', () => {
  it('resolves at once when nothing waits, although executions still run', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    await dispatcher.flush();
    expect(executions.all).toHaveLength(1);
    expect(clock.timers()).toBe(0);
  });

  it('hands over everything that waits, past the limit of executions', async () => {
    const { executions, dispatcher } = setUp({ maxParallel: 1, maxSessions: 1 });
    for (const id of ['s1', 's2', 's3']) dispatcher.add(batch(id, ['a']));
    const flushed = dispatcher.flush();
    await settle();
    expect(executions.all.map(({ sessions }) => sessions)).toEqual([
      { s1: ['a'] },
      { s2: ['a'] },
      { s3: ['a'] },
    ]);
    expect(await isPending(flushed)).toBe(true);
    for (const { end } of executions.all) await end();
    await flushed;
  });

  it('does not wait for ever for an execution it started', async () => {
    const { clock, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    const flushed = dispatcher.flush({ startMs: 2_000 });
    await clock.advance(2_000);
    await flushed;
  });

  it('lets the last actions of a running session follow when its execution ends', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    dispatcher.add(batch('s', ['b']));
    const flushed = dispatcher.flush();
    await settle();
    expect(executions.all).toHaveLength(1);
    await executions.all[0]?.end();
    expect(executions.all[1]?.sessions).toEqual({ s: ['b'] });
    await executions.all[1]?.end();
    await flushed;
  });

  it('hands them over all the same when that execution takes too long', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    dispatcher.add(batch('s', ['b']));
    const flushed = dispatcher.flush({ releaseMs: 4_000, startMs: 2_000 });
    await clock.advance(3_999);
    expect(executions.all).toHaveLength(1);
    await clock.advance(1);
    expect(executions.all[1]?.sessions).toEqual({ s: ['b'] });
    await clock.advance(2_000);
    await flushed;
  });

  it('takes nothing more, and is the same flush when called again', async () => {
    const { clock, executions, dispatcher } = setUp();
    const flushed = dispatcher.flush();
    expect(dispatcher.flush()).toBe(flushed);
    dispatcher.add(batch('s', ['a']));
    dispatcher.wakeUp();
    await clock.advance(10_000);
    expect(executions.all).toHaveLength(0);
  });
});

describe('stop', () => {
  it('starts nothing more, not even when an execution ends', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    dispatcher.add(batch('s', ['b']));
    dispatcher.stop();
    await executions.all[0]?.end();
    await clock.advance(10_000);
    expect(executions.all).toHaveLength(1);
    expect(clock.timers()).toBe(0);
  });
});
