import type { Moment } from '../../../core/moments/types';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, HOUR_MS, testMemory } from '../../support/memory';

const clock = createFakeClock();
let memory: SessionMemory;
beforeEach(async () => (memory = await testMemory(clock)));
afterEach(() => memory.close());

const query = { detector: 'd', windowMs: HOUR_MS, maxActions: 3, withHistory: true };
const key = (session_id: string, product_id = 'shop') => ({ product_id, session_id });
const timeline = async (session_id = 's', more = {}) =>
  (await memory.timelines('m', [key(session_id)], { ...query, ...more }))[0]!;
const remember = async (...batches: Parameters<SessionMemory['remember']>[1][number][]) =>
  await memory.remember('m', batches, DAY_MS);
const keep = async (
  moments: Moment[],
  more: Partial<Parameters<SessionMemory['keepMoments']>[2][number]> = {},
  detector = 'd',
) =>
  await memory.keepMoments('m', detector, [{ session: key('s'), moments, dueAt: null, ...more }]);

const moment = (fields: Partial<Moment> = {}): Moment => ({
  ...{ rule: 'dwell', name: 'Dwell', rule_version: 'v1', at: clock.now(), page: '/a' },
  ...{ evidence: [], strength: 1, window: { of: 'session', key: '' } },
  ...fields,
});
const personal = (key: string) => moment({ window: { of: 'person', key } });
const history = (fields = {}) => ({
  ...{ first_seen_at: 1, session_id: 's', last_seen_at: clock.now(), seen_before_at: null },
  ...{ sessions: 1, sections: {}, visits: {} },
  ...fields,
});

test('a timeline has the latest actions of the person who acts, and says whether these are all', async () => {
  await remember(batch('s', [action('a'), action('b')], { user_id: 'ann' }));
  expect(await timeline()).toMatchObject({
    ...{ is_complete: true, is_signed_in: true, history: null, fired: [], due_at: null },
    session: { session_id: 's', user_id: 'ann' },
    actions: [
      { seq: 1, action: { title: 'a' } },
      { seq: 2, action: { title: 'b' } },
    ],
  });
  await remember(batch('s', [action('c'), action('d')]));
  const cut = await timeline();
  expect(cut.actions.map(({ action: { title } }) => title)).toEqual(['b', 'c', 'd']);
  expect(cut.is_complete).toBe(false);
  await remember(batch('s', [action('e')], { user_id: 'bob' }));
  const other = await timeline();
  expect(other.actions.map(({ action: { title } }) => title)).toEqual(['e']);
  expect(other.is_complete).toBe(true);
});

test('what happened too long ago is not in it', async () => {
  await remember(batch('s', [action('a')]));
  await clock.advance(2 * HOUR_MS);
  expect(await timeline()).toMatchObject({ actions: [], is_complete: false });
});

test('many sessions at once come in their order, with null for strangers', async () => {
  await remember(batch('s', [action('a')]), batch('t', [action('b')], { product_id: 'other' }));
  const keys = [key('t', 'other'), key('nobody'), key('s'), key('t')];
  const found = await memory.timelines('m', keys, query);
  expect(found.map((one) => one?.session.session_id)).toEqual(['t', undefined, 's', undefined]);
});

test('a window keeps one moment, for each detector and session', async () => {
  await remember(batch('s', [action('a')]), batch('t', [action('b')]));
  const [kept] = await keep([moment(), moment({ window: { of: 'session', key: '/b' } })]);
  expect(new Set(kept!.map(({ moment_id }) => moment_id)).size).toBe(2);
  expect(await keep([moment({ at: 5 })])).toEqual([[]]);
  expect((await keep([moment()], {}, 'other'))[0]).toHaveLength(1);
  expect((await keep([moment()], { session: key('t') }))[0]).toHaveLength(1);
  expect((await timeline()).fired).toEqual(['v1 session ', 'v1 session /b']);
});

test('two workers that find the same keep it once', async () => {
  await remember(batch('s', [action('a')]));
  const kept = await Promise.all(Array.from({ length: 6 }, () => keep([moment()])));
  expect(kept.flat(2)).toHaveLength(1);
});

test('a window of a person holds in their other sessions, not in other products', async () => {
  await remember(
    batch('s', [action('a')], { user_id: 'ann' }),
    batch('t', [action('b')], { user_id: 'ann' }),
    batch('u', [action('c')], { user_id: 'ann', product_id: 'other' }),
  );
  expect((await keep([personal('x')]))[0]).toHaveLength(1);
  expect((await keep([personal('x')], { session: key('t') }))[0]).toHaveLength(0);
  expect((await keep([personal('x')], { session: key('u', 'other') }))[0]).toHaveLength(1);
  expect((await timeline('t')).fired).toEqual(['v1 person x']);
});

test('a moment of a person is not kept for nobody', async () => {
  await remember(batch('s', [action('a')]));
  expect(await keep([personal('x')])).toEqual([[]]);
});

test('a history is kept for the person, and says since when histories are kept', async () => {
  await remember(
    batch('s', [action('a')], { user_id: 'ann', email: 'Ann@x.example' }),
    batch('t', [action('b')], { user_id: 'ann' }),
    batch('u', [action('c')], { user_id: 'bob' }),
  );
  const since = clock.now();
  await keep([], { history: history({ sections: { '/a': [3, 's'] } }) });
  await clock.advance(HOUR_MS);
  await keep([], { session: key('u'), history: history() });
  expect(await timeline('t')).toMatchObject({
    ...{ learning_since: since, history: { sections: { '/a': [3, 's'] } } },
  });
  expect(await timeline('t', { withHistory: false })).toMatchObject({ history: null });
});

describe('sessions that are due', () => {
  const resumed = async (more = {}) =>
    (await memory.unfinished('m', { limit: 10, ...more })).map(({ session_id }) => session_id);

  beforeEach(async () => {
    await remember(batch('s', [action('a')]), batch('t', [action('b')]));
  });

  test('are passed on at their time, and again later in case nothing comes of it', async () => {
    await keep([], { dueAt: clock.now() + 5_000 });
    expect(await memory.nextMomentAt('m')).toBe(clock.now() + 5_000);
    expect(await memory.nextMomentAt('m', ['other'])).toBeNull();
    expect([await memory.isWorkDue('m'), await resumed()]).toEqual([false, []]);
    await clock.advance(5_000);
    expect([await memory.isWorkDue('m'), await resumed()]).toEqual([true, ['s']]);
    expect(await resumed()).toEqual([]);
    await clock.advance(60_000);
    expect(await resumed()).toEqual(['s']);
    await keep([], { dueAt: null });
    expect(await memory.nextMomentAt('m')).toBeNull();
  });

  test('are for workflows that detect moments', async () => {
    await keep([], { dueAt: clock.now() });
    for (const detectors of [[], ['other']]) {
      expect(await memory.isWorkDue('m', { detectors })).toBe(false);
      expect(await resumed({ detectors })).toEqual([]);
    }
    const own = { detectors: ['d'] };
    expect([await memory.isWorkDue('m', own), await resumed(own)]).toEqual([true, ['s']]);
  });
});

describe('what is kept', () => {
  beforeEach(async () => {
    await remember(batch('s', [action('a')], { user_id: 'ann' }));
    await keep([moment(), personal('x')], { dueAt: clock.now() + 1, history: history() });
  });
  /** Ann comes back in another session, and what is known of her then. */
  const back = async () => {
    await remember(batch('again', [action('b')], { user_id: 'ann' }));
    const { history: known, fired } = await timeline('again');
    return [known !== null, fired];
  };

  test('of a person outlives the session by 90 days', async () => {
    await clock.advance(DAY_MS + 1);
    await memory.expire();
    expect(await memory.nextMomentAt('m')).toBeNull();
    expect(await back()).toEqual([true, ['v1 person x']]);
    await clock.advance(90 * DAY_MS);
    await memory.expire();
    expect(await back()).toEqual([false, []]);
  });

  test('is forgotten with the person, also by an address of theirs', async () => {
    await remember(batch('s', [action('c')], { email: 'ann@x.example' }));
    await memory.forget({ email: 'ann@x.example' });
    expect(await back()).toEqual([false, []]);
  });

  test('is forgotten after the sessions are gone', async () => {
    await clock.advance(DAY_MS + 1);
    await memory.expire();
    await memory.forget({ user_id: 'ann', product_id: 'other' });
    expect(await back()).toEqual([true, ['v1 person x']]);
    await memory.forget({ user_id: 'ann', product_id: 'shop', memory: 'm' });
    expect(await back()).toEqual([false, []]);
  });
});
