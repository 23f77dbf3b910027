import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, ref, summarize, testMemory } from '../../support/memory';

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

const remember = async (session: string, fields: Parameters<typeof batch>[2] = {}, name = 'm') =>
  await memory.remember(name, [batch(session, [action('a')], fields)], DAY_MS);
const knows = async (session_id: string, product_id = 'shop') =>
  (await memory.recall('m', { product_id, session_id, windowMs: DAY_MS, maxActions: 9 })) !== null;
const claim = async (session: string) => {
  const condition = {
    windowMs: DAY_MS,
    maxActions: 9,
    leaseMs: 1_000,
  };
  const claimed = granted(await memory.claimNote(ref(session), 'intercom', condition));
  return claimed;
};

const NOTHING = {
  sessions: 0,
  actions: 0,
  summaries: 0,
  links: 0,
  waiting_links: 0,
  offers: 0,
  notes: [],
  notes_without_id: [],
};

describe('a session is forgotten by', () => {
  it.each([
    ['the user id it began with', { user_id: 'anonymous-1' }],
    ['the one it ended with', { user_id: '70' }],
    ['one that a single action named', { user_id: '71' }],
    ['an email address it had in between, however it is written', { email: 'OLD@example.com' }],
    ['its latest email address', { email: 'ada@example.com' }],
    ['its own id', { session_id: 's1' }],
    ['any of several', { user_id: 'nobody', email: 'ada@example.com' }],
  ])('%s', async (_, query) => {
    await remember('s1', { user_id: 'anonymous-1' });
    await remember('s1', { user_id: '71', email: 'old@example.com' });
    const both = [action('b', { user_id: '71' }), action('c', { user_id: '70' })];
    await memory.remember('m', [batch('s1', both, { email: 'Ada@example.com' })], DAY_MS);
    await remember('s2', { user_id: '72', email: 'bob@example.com' });
    expect(await memory.forget(query)).toEqual({ ...NOTHING, sessions: 1, actions: 4 });
    expect([await knows('s1'), await knows('s2')]).toEqual([false, true]);
    // Nothing of it is left that could be found by another of its names.
    const others = { session_id: 's1', user_id: 'anonymous-1', email: 'ada@example.com' };
    expect(await memory.forget(others)).toEqual(NOTHING);
  });
});

it('a name is forgotten with its session, and does not find the next one', async () => {
  await remember('s1', { user_id: '70' });
  await clock.advance(DAY_MS + 1);
  await memory.expire();
  await remember('s2', { user_id: '71' });
  expect(await memory.forget({ user_id: '70' })).toEqual(NOTHING);
  expect(await knows('s2')).toBe(true);
});

it('forgetting without a name erases nothing', async () => {
  await remember('s1');
  for (const query of [{}, { email: '' }, { memory: 'm' }, { product_id: 'shop' }]) {
    expect(await memory.forget(query)).toEqual(NOTHING);
  }
  expect(await knows('s1')).toBe(true);
});

it('forgetting can be limited to one product, because its user ids may be other people’s in another', async () => {
  const fields = { user_id: '70', email: 'ada@example.com' };
  await remember('s', fields);
  await remember('s', { ...fields, product_id: 'blog' });
  const waits = { chat: 'intercom', user_id: '71' };
  await memory.link('m', { ...waits, conversation_id: 'c1', product_id: 'blog' }, DAY_MS);
  await memory.link('m', { ...waits, conversation_id: 'c2', product_id: 'shop' }, DAY_MS);
  await memory.link('m', { ...waits, conversation_id: 'c3' }, DAY_MS);
  const erased = await memory.forget({ user_id: '70', product_id: 'blog' });
  expect(erased).toEqual({ ...NOTHING, sessions: 1, actions: 1 });
  expect([await knows('s'), await knows('s', 'blog')]).toEqual([true, false]);
  const waiting = await memory.forget({ user_id: '71', product_id: 'blog' });
  expect(waiting).toEqual({ ...NOTHING, waiting_links: 2 });
});

it('forgetting reports what was erased, which notes remain, and in which conversations a person has to look', async () => {
  for (const [session, conversation] of Object.entries({
    s1: 'c1',
    s2: 'c2',
    s3: 'c3',
    s4: 'c3',
  })) {
    await remember(session, { user_id: '70', conversation_id: conversation });
  }
  const told = await claim('s1');
  await memory.commitNote(told.claim, told.note, 'note 1');
  const untold = await claim('s2');
  await memory.commitNote(untold.claim, untold.note, null);
  // On their way at this very moment.
  const [third] = [await claim('s3'), await claim('s4')];
  await summarize(memory, ref('s1'), 'They looked around.');
  const waits = { chat: 'crisp', conversation_id: 'session_9', email: 'x@example.com' };
  await memory.link('m', { ...waits, session_id: 'later' }, DAY_MS);
  expect(await memory.forget({ user_id: '70', session_id: 'later' })).toEqual({
    sessions: 4,
    actions: 4,
    summaries: 1,
    links: 4,
    waiting_links: 1,
    offers: 0,
    notes: [{ chat: 'intercom', conversation_id: 'c1', note_id: 'note 1' }],
    notes_without_id: [
      { chat: 'intercom', conversation_id: 'c2' },
      { chat: 'intercom', conversation_id: 'c3' },
    ],
  });
  // Whoever was at it finds nothing any more, and leaves nothing behind.
  await memory.commitNote(third.claim, third.note, 'note 3');
  expect(await memory.forget({ user_id: '70' })).toEqual(NOTHING);
});
