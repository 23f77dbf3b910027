import { createPace, TooBusyError } from '../../../core/http/pace';
import { createFakeClock, settle } from '../../support/fakeClock';

function setUp(maxConcurrent = 2) {
  const clock = createFakeClock();
  const pace = createPace({ clock, maxConcurrent });
  const started: number[] = [];
  const finish: Array<() => void> = [];
  const call = (n: number) =>
    pace.run(async () => {
      started.push(n);
      await new Promise<void>((resolve) => (finish[n] = resolve));
    });
  return { clock, pace, started, finish, call };
}

it('runs at most as many calls at once as allowed, in the order of their arrival', async () => {
  const { started, finish, call } = setUp();
  [1, 2, 3, 4].forEach((n) => void call(n));
  await settle();
  expect(started).toEqual([1, 2]);
  finish[2]?.();
  await settle();
  expect(started).toEqual([1, 2, 3]);
});

it('starts no call before the pause ends that a service asked for, however often it asks', async () => {
  const { clock, pace, started, call } = setUp();
  pace.pauseUntil(clock.now() + 1_000);
  [1, 2, 3].forEach((n) => void call(n));
  await clock.advance(500);
  pace.pauseUntil(clock.now() + 1_000);
  await clock.advance(999);
  expect(started).toEqual([]);
  await clock.advance(1);
  expect(started).toEqual([1, 2]);
});

it('gives the place of a failed call to the next call', async () => {
  const { pace, started, call } = setUp(1);
  const failed = pace.run(async () => Promise.reject(new Error('no')));
  void call(1);
  await expect(failed).rejects.toThrow('no');
  await settle();
  expect(started).toEqual([1]);
});

describe('a limit that the service reports', () => {
  const budgetOf = (now: number, remaining: number) => ({
    limit: 100,
    remaining,
    resetAt: now + 10_000,
    windowMs: 10_000,
  });

  it('is spread over the window: a quarter may go at once, the rest evenly', async () => {
    const { clock, pace, started, finish, call } = setUp(1_000);
    pace.spread(budgetOf(clock.now(), 100));
    for (let n = 0; n < 200; n++) void call(n);
    const seen: number[] = [];
    for (let second = 0; second <= 10; second++) {
      await settle();
      seen.push(started.length);
      finish.forEach((end) => end());
      await clock.advance(1_000);
    }
    expect(seen[0]).toBe(26);
    expect(seen[5]).toBeGreaterThan(58);
    expect(seen[5]).toBeLessThan(68);
    expect(seen[9]).toBeLessThanOrEqual(100);
    // Nobody stands still until the window ends.
    expect(seen[9]! - seen[8]!).toBeGreaterThan(4);
  });

  it('counts calls under way that the answer may not include', async () => {
    const { clock, pace, started, call } = setUp(1_000);
    for (let n = 0; n < 50; n++) void call(n);
    await settle();
    pace.spread(budgetOf(clock.now(), 76));
    for (let n = 50; n < 60; n++) void call(n);
    await settle();
    expect(started).toHaveLength(50);
  });

  it('no longer counts when its window is over', async () => {
    const { clock, pace, started, call } = setUp(10);
    pace.spread(budgetOf(clock.now(), 0));
    void call(1);
    await clock.advance(9_000);
    expect(started).toEqual([]);
    await clock.advance(1_000);
    expect(started).toEqual([1]);
  });
});

it('keeps calls running under a limit of a service whose clock is ahead', async () => {
  const { clock, pace, started, call } = setUp();
  const resetAt = clock.now() + 50_000;
  pace.spread({ limit: 100, remaining: 90, resetAt, windowMs: 10_000 });
  void call(1);
  await settle();
  expect(started).toEqual([1]);
});

it('ignores a limit whose window is in the future because the clock was set back', async () => {
  const { clock, pace, started, call } = setUp();
  pace.spread({ limit: 100, remaining: 10, resetAt: clock.now() + 10_000, windowMs: 10_000 });
  clock.jump(-3_600_000);
  void call(1);
  await settle();
  expect(started).toEqual([1]);
});

it('ignores a pause that is in the future because the clock was set back', async () => {
  const { clock, pace, started, call } = setUp();
  pace.pauseUntil(clock.now() + 1_000);
  clock.jump(-3_600_000);
  void call(1);
  await clock.advance(1_000);
  expect(started).toEqual([1]);
  pace.pauseUntil(clock.now() + 1_000);
  void call(2);
  await clock.advance(999);
  expect(started).toEqual([1]);
  await clock.advance(1);
  expect(started).toEqual([1, 2]);
});

describe('a call that yields', () => {
  const yielding = (set: ReturnType<typeof setUp>, n: number, ms = 1_000) =>
    set.pace.run(async () => void set.started.push(n), { yieldFor: ms });

  it('lets other calls go first, except for every fourth turn', async () => {
    const set = setUp(1);
    for (let n = 1; n <= 7; n++) void set.call(n);
    void yielding(set, 101);
    void yielding(set, 102);
    for (let n = 1; n <= 7; n++) {
      await settle();
      set.finish[n]?.();
    }
    await settle();
    expect(set.started).toEqual([1, 2, 3, 101, 4, 5, 6, 102, 7]);
  });

  it('gives up after its time, and is not made', async () => {
    const set = setUp(1);
    void set.call(1);
    await settle();
    const waiting = yielding(set, 101);
    waiting.catch(() => undefined);
    await set.clock.advance(1_000);
    await expect(waiting).rejects.toThrow(TooBusyError);
    set.finish[1]?.();
    await settle();
    expect(set.started).toEqual([1]);
  });

  it('leaves the calls ahead of an even pace to others', async () => {
    const set = setUp(100);
    const resetAt = set.clock.now() + 10_000;
    set.pace.spread({ limit: 100, remaining: 90, resetAt, windowMs: 10_000 });
    void yielding(set, 101, 5_000);
    void set.call(1);
    await settle();
    expect(set.started).toEqual([1]);
    await set.clock.advance(1_200);
    expect(set.started).toEqual([1, 101]);
  });

  it('does not delay other calls while it waits for its own turn', async () => {
    const set = setUp(100);
    const resetAt = set.clock.now() + 10_000;
    set.pace.spread({ limit: 100, remaining: 76, resetAt, windowMs: 10_000 });
    const left = yielding(set, 101);
    for (let n = 1; n <= 3; n++) void set.call(n);
    left.catch(() => undefined);
    await settle();
    set.finish.forEach((end) => end());
    await set.clock.advance(1_000);
    await expect(left).rejects.toThrow(TooBusyError);
    expect(set.started).toEqual([1, 2, 3]);
  });
});
