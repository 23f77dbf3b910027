import { createDispatcher } from '../../../core/dispatcher/dispatcher';
import { batch } from '../../support/batches';
import { createFakeExecutions } from '../../support/executions';
import { createFakeClock } from '../../support/fakeClock';

function setUp(maxParallel = 5) {
  const clock = createFakeClock();
  const start = clock.now();
  const executions = createFakeExecutions(() => clock.now() - start);
  const dispatcher = createDispatcher({
    productId: 'shop',
    clock,
    dispatch: executions.dispatch,
    maxParallel,
  });
  const wakeUps = () => executions.all.filter(({ items }) => items[0]?.type === 'wake_up');
  return { clock, executions, dispatcher, wakeUps };
}

it('asks for unfinished work with an item that names no session', async () => {
  const { executions, dispatcher } = setUp();
  dispatcher.wakeUp();
  expect(executions.all[0]?.items).toEqual([{ type: 'wake_up', product_id: 'shop' }]);
});

it('follows a failed execution after two seconds', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp();
  dispatcher.add(batch('s', ['a']));
  await clock.advance(150);
  await executions.all[0]?.end('failed');
  await clock.advance(1_999);
  expect(wakeUps()).toHaveLength(0);
  await clock.advance(1);
  expect(wakeUps()).toHaveLength(1);
});

it('follows an execution that could not be started at all', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp();
  dispatcher.add(batch('s', ['a']));
  await clock.advance(150);
  await executions.all[0]?.end(new Error('no such workflow'));
  await clock.advance(2_000);
  expect(wakeUps()).toHaveLength(1);
  expect(dispatcher.stats()).toMatchObject({ failed: 1, wakeUps: 1 });
});

it('comes back ever more slowly, at most once a minute, until one succeeds', async () => {
  const { clock, dispatcher, wakeUps } = setUp();
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
  // The last look, a minute after the last failure, is due by now.
  await clock.advance(1);
  const all = wakeUps().length;
  await wakeUps().at(-1)?.end('done');
  await clock.advance(600_000);
  expect(wakeUps()).toHaveLength(all);
});

it('starts with a short pause again after one has succeeded', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp();
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

it('goes on backing off while other sessions succeed beside one that always fails', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp();
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

it('waits at most once, however many executions fail', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp(3);
  for (const id of ['s1', 's2', 's3']) {
    dispatcher.add(batch(id, ['a']));
    await clock.advance(150);
  }
  for (const { end } of [...executions.all]) await end('failed');
  await clock.advance(59_000);
  expect(wakeUps()).toHaveLength(1);
});

it('looks once more when the claims of what crashed have lapsed', async () => {
  const { clock, dispatcher, wakeUps } = setUp();
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

it('keeps nobody waiting, however long it takes', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp(1);
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

it('does not pile up while nothing comes of it', async () => {
  const { executions, dispatcher, wakeUps } = setUp(2);
  for (let i = 0; i < 5; i++) dispatcher.wakeUp();
  expect(wakeUps()).toHaveLength(2);
  await executions.all[0]?.end();
  expect(wakeUps()).toHaveLength(3);
});

it('waits for room, and then goes first', async () => {
  const { clock, executions, dispatcher } = setUp(1);
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

it('is not sent where nobody understands it', async () => {
  const clock = createFakeClock();
  const executions = createFakeExecutions(() => clock.now());
  const { dispatch } = executions;
  const dispatcher = createDispatcher({ productId: 'shop', clock, dispatch, wakeUps: false });
  dispatcher.wakeUp();
  dispatcher.add(batch('s', ['a']));
  await clock.advance(150);
  await executions.all[0]?.end('failed');
  await clock.advance(600_000);
  expect(executions.all.map(({ items }) => items[0]?.type)).toEqual(['actions']);
});

it('follows work that was left for a quieter time, a minute after the last of it', async () => {
  const { clock, dispatcher, wakeUps } = setUp();
  dispatcher.wakeUpInAMinute();
  await clock.advance(40_000);
  dispatcher.wakeUpInAMinute();
  await clock.advance(59_999);
  expect(wakeUps()).toHaveLength(0);
  await clock.advance(1);
  expect(wakeUps()).toHaveLength(1);
});

it('of what is due by its own pauses says so, and is no second one', async () => {
  const { clock, executions, dispatcher, wakeUps } = setUp(1);
  dispatcher.wakeUpDue();
  const due = { type: 'wake_up', product_id: 'shop', only_due: true };
  expect(executions.all.map(({ items }) => items)).toEqual([[due]]);
  dispatcher.wakeUpDue();
  dispatcher.wakeUp();
  await wakeUps()[0]?.end();
  // One that asks for everything asks for that, too.
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
