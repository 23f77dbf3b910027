import type { Rule } from '../../../core/moments/types';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, HOUR_MS, testMemory } from '../../support/memory';
import { rule } from '../../support/moments';
import { offerRequest } from '../../support/offers';

const clock = createFakeClock();
let memory: SessionMemory;
beforeEach(async () => (memory = await testMemory(clock)));
afterEach(() => memory.close());

const key = (session_id: string, product_id = 'shop') => ({ product_id, session_id });
const RAGE = [rule('rage_click', {}, { once: 'page' })];
const DWELL = [rule('dwell')];
const VISITS = [rule('nth_visit', { visits: 2 })];

/** What a detector finds in these sessions now, as `s rage_click /a`. */
async function detect(rules: readonly Rule[], sessions = [key('s')], name = 'd') {
  const found = await memory.detectMoments('m', { name, rules }, sessions);
  return found.map(({ session, moment }) => `${session.session_id} ${moment.rule} ${moment.page}`);
}

/** The visitor clicks so often, three quarters of a second apart, and as of now nothing more is judged open. */
async function click(session_id = 's', times = 3, more = {}, page = '/a') {
  for (let i = 0; i < times; i++) {
    const now = clock.now() / 1_000;
    const clicked = action('Save', { canonical_url: page, timestamp_start: now });
    await memory.remember(
      'm',
      [batch(session_id, [clicked], { forwarded_at: now, ...more })],
      DAY_MS,
    );
    await clock.advance(750);
  }
  await clock.advance(2_000);
}

test('a moment comes with an id, its actions, and whose it is', async () => {
  await click('s', 4, { user_id: 'ann' });
  const [found, ...others] = await memory.detectMoments('m', { name: 'd', rules: RAGE }, [
    key('s'),
  ]);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    moment_id: expect.any(String),
    moment: { rule: 'rage_click', page: '/a', evidence: [1, 2, 3] },
    evidence: [1, 2, 3].map(() => ({ action: { title: 'Save', canonical_url: '/a' } })),
    session: { session_id: 's', user_id: 'ann', links: {} },
  });
});

test('a window fires once, for each detector and session', async () => {
  await click('s');
  await click('t');
  expect(await detect(RAGE)).toEqual(['s rage_click /a']);
  expect(await detect(RAGE, [key('t'), key('nobody'), key('s')])).toEqual(['t rage_click /a']);
  expect(await detect(RAGE, [key('s')], 'other')).toEqual(['s rage_click /a']);
  await click('s', 3, {}, '/b');
  expect(await detect(RAGE)).toEqual(['s rage_click /b']);
  expect(await detect(RAGE)).toEqual([]);
});

test('several workers that look at once find it once', async () => {
  await click();
  const found = await Promise.all(Array.from({ length: 6 }, () => detect(RAGE)));
  expect(found.flat()).toEqual(['s rage_click /a']);
});

test('a stay that began before the window of the rules is told by the action before it', async () => {
  const view = async (page: string) => {
    const now = clock.now() / 1_000;
    const seen = action('View', { type: 'pageview', canonical_url: page, timestamp_start: now });
    await memory.remember('m', [batch('s', [seen], { forwarded_at: now })], DAY_MS);
  };
  await view('/a');
  await clock.advance(HOUR_MS / 4);
  await view('/b');
  await clock.advance(61_000);
  expect(await detect(DWELL)).toEqual(['s dwell /b']);
});

test('a look that failed leaves nothing behind that would count twice', async () => {
  await click('s', 2);
  // A detector without a name cannot be stored, so the transaction fails after the actions were read.
  const broken = { name: null as never, rules: [...RAGE, ...DWELL] };
  for (let i = 0; i < 3; i++) {
    await expect(memory.detectMoments('m', broken, [key('s')])).rejects.toThrow();
  }
  expect(await detect(RAGE)).toEqual([]);
});

test('a detector that looks back further sees what another one did not need', async () => {
  const failures = [rule('failures')];
  const fail = async (title: string) => {
    const now = clock.now() / 1_000;
    const failed = action(title, { canonical_url: '/a', signal: 'error', timestamp_start: now });
    await memory.remember('m', [batch('s', [failed], { forwarded_at: now })], DAY_MS);
  };
  await fail('E1');
  await click('s', 1);
  await clock.advance(50_000);
  await fail('E2');
  await clock.advance(45_000);
  await fail('E3');
  await clock.advance(2_000);
  // It looks at the last minute.
  expect(await detect(RAGE)).toEqual([]);
  expect(await detect(failures, [key('s')], 'other')).toEqual(['s failures /a']);
});

test("another person's actions in the same session show nothing", async () => {
  await click('s', 2, { user_id: 'ann' });
  await click('s', 1, { user_id: 'bob' });
  expect(await detect(RAGE)).toEqual([]);
});

describe('sessions that are due', () => {
  const resumed = async (more = {}) =>
    (await memory.unfinished('m', { limit: 10, ...more })).map(({ session_id }) => session_id);
  let due: number;

  beforeEach(async () => {
    due = clock.now() + 60_000;
    await click('s', 1);
    await click('t', 1);
    expect(await detect(DWELL)).toEqual([]);
  });

  test('are passed on at their time, and again later in case nothing comes of it', async () => {
    expect(await memory.nextMomentAt('m')).toBe(due);
    expect(await memory.nextMomentAt('m', ['other'])).toBeNull();
    await clock.advance(due - clock.now() - 1);
    expect([await memory.isWorkDue('m'), await resumed()]).toEqual([false, []]);
    await clock.advance(1);
    expect([await memory.isWorkDue('m'), await resumed()]).toEqual([true, ['s']]);
    expect(await resumed()).toEqual([]);
    await clock.advance(60_000);
    expect(await resumed()).toEqual(['s']);
  });

  test('are due no longer once there is nothing to wait for', async () => {
    await clock.advance(due - clock.now());
    await resumed();
    expect(await detect(DWELL)).toEqual(['s dwell /a']);
    expect(await memory.nextMomentAt('m')).toBeNull();
  });

  test('are for workflows that detect moments', async () => {
    await clock.advance(60_000);
    for (const detectors of [[], ['other']]) {
      expect(await memory.isWorkDue('m', { detectors })).toBe(false);
      expect(await resumed({ detectors })).toEqual([]);
    }
    const own = { detectors: ['d'] };
    expect([await memory.isWorkDue('m', own), await resumed(own)]).toEqual([true, ['s']]);
  });

  test('stay due for other workflows when one has looked', async () => {
    await detect(DWELL, [key('s')], 'other');
    await clock.advance(due - clock.now());
    for (const detectors of [['d'], ['other']]) expect(await resumed({ detectors })).toEqual(['s']);
  });

  test('are forgotten with their session', async () => {
    await memory.forget({ session_id: 's' });
    expect(await memory.nextMomentAt('m')).toBeNull();
  });
});

describe('what is known of a person', () => {
  /** Ann comes back in another session, and what fires then. */
  const back = async (session_id: string, more: object = { user_id: 'ann' }) => {
    await click(session_id, 1, more);
    return await detect(VISITS, [key(session_id, (more as { product_id?: string }).product_id)]);
  };
  beforeEach(async () => expect(await back('first')).toEqual([]));

  test('is known in her other sessions of the product, and fires once for her', async () => {
    expect(await back('x', { user_id: 'ann', product_id: 'other' })).toEqual([]);
    expect(await back('x', { user_id: 'bob' })).toEqual([]);
    expect(await back('second')).toEqual(['second nth_visit /a']);
    expect(await back('third')).toEqual([]);
  });

  test('outlives sessions by 90 days', async () => {
    await clock.advance(3 * DAY_MS);
    await memory.expire();
    expect(await back('second')).toEqual(['second nth_visit /a']);
    await clock.advance(91 * DAY_MS);
    await memory.expire();
    expect(await back('third')).toEqual([]);
    expect(await back('fourth')).toEqual(['fourth nth_visit /a']);
  });

  test('is forgotten with her, also by an address of hers', async () => {
    await click('first', 1, { email: 'Ann@x.example' });
    await memory.forget({ email: 'ann@x.example' });
    expect(await back('second')).toEqual([]);
  });

  test('is forgotten after her sessions are gone, in the product that is named', async () => {
    await clock.advance(2 * DAY_MS);
    await memory.expire();
    await memory.forget({ user_id: 'ann', product_id: 'other' });
    expect(await back('second')).toEqual(['second nth_visit /a']);
    await memory.forget({ user_id: 'ann', product_id: 'shop', memory: 'm' });
    expect(await back('third')).toEqual([]);
  });

  test('is nothing for a visitor without a name', async () => {
    await back('x', {});
    expect(await back('x', {})).toEqual([]);
  });
});

test('an offer that failed is tried again with its moment, by the detector that found it', async () => {
  await click('s', 3, { user_id: 'ann' });
  const detector = { name: 'd', rules: RAGE };
  const [found] = await memory.detectMoments('m', detector, [key('s')]);
  const { moment_id, moment } = found!;
  const { name, rule_version, at, page } = moment;
  const asked = offerRequest(clock.now(), {
    session: { memory: 'm', ...key('s') },
    moment: { moment_id, name, rule_version, at, page },
  });
  const { hold } = granted(await memory.claimOffer(asked));
  const resumed = async () =>
    (await memory.unfinished('m', { limit: 9 })).map((one) => one.session_id);
  expect(await resumed()).toEqual([]);
  await memory.releaseOffer(hold, { mayHaveLanded: false, retryAfterMs: 2_000 });
  await clock.advance(2_000);
  expect([await memory.isWorkDue('m'), await resumed()]).toEqual([true, ['s']]);
  const again = async (rules: readonly Rule[]) =>
    await memory.detectMoments('m', { name: 'd', rules }, [{ ...key('s'), resumed: true }]);
  expect(await again(DWELL)).toEqual([]);
  expect(await again(RAGE)).toMatchObject([{ moment_id, moment: { rule: 'rage_click', page } }]);
  granted(await memory.claimOffer(asked));
  expect([await resumed(), await again(RAGE)]).toEqual([[], []]);
});
