import { batch } from '../../support/batches';
import { settle } from '../../support/fakeClock';
import { setUp } from './setUp';

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  await settle();
  return (await Promise.race([promise.then(() => 'resolved'), settle()])) !== 'resolved';
}

describe('flush', () => {
  it('resolves at once if nothing waits, even while executions run', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    await dispatcher.flush();
    expect(executions.all).toHaveLength(1);
    expect(clock.timers()).toBe(0);
  });

  it('starts executions for everything that waits, beyond their limit', async () => {
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

  it('does not wait forever for an execution that it started', async () => {
    const { clock, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    const flushed = dispatcher.flush({ startMs: 2_000 });
    await clock.advance(2_000);
    await flushed;
  });

  it('starts the last actions of a running session when its execution ends', async () => {
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

  it('starts them anyway if that execution takes too long', async () => {
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

  it('takes nothing in any more, and a second call shares the first one’s result', async () => {
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
  it('starts nothing any more, not even when an execution ends', async () => {
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
