import { createPace } from '../../../core/http/pace';
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

it('lets so many run at once, first come, first served', async () => {
  const { started, finish, call } = setUp();
  [1, 2, 3, 4].forEach((n) => void call(n));
  await settle();
  expect(started).toEqual([1, 2]);
  finish[2]?.();
  await settle();
  expect(started).toEqual([1, 2, 3]);
});

it('starts nobody before the time that was told, however often', async () => {
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

it('gives the place of a failed call to the next', async () => {
  const { pace, started, call } = setUp(1);
  const failed = pace.run(async () => Promise.reject(new Error('no')));
  void call(1);
  await expect(failed).rejects.toThrow('no');
  await settle();
  expect(started).toEqual([1]);
});
