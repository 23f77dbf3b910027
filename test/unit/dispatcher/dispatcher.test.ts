import { batch } from '../../support/batches';
import { sessionItems } from '../../support/executions';
import { setUp } from './setUp';

describe('a waiting session', () => {
  it('goes into an execution after a quiet moment, with everything that has arrived', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    await clock.advance(100);
    dispatcher.add(batch('s', ['b', 'c']));
    await clock.advance(149);
    expect(executions.all).toHaveLength(0);
    await clock.advance(1);
    expect(executions.all.map(({ at, sessions }) => ({ at, sessions }))).toEqual([
      { at: 250, sessions: { s: ['a', 'b', 'c'] } },
    ]);
  });

  it('goes after the longest wait even if its actions never pause', async () => {
    const { clock, executions, dispatcher } = setUp();
    for (let i = 0; i < 50; i += 1) {
      dispatcher.add(batch('s', [String(i)]));
      await clock.advance(100);
    }
    expect(executions.all[0]).toMatchObject({ at: 3_000 });
    expect(executions.all[0]?.sessions.s).toHaveLength(30);
  });

  it('counts the longest wait from its first waiting action, not from one that has gone', async () => {
    const { clock, executions, dispatcher } = setUp({ quietMs: 150, maxDelayMs: 400 });
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    await executions.all[0]?.end();
    await clock.advance(1_000);
    for (let i = 0; i < 5; i += 1) {
      dispatcher.add(batch('s', [String(i)]));
      await clock.advance(100);
    }
    expect(executions.all[1]?.at).toBe(1_550);
  });

  it('still goes when the wall clock is set back', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    clock.jump(-3_600_000);
    await clock.advance(150);
    expect(executions.all).toHaveLength(1);
  });

  it('needs no timer of its own: one serves all, and none is set while none waits', async () => {
    const { clock, executions, dispatcher } = setUp({ maxParallel: 5 });
    for (let i = 0; i < 1_000; i += 1) dispatcher.add(batch(`s${i}`, ['a']));
    expect(clock.timers()).toBe(1);
    await clock.advance(150);
    await Promise.all(executions.all.map(({ end }) => end()));
    expect(dispatcher.stats()).toMatchObject({ waiting: 0, sessions: 0 });
    expect(clock.timers()).toBe(0);
  });
});

describe('an execution', () => {
  it('carries many sessions, one item each, up to the limit', async () => {
    const { clock, executions, dispatcher } = setUp({ maxSessions: 2 });
    for (const id of ['s1', 's2', 's3']) dispatcher.add(batch(id, ['a']));
    dispatcher.add(batch('s1', ['b']));
    await clock.advance(170);
    expect(executions.all.map(({ sessions }) => sessions)).toEqual([
      { s2: ['a'], s3: ['a'] },
      { s1: ['a', 'b'] },
    ]);
  });

  it('gets no further session once it has enough actions', async () => {
    const { clock, executions, dispatcher } = setUp({ maxActions: 3 });
    dispatcher.add(batch('s1', ['a', 'b']));
    dispatcher.add(batch('s2', ['a', 'b']));
    dispatcher.add(batch('s3', ['a']));
    await clock.advance(150);
    expect(executions.all.map(({ sessions }) => Object.keys(sessions))).toEqual([
      ['s1', 's2'],
      ['s3'],
    ]);
  });

  it('waits to gather sessions, the longer the more sessions the last execution carried', async () => {
    const { clock, executions, dispatcher } = setUp({ maxParallel: 9, maxSessions: 50 });
    const many = (count: number, from = 0) =>
      Array.from({ length: count }, (_, i) => dispatcher.add(batch(`s${from + i}`, ['a'])));
    const carried = () => executions.all.map(({ items }) => items.length);
    many(20);
    await clock.advance(150);
    many(5, 20);
    await clock.advance(199);
    expect(carried()).toEqual([20]);
    await clock.advance(1);
    expect(carried()).toEqual([20, 5]);
    many(1, 30);
    await clock.advance(150);
    expect(carried()).toEqual([20, 5, 1]);
    // At most 300 ms, and not at all once an execution is full.
    many(40, 40);
    await clock.advance(150);
    many(1, 90);
    await clock.advance(299);
    expect(carried()).toEqual([20, 5, 1, 40]);
    await clock.advance(1);
    expect(carried()).toEqual([20, 5, 1, 40, 1]);
    many(40, 100);
    await clock.advance(150);
    many(50, 150);
    await clock.advance(150);
    expect(carried()).toEqual([20, 5, 1, 40, 1, 40, 50]);
  });

  it('keeps sessions of the same id apart when their products differ', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a'], { product_id: 'shop' }));
    dispatcher.add(batch('s', ['b'], { product_id: 'blog' }));
    await clock.advance(150);
    const items = sessionItems(executions.all[0]?.items ?? []);
    expect(items.map(({ product_id, count }) => [product_id, count])).toEqual([
      ['shop', 1],
      ['blog', 1],
    ]);
  });
});

describe('parallel executions', () => {
  it('never share a session: what arrives meanwhile goes into the next execution', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    dispatcher.add(batch('s', ['b']));
    await clock.advance(5_000);
    expect(executions.all).toHaveLength(1);
    await executions.all[0]?.end();
    expect(executions.all[1]?.sessions).toEqual({ s: ['b'] });
  });

  it('let other sessions start while one session is busy', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('slow', ['a']));
    await clock.advance(150);
    dispatcher.add(batch('slow', ['b']));
    dispatcher.add(batch('quick', ['a']));
    await clock.advance(150);
    expect(executions.all[1]).toMatchObject({ at: 300, sessions: { quick: ['a'] } });
  });

  it('are limited in number, and the session that has waited longest goes first', async () => {
    const { clock, executions, dispatcher } = setUp({ maxParallel: 1, maxSessions: 1 });
    dispatcher.add(batch('s1', ['a']));
    await clock.advance(150);
    // s1 becomes due before s2 while it is still in an execution, and keeps its place.
    dispatcher.add(batch('s1', ['b']));
    await clock.advance(10);
    dispatcher.add(batch('s2', ['a']));
    await clock.advance(500);
    expect(executions.all).toHaveLength(1);
    await executions.all[0]?.end();
    await executions.all[1]?.end();
    expect(executions.all.map(({ sessions }) => Object.keys(sessions))).toEqual([
      ['s1'],
      ['s1'],
      ['s2'],
    ]);
  });
});

describe('a session that is released before its execution ends', () => {
  const released = { product_id: 'shop', session_id: 's', action_id: 'a' };

  it('may start the next one at once, and the end of the first does not release it from the second', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['a']));
    await clock.advance(150);
    dispatcher.add(batch('s', ['b']));
    await clock.advance(150);
    dispatcher.release(released);
    expect(executions.all.map(({ sessions }) => sessions)).toEqual([{ s: ['a'] }, { s: ['b'] }]);
    dispatcher.add(batch('s', ['c']));
    await clock.advance(150);
    await executions.all[0]?.end();
    await clock.advance(150);
    expect(executions.all).toHaveLength(2);
    await executions.all[1]?.end();
    expect(executions.all[2]?.sessions).toEqual({ s: ['c'] });
  });

  it('is released by any of its actions, because its source may have put another one last', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['x', 'a', 'y']));
    await clock.advance(150);
    dispatcher.release(released);
    dispatcher.add(batch('s', ['b']));
    await clock.advance(150);
    expect(executions.all.map(({ sessions }) => sessions)).toEqual([
      { s: ['x', 'a', 'y'] },
      { s: ['b'] },
    ]);
  });

  it('stays in the next one when a step of another execution releases earlier actions', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('s', ['x', 'a']));
    await clock.advance(150);
    dispatcher.add(batch('s', ['b']));
    await clock.advance(150);
    dispatcher.release(released);
    dispatcher.add(batch('s', ['c']));
    await clock.advance(150);
    // For example by a second step that delivers, while b is not remembered yet.
    dispatcher.release(released);
    dispatcher.release({ ...released, action_id: 'c' });
    expect(executions.all).toHaveLength(2);
    dispatcher.release({ ...released, action_id: 'b' });
    expect(executions.all[2]?.sessions).toEqual({ s: ['c'] });
  });

  it('is not confused with a session of another product, whatever their names', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.add(batch('b c', ['a'], { product_id: 'a' }));
    dispatcher.add(batch('c', ['a'], { product_id: 'a b' }));
    await clock.advance(150);
    dispatcher.add(batch('c', ['d'], { product_id: 'a b' }));
    await clock.advance(150);
    dispatcher.release({ product_id: 'a', session_id: 'b c', action_id: 'a' });
    expect(executions.all).toHaveLength(1);
  });

  it('makes room for others, up to four times as many executions', async () => {
    const { clock, executions, dispatcher } = setUp({ maxParallel: 1, maxSessions: 1 });
    const ids = ['s', 's2', 's3', 's4', 's5'];
    for (const id of ids) dispatcher.add(batch(id, ['a']));
    await clock.advance(150);
    expect(executions.all).toHaveLength(1);
    for (const [i, session_id] of ids.entries()) {
      expect(executions.all).toHaveLength(Math.min(i + 1, 4));
      dispatcher.release({ ...released, session_id });
    }
    expect(executions.all).toHaveLength(4);
    await executions.all[0]?.end();
    expect(executions.all).toHaveLength(5);
  });

  it('makes room for others beside executions that never end, up to twenty times as many', async () => {
    const { clock, executions, dispatcher } = setUp({ maxParallel: 1, maxSessions: 1 });
    for (let i = 0; i < 30; i++) {
      dispatcher.add(batch(`s${i}`, ['a']));
      await clock.advance(150);
      dispatcher.release({ ...released, session_id: `s${i}` });
      await clock.advance(10_000);
    }
    expect(executions.all).toHaveLength(20);
    await executions.all[0]?.end();
    expect(executions.all).toHaveLength(21);
  });

  it('makes others wait no longer than 3 s for executions that are blocked', async () => {
    const { clock, executions, dispatcher } = setUp({ maxParallel: 1, maxSessions: 1 });
    for (const id of ['s1', 's2', 's3', 's4', 'other']) dispatcher.add(batch(id, ['a']));
    await clock.advance(150);
    for (const id of ['s1', 's2', 's3', 's4']) dispatcher.release({ ...released, session_id: id });
    expect(executions.all).toHaveLength(4);
    await clock.advance(2_999);
    expect(executions.all).toHaveLength(4);
    await clock.advance(1);
    expect(executions.all).toHaveLength(5);
  });

  it('is left alone if it is in no execution', async () => {
    const { clock, executions, dispatcher } = setUp();
    dispatcher.release(released);
    dispatcher.add(batch('s', ['a']));
    dispatcher.release(released);
    await clock.advance(150);
    await executions.all[0]?.end();
    dispatcher.release(released);
    expect(dispatcher.stats()).toMatchObject({ sessions: 0, running: 0, waiting: 0 });
  });
});

describe('when more actions wait than allowed', () => {
  it('the oldest are dropped, and the next item says how many', async () => {
    const { clock, executions, dispatcher } = setUp({ maxWaiting: 4 });
    dispatcher.add(batch('s1', ['a', 'b', 'c']));
    dispatcher.add(batch('s2', ['d']));
    dispatcher.add(batch('s1', ['e', 'f']));
    await clock.advance(150);
    expect(executions.all[0]?.sessions).toEqual({ s2: ['d'], s1: ['c', 'e', 'f'] });
    expect(executions.all[0]?.items.map((item) => 'dropped_actions' in item)).toEqual([
      true,
      false,
    ]);
    expect(sessionItems(executions.all[0]?.items ?? [])[0]?.dropped_actions).toBe(2);
    expect(dispatcher.stats()).toMatchObject({ waiting: 0, dropped: 2 });
  });

  it('a session without remaining actions is forgotten', async () => {
    const { clock, executions, dispatcher } = setUp({ maxWaiting: 1 });
    for (let i = 0; i < 100; i += 1) dispatcher.add(batch(`s${i}`, ['a']));
    expect(dispatcher.stats()).toMatchObject({ waiting: 1, sessions: 1 });
    await clock.advance(150);
    expect(executions.all[0]?.sessions).toEqual({ s99: ['a'] });
  });

  it('a summary keeps its place among the remaining actions', async () => {
    const { clock, executions, dispatcher } = setUp({ maxWaiting: 2 });
    const summary = { summary: 'text', replaces: 3, forwarded_at: 0, position: 2 };
    dispatcher.add(batch('s', ['a', 'b', 'c'], { summaries: [summary] }));
    await clock.advance(150);
    const [item] = sessionItems(executions.all[0]?.items ?? []);
    expect(item?.summaries).toEqual([{ ...summary, position: 1 }]);
    expect(item?.actions.map(({ index }) => index)).toEqual([0, 1]);
  });
});
