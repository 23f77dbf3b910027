import { batch } from '../../support/batches';
import { setUp } from './setUp';

it('a wake-up is an item without a session', async () => {
  const { executions, dispatcher } = setUp({ maxParallel: 5 });
  dispatcher.wakeUp();
  expect(executions.all[0]?.items).toEqual([{ type: 'wake_up', product_id: 'shop' }]);
});

it('a wake-up follows a failed execution after two seconds', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp({ maxParallel: 5 });
  dispatcher.add(batch('s', ['a']));
  await clock.advance(150);
  await executions.all[0]?.end('failed');
  await clock.advance(1_999);
  expect(wakeUps()).toHaveLength(0);
  await clock.advance(1);
  expect(wakeUps()).toHaveLength(1);
});

it('a wake-up follows an execution that could not start', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp({ maxParallel: 5 });
  dispatcher.add(batch('s', ['a']));
  await clock.advance(150);
  await executions.all[0]?.end(new Error('no such workflow'));
  await clock.advance(2_000);
  expect(wakeUps()).toHaveLength(1);
  expect(dispatcher.stats()).toMatchObject({ failed: 1, wakeUps: 1 });
});

it('wake-ups follow at growing intervals, up to a minute, until one succeeds', async () => {
  const { clock, dispatcher, wakeUps } = setUp({ maxParallel: 5 });
  dispatcher.wakeUp();
  for (const seconds of [2, 4, 8, 16, 32, 60, 60]) {
    const before = wakeUps().length;
    await wakeUps().at(-1)?.end('failed');
    await clock.advance(seconds * 1_000 - 1);
    expect(wakeUps()).toHaveLength(before);
    await clock.advance(1);
    expect(wakeUps()).toHaveLength(before + 1);
  }
  await wakeUps().at(-1)?.end('done');
  // The last wake-up, a minute after the last failure, is due by now.
  await clock.advance(1);
  const all = wakeUps().length;
  await wakeUps().at(-1)?.end('done');
  await clock.advance(600_000);
  expect(wakeUps()).toHaveLength(all);
});

it('the intervals start over after a wake-up has succeeded', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp({ maxParallel: 5 });
  dispatcher.wakeUp();
  await wakeUps().at(-1)?.end('failed');
  await clock.advance(2_000);
  await wakeUps().at(-1)?.end('done');
  dispatcher.add(batch('s', ['a']));
  await clock.advance(150);
  await executions.all.at(-1)?.end('failed');
  await clock.advance(2_000);
  expect(wakeUps()).toHaveLength(3);
});

it('the intervals keep growing while one session always fails, although others succeed', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp({ maxParallel: 5 });
  dispatcher.wakeUp();
  for (const seconds of [2, 4, 8]) {
    await wakeUps().at(-1)?.end('failed');
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    await executions.all.at(-1)?.end('done');
    await clock.advance(seconds * 1_000 - 151);
    const before = wakeUps().length;
    await clock.advance(1);
    expect(wakeUps()).toHaveLength(before + 1);
  }
});

it('one wake-up follows several failures', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp({ maxParallel: 3 });
  for (const id of ['s1', 's2', 's3']) {
    dispatcher.add(batch(id, ['a']));
    await clock.advance(150);
  }
  for (const { end } of [...executions.all]) await end('failed');
  await clock.advance(59_000);
  expect(wakeUps()).toHaveLength(1);
});

it('a second wake-up follows when the claims of crashed executions have lapsed', async () => {
  const { clock, dispatcher, wakeUps } = setUp({ maxParallel: 5 });
  dispatcher.wakeUp();
  await wakeUps().at(-1)?.end('done');
  await clock.advance(59_999);
  expect(wakeUps()).toHaveLength(1);
  await clock.advance(1);
  expect(wakeUps()).toHaveLength(2);
  await wakeUps().at(-1)?.end('done');
  await clock.advance(600_000);
  expect(wakeUps()).toHaveLength(2);
});

it('a wake-up that takes long does not hold up sessions', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp({ maxParallel: 1 });
  dispatcher.wakeUp();
  dispatcher.add(batch('s1', ['a']));
  await clock.advance(150);
  expect(executions.all).toHaveLength(2);
  await executions.all[1]?.end();
  dispatcher.add(batch('s2', ['a']));
  await clock.advance(150);
  expect(executions.all).toHaveLength(3);
  expect(wakeUps()).toHaveLength(1);
});

it('wake-ups do not pile up', async () => {
  const { executions, dispatcher, wakeUps } = setUp({ maxParallel: 2 });
  for (let i = 0; i < 5; i++) dispatcher.wakeUp();
  expect(wakeUps()).toHaveLength(2);
  await executions.all[0]?.end();
  expect(wakeUps()).toHaveLength(3);
});

it('a wake-up waits for room and then goes before sessions', async () => {
  const { clock, executions, dispatcher } = setUp({ maxParallel: 1 });
  dispatcher.add(batch('s1', ['a']));
  await clock.advance(150);
  dispatcher.add(batch('s2', ['a']));
  await clock.advance(150);
  dispatcher.wakeUp();
  dispatcher.wakeUp();
  expect(executions.all).toHaveLength(1);
  await executions.all[0]?.end();
  await executions.all[1]?.end();
  expect(executions.all.map(({ items }) => items[0]?.type)).toEqual([
    'actions',
    'wake_up',
    'actions',
  ]);
});

it('no wake-up is sent if no step understands it', async () => {
  const { clock, executions, dispatcher } = setUp({ wakeUps: false });
  dispatcher.wakeUp();
  dispatcher.add(batch('s', ['a']));
  await clock.advance(150);
  await executions.all[0]?.end('failed');
  await clock.advance(600_000);
  expect(executions.all.map(({ items }) => items[0]?.type)).toEqual(['actions']);
});

it('a wake-up follows a minute after the last call of wakeUpInAMinute()', async () => {
  const { clock, dispatcher, wakeUps } = setUp({ maxParallel: 5 });
  dispatcher.wakeUpInAMinute();
  await clock.advance(40_000);
  dispatcher.wakeUpInAMinute();
  await clock.advance(59_999);
  expect(wakeUps()).toHaveLength(0);
  await clock.advance(1);
  expect(wakeUps()).toHaveLength(1);
});

it('a wake-up for due work says so, and is dropped if another wake-up goes', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp({ maxParallel: 1 });
  dispatcher.wakeUpDue();
  const due = { type: 'wake_up', product_id: 'shop', only_due: true };
  expect(executions.all.map(({ items }) => items)).toEqual([[due]]);
  dispatcher.wakeUpDue();
  dispatcher.wakeUp();
  await wakeUps()[0]?.end();
  // The other wake-up covers the due work.
  expect(wakeUps().map(({ items }) => items[0])).toEqual([
    due,
    { type: 'wake_up', product_id: 'shop' },
  ]);
  await wakeUps()[1]?.end();
  dispatcher.stop();
  dispatcher.wakeUpDue();
  await clock.advance(60_000);
  expect(wakeUps()).toHaveLength(2);
});

it('wake-ups that are planned for about the same time are one, and each later time has its own', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp({ maxParallel: 5 });
  const now = clock.now();
  for (const seconds of [31, 30, 31.5, 60]) dispatcher.wakeUpAt(now + seconds * 1_000);
  await clock.advance(29_999);
  expect(wakeUps()).toHaveLength(0);
  await clock.advance(10_000);
  expect(wakeUps().length).toBeGreaterThan(0);
  const soon = wakeUps().length;
  expect(soon).toBeLessThanOrEqual(2);
  for (const wakeUp of wakeUps()) await wakeUp.end('done');
  expect(executions.all.every(({ items }) => JSON.stringify(items).includes('only_due'))).toBe(
    true,
  );
  await clock.advance(30_000);
  expect(wakeUps()).toHaveLength(soon + 1);
  await clock.advance(600_000);
  expect(wakeUps()).toHaveLength(soon + 1);
});

it('a trigger that stops sends no wake-up that was planned', async () => {
  const { clock, dispatcher, wakeUps } = setUp({});
  dispatcher.wakeUpAt(clock.now() + 30_000);
  dispatcher.stop();
  await clock.advance(60_000);
  expect(wakeUps()).toHaveLength(0);
});
