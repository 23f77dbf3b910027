import type { LinkRequest, SessionMemory } from '../../../core/memory/types';
import { mergeBatches } from '../../../core/payload/merge';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, summarize, testMemory } from '../../support/memory';

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

type Fields = Parameters<typeof batch>[2];
const remember = async (session: string, fields: Fields = {}, said = 'a') => {
  await clock.advance(1);
  const [info] = await memory.remember('m', [batch(session, [action(said)], fields)], DAY_MS);
  return info!;
};
const link = async (request: Partial<LinkRequest>) => {
  const whole = { chat: 'crisp', conversation_id: 'session_1', ...request };
  const { status, session } = await memory.link('m', whole, DAY_MS);
  return [status, session?.session_id];
};
const all = { windowMs: DAY_MS, maxActions: 500 };
const told = async (query: object) =>
  (await memory.recall('m', { ...all, ...query }))?.actions.map(({ description }) => description);

const PLACEHOLDERS = ['undefined', 'null', 'NaN', '[object Object]', 'anonymous', '0'];

describe.each(PLACEHOLDERS)('the placeholder %s', (name) => {
  it('as a user id or address never links a stranger’s session', async () => {
    await remember('a', { user_id: name, email: name });
    await remember('b', { user_id: name, email: name });
    expect(await link({ user_id: name, email: name })).toEqual(['waiting', undefined]);
    expect(await told({ user_id: name })).toBeUndefined();
    expect(await told({ email: name })).toBeUndefined();
    expect((await remember('c', { user_id: name })).links).toEqual({});
  });

  it('forgets no session', async () => {
    await remember('a', { user_id: name, email: name });
    expect(await memory.forget({ user_id: name, email: name })).toMatchObject({ sessions: 0 });
    expect(await told({ session_id: 'a' })).toEqual(['a']);
  });

  it('does not take a known name from a session', async () => {
    await remember('a', { user_id: '70', email: 'ada@example.com' });
    const after = await remember('a', { user_id: name, email: name });
    expect(after).toMatchObject({ user_id: '70', email: 'ada@example.com' });
  });
});

it('an address is the same in every spelling', async () => {
  await remember('a', { email: 'J\u00d6RG@Example.com' });
  expect(await link({ email: 'jo\u0308rg@example.com' })).toEqual(['linked', 'a']);
  expect(await told({ email: 'J\u00f6rg@EXAMPLE.com' })).toEqual(['a']);
  expect(await memory.forget({ email: 'JO\u0308RG@example.com' })).toMatchObject({ sessions: 1 });
});

describe('in a memory of several products, without a product', () => {
  beforeEach(async () => {
    await remember('s1', { product_id: 'p1', user_id: '7', email: 'ada@example.com' });
    await remember('s2', { product_id: 'p2', user_id: '8' });
  });

  it.each([{ user_id: '7' }, { email: 'ada@example.com' }])('%j decides nothing', async (whom) => {
    expect(await link(whom)).toEqual(['ambiguous', undefined]);
    expect(await told(whom)).toBeUndefined();
    expect(await link({ ...whom, product_id: 'p1' })).toEqual(['linked', 's1']);
  });

  it('a session id decides, and so does the conversation that the stream named', async () => {
    expect(await link({ session_id: 's1' })).toEqual(['linked', 's1']);
    await remember('s2', { product_id: 'p2', conversation_id: 'session_2' });
    expect(await link({ user_id: '7', conversation_id: 'session_2' })).toEqual(['linked', 's2']);
  });
});

describe('a session that is named and not known yet', () => {
  const ada = { user_id: '70', email: 'ada@example.com' };

  it('is waited for, and the visitor’s older session does not take its place', async () => {
    await remember('old', ada);
    expect(await link({ session_id: 'new', ...ada })).toEqual(['waiting', undefined]);
    expect((await remember('third', ada)).links).toEqual({});
    expect((await remember('new', ada)).links).toEqual({ crisp: 'session_1' });
  });

  it('is still waited for when a later message names less', async () => {
    await link({ session_id: 'new' });
    await link({ user_id: '70' });
    await link({});
    expect((await remember('other', ada)).links).toEqual({});
    expect((await remember('new')).links).toEqual({ crisp: 'session_1' });
  });

  it('is not waited for any more when another person writes', async () => {
    await link({ session_id: 'new', user_id: '70' });
    await link({ user_id: '71' });
    expect((await remember('new', ada)).links).toEqual({});
    expect((await remember('bob', { user_id: '71' })).links).toEqual({ crisp: 'session_1' });
  });

  it.each([
    ['user:70', { user_id: '70' }],
    ['email:ada@example.com', { email: 'ada@example.com' }],
  ])(
    'does not keep the session of a stream that names none, %s, from being linked',
    async (id, whom) => {
      await remember(id, whom);
      expect(await link({ session_id: 'never', ...whom })).toEqual(['linked', id]);
      expect((await remember('never')).links).toEqual({ crisp: 'session_1' });
      const second = { conversation_id: 'session_2', session_id: 'x', user_id: '80' };
      expect(await link(second)).toEqual(['waiting', undefined]);
      expect((await remember('user:80', { user_id: '80' })).links).toEqual({ crisp: 'session_2' });
    },
  );
});

describe('when another user id follows in a session', () => {
  const ada = { user_id: '70', email: 'ada@example.com' };
  const bob = { user_id: '71' };
  const claim = async () => {
    const condition = { windowMs: DAY_MS, maxActions: 100, leaseMs: 1_000 };
    const ref = { memory: 'm', product_id: 'shop', session_id: 's' };
    const claimed = await memory.claimNote(ref, 'crisp', condition);
    if (claimed.status !== 'claimed') return claimed.status;
    await memory.commitNote(claimed.claim, claimed.note, 'n');
    return claimed.note.text;
  };

  it('the previous person’s address is dropped', async () => {
    await remember('s', ada);
    expect(await remember('s', bob)).toMatchObject({ user_id: '71', email: null });
    expect(await link({ email: ada.email })).toEqual(['waiting', undefined]);
    expect(await memory.forget({ email: ada.email })).toMatchObject({ sessions: 1 });
  });

  it('the previous person’s user id is dropped when only another address comes', async () => {
    await remember('s', ada);
    const after = await remember('s', { email: 'bob@example.com' });
    expect(after).toMatchObject({ user_id: null, email: 'bob@example.com' });
  });

  it('the new person’s actions do not go into the previous person’s conversation', async () => {
    await remember('s', ada, 'by ada');
    await link({ session_id: 's' });
    expect(await claim()).toContain('by ada');
    expect((await remember('s', bob, 'by bob')).links).toEqual({});
    expect(await claim()).toBe('not_linked');
    expect(await told({ chat: 'crisp', conversation_id: 'session_1' })).toBeUndefined();
  });

  it('the new person’s conversation gets only their own actions', async () => {
    await remember('s', ada, 'by ada');
    await link({ session_id: 's' });
    const ref = { memory: 'm', product_id: 'shop', session_id: 's' };
    await summarize(memory, ref, 'Ada was here.');
    await remember('s', bob, 'by bob');
    const second = { chat: 'crisp', conversation_id: 'session_2' };
    expect(await link({ ...second, session_id: 's' })).toEqual(['linked', 's']);
    expect(await told(second)).toEqual(['by bob']);
    const found = await memory.recall('m', { ...all, ...second, maxActions: 0, windowMs: 0 });
    expect(found?.summary).toBeNull();
    const note = await claim();
    expect(note).toContain('by bob');
    expect(note).not.toContain('by ada');
    expect(await memory.replacementLeft(ref, 'crisp')).toMatchObject({ summary: false });
    await summarize(memory, ref, 'Bob was here.');
    expect(
      (await memory.claimSummary(ref, {
        threshold: 9,
        linkedOnly: false,
        maxActions: 9,
        leaseMs: 1,
        includePaused: false,
      })) as object,
    ).toMatchObject({ summary: 'Bob was here.' });
  });

  it('the same holds within one batch', async () => {
    await remember('s', ada, 'first');
    await link({ session_id: 's' });
    const merged = mergeBatches([
      batch('s', [action('by ada')], ada),
      batch('s', [action('by bob')], { user_id: '71' }),
      batch('s', [action('by bob, too')], { user_id: '71' }),
    ]);
    const [info] = await memory.remember('m', [merged], DAY_MS);
    expect(info).toMatchObject({ user_id: '71', email: null, links: {} });
    expect(await told({ session_id: 's' })).toEqual(['by bob', 'by bob, too']);
  });

  it('a repeated batch of the previous person changes nothing', async () => {
    const first = batch('s', [action('by ada')], ada);
    await memory.remember('m', [first], DAY_MS);
    await remember('s', bob, 'by bob');
    const [again] = await memory.remember('m', [first], DAY_MS);
    expect(again).toMatchObject({ user_id: '71', email: null });
  });

  it.each<[string, Fields, Fields]>([
    ['by PostHog’s id', { user_id: '01a0c44e-9740-7aaa-8bbb-0123456789ab' }, ada],
    [
      'by PostHog’s older id',
      { user_id: '1791c2d0d1b4f5-0b1c2d3e4f5a6b-3f720ffe-1fa400-1791c2d0d1cabc' },
      { user_id: '70' },
    ],
    ['by a word', { user_id: 'anon-1' }, ada],
    ['by another id of the same address', { ...ada, user_id: 'crm-9' }, ada],
    ['by their address', { user_id: 'Ada@example.com' }, ada],
  ])(
    'a visitor known %s has signed in: their conversation is told on, with a word',
    async (_, before, after) => {
      await remember('s', before, 'before');
      await link({ session_id: 's' });
      await claim();
      expect((await remember('s', after, 'after')).links).toEqual({ crisp: 'session_1' });
      expect(await told({ session_id: 's' })).toEqual(['before', 'after']);
      const found = await memory.recall('m', { ...all, session_id: 's' });
      expect(found?.actions.map(({ user_changed }) => user_changed)).toEqual([undefined, true]);
      expect((await remember('s', after, 'later')).links).toEqual({ crisp: 'session_1' });
    },
  );
});
