import type { LinkRequest, RecallQuery, SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, ref, summarize, testMemory } from '../../support/memory';

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

const remember = async (
  session: string,
  said: string[],
  fields: Parameters<typeof batch>[2] = {},
) =>
  await memory.remember(
    'm',
    [
      batch(
        session,
        said.map((text) => action(text)),
        fields,
      ),
    ],
    DAY_MS,
  );
const here = { chat: 'crisp', conversation_id: 'session_1' };
const link = async (request: Partial<LinkRequest>) =>
  (await memory.link('m', { ...here, ...request }, DAY_MS)).status;
const recall = async (query: Partial<RecallQuery> = {}, name = 'm') =>
  await memory.recall(name, { windowMs: 120_000, maxActions: 20, ...query });
const told = async (query: Partial<RecallQuery> = {}, name = 'm') => {
  const found = await recall(query, name);
  return found && [found.summary, found.actions.map(({ description }) => description)];
};

it('recall leaves out the reasoning that older versions stored with summaries', async () => {
  await remember('s', ['a', 'b', 'c']);
  await summarize(memory, ref('s'), '<think>\nHm.\n</think>\n\nThey did a.', 1);
  await summarize(memory, ref('s'), '<think>\nHm.', 1);
  expect(await told({ session_id: 's', maxActions: 2 })).toEqual(['They did a.', ['b', 'c']]);
  // What a cut-off block stands for is not known: the actions are told instead.
  expect(await told({ session_id: 's', maxActions: 1 })).toEqual([null, ['c']]);
  const claim = await memory.claimSummary(ref('s'), {
    threshold: 1,
    linkedOnly: false,
    maxActions: 500,
    leaseMs: 1_000,
    includePaused: false,
  });
  expect(claim).toMatchObject({ work: { previousSummary: 'They did a.' } });
});

describe('in a conversation', () => {
  it('recall returns the linked session that was seen last', async () => {
    await remember('s1', ['a']);
    await remember('s2', ['b']);
    await link({ session_id: 's2' });
    await link({ session_id: 's1' });
    await clock.advance(1);
    await remember('s2', ['c']);
    expect(await told(here)).toEqual([null, ['b', 'c']]);
    expect(await told({ ...here, session_id: 's1' })).toEqual([null, ['a']]);
  });

  it('recall returns no session that is not linked to it, whatever the query claims', async () => {
    const ada = { user_id: '70', email: 'ada@example.com' };
    await remember('s1', ['a'], ada);
    const claimed = { ...here, session_id: 's1', ...ada };
    expect(await told(claimed)).toBeNull();
    expect(await told({ ...here, ...ada })).toBeNull();
    await link({ session_id: 's1', conversation_id: 'session_2' });
    expect(await link({ session_id: 's1' })).toBe('linked_elsewhere');
    expect(await told(claimed)).toBeNull();
    expect(await told({ ...here, ...ada })).toBeNull();
    expect(await told({ ...claimed, conversation_id: 'session_2' })).toEqual([null, ['a']]);
  });

  it('recall returns nothing while the conversation waits for a session that is not known', async () => {
    await remember('s1', ['a'], { user_id: '70' });
    await link({ session_id: 's1' });
    // Claimed from within a conversation that has a session already.
    expect(await link({ session_id: 'forged' })).toBe('waiting');
    expect(await told({ ...here, session_id: 'forged' })).toBeNull();
    expect(await told({ ...here, session_id: 'forged', user_id: '70' })).toBeNull();
  });

  it('recall respects the memory, the chat product and the product', async () => {
    await remember('s1', ['a']);
    await link({ session_id: 's1' });
    expect(await told(here, 'other')).toBeNull();
    expect(await told({ ...here, chat: 'intercom' })).toBeNull();
    expect(await told({ conversation_id: 'session_1', session_id: 's1' })).toBeNull();
    expect(await told({ ...here, product_id: 'blog' })).toBeNull();
    expect(await told({ ...here, product_id: 'shop' })).toEqual([null, ['a']]);
  });

  it('recall returns nothing once the conversation is gone, or the session has outlived its retention', async () => {
    await remember('s1', ['a']);
    await link({ session_id: 's1' });
    const condition = {
      windowMs: 1_000,
      maxActions: 9,
      leaseMs: 1_000,
    };
    const claimed = granted(await memory.claimNote(ref('s1'), 'crisp', condition));
    await memory.endLink(claimed.claim);
    expect(await told(here)).toBeNull();
    expect(await told({ ...here, session_id: 's1' })).toBeNull();
    expect(await link({ session_id: 's1' })).toBe('linked');
    expect(await told(here)).toEqual([null, ['a']]);
    await clock.advance(DAY_MS + 1);
    expect(await told(here)).toBeNull();
  });

  it('two recalls at the same time both get a correct answer', async () => {
    await remember('s1', ['a', 'b']);
    await link({ session_id: 's1' });
    const both = [here, { ...here, session_id: 's1' }];
    expect(await Promise.all(both.map((query) => told(query)))).toEqual([
      [null, ['a', 'b']],
      [null, ['a', 'b']],
    ]);
    const onlyNew = both.map((query) => told({ ...query, onlyNew: true }));
    expect((await Promise.all(onlyNew)).sort()).toEqual([
      [null, []],
      [null, ['a', 'b']],
    ]);
  });
});

it('recall lists an action until the window has passed, and no longer', async () => {
  await remember('s1', ['a']);
  await clock.advance(120_000);
  expect(await told({ session_id: 's1' })).toEqual([null, ['a']]);
  await clock.advance(1);
  expect(await told({ session_id: 's1' })).toEqual([null, []]);
});

it('recall lists the latest actions by when they happened, not by when they arrived', async () => {
  await clock.advance(60_000);
  const now = clock.now() / 1_000;
  const happened = async (texts: string[], ago: number) => {
    const actions = texts.map((text, i) => action(text, { timestamp_start: now - ago + i }));
    await memory.remember('m', [batch('s1', actions, { forwarded_at: now - ago + 1 })], DAY_MS);
  };
  await happened(['C', 'D'], 2);
  // A backfill brings what happened before.
  await happened(['A', 'B'], 20);
  expect(await told({ session_id: 's1' })).toEqual([null, ['A', 'B', 'C', 'D']]);
  expect(await told({ session_id: 's1', maxActions: 2 })).toEqual([null, ['C', 'D']]);
});

it('recall gives actions the times that are remembered, where a visitor’s clock is off', async () => {
  const now = clock.now() / 1_000;
  const late = action('A', { timestamp_start: now - 7_200 });
  await memory.remember('m', [batch('s1', [late], { forwarded_at: now })], DAY_MS);
  expect((await recall({ session_id: 's1' }))?.actions).toMatchObject([{ timestamp_start: now }]);
});

it('recall returns when the session was last seen', async () => {
  await remember('s1', ['a']);
  await clock.advance(5_000);
  await remember('s1', ['b']);
  const seen = clock.now();
  await clock.advance(5_000);
  expect((await recall({ session_id: 's1' }))?.last_seen_at).toBe(seen);
});

describe('the summary', () => {
  it('is returned for a session that has no action yet', async () => {
    const summaries = [{ summary: 'Came back.', replaces: 0, forwarded_at: 1, position: 0 }];
    await remember('s1', [], { summaries });
    expect(await told({ session_id: 's1' })).toEqual(['Came back.', []]);
  });

  it('is not returned where the list holds the whole session', async () => {
    await remember('s1', ['a', 'b', 'c']);
    await summarize(memory, ref('s1'), 'a to c');
    expect(await told({ session_id: 's1' })).toEqual([null, ['a', 'b', 'c']]);
    await clock.advance(60_000);
    await remember('s1', ['d']);
    expect(await told({ session_id: 's1' })).toEqual([null, ['a', 'b', 'c', 'd']]);
    expect(await told({ session_id: 's1', maxActions: 2 })).toEqual(['a to c', ['d']]);
    await clock.advance(60_001);
    expect(await told({ session_id: 's1' })).toEqual(['a to c', ['d']]);
  });

  it('is the later one of two that reach equally far', async () => {
    await remember('s1', ['a', 'b']);
    await summarize(memory, ref('s1'), 'Ours.');
    const summaries = [{ summary: 'The stream’s.', replaces: 0, forwarded_at: 1, position: 0 }];
    await remember('s1', [], { summaries });
    expect(await told({ session_id: 's1', maxActions: 1 })).toEqual(['The stream’s.', []]);
    await clock.advance(120_001);
    expect(await told({ session_id: 's1' })).toEqual(['The stream’s.', []]);
  });
});

describe('only what is new', () => {
  const news = async (query: Partial<RecallQuery> = {}) =>
    await told({ ...here, ...query, onlyNew: true });

  beforeEach(async () => {
    await remember('s1', ['a', 'b']);
    await link({ session_id: 's1' });
  });

  it('does not return a summary again', async () => {
    await summarize(memory, ref('s1'), 'a and b');
    await clock.advance(120_001);
    await remember('s1', ['c']);
    expect(await news()).toEqual(['a and b', ['c']]);
    expect(await news()).toEqual([null, []]);
  });

  it('does not return a summary that contains an action returned before', async () => {
    expect(await news()).toEqual([null, ['a', 'b']]);
    await remember('s1', ['c', 'd']);
    await summarize(memory, ref('s1'), 'a to d');
    expect(await news({ maxActions: 1 })).toEqual([null, ['d']]);
    // Whoever does not ask for news only is told as ever.
    expect(await told({ ...here, maxActions: 3 })).toEqual(['a to d', []]);
  });

  it('returns a summary of what came before, if none of it was returned', async () => {
    await clock.advance(120_001);
    expect(await news()).toEqual([null, []]);
    await summarize(memory, ref('s1'), 'a and b');
    await remember('s1', ['c']);
    expect(await news()).toEqual(['a and b', ['c']]);
  });

  it('still returns that summary after later actions', async () => {
    expect(await news({ maxActions: 1 })).toEqual([null, ['b']]);
    await summarize(memory, ref('s1'), 'a', 1);
    await remember('s1', ['c']);
    expect(await news()).toEqual(['a', ['c']]);
    expect(await news()).toEqual([null, []]);
  });

  it('is counted for each conversation by itself, and only by recalls that ask for it', async () => {
    expect(await told(here)).toEqual([null, ['a', 'b']]);
    await memory.link('m', { chat: 'intercom', conversation_id: '1', session_id: 's1' }, DAY_MS);
    expect(await news()).toEqual([null, ['a', 'b']]);
    expect(await news({ chat: 'intercom', conversation_id: '1' })).toEqual([null, ['a', 'b']]);
    expect(await news()).toEqual([null, []]);
  });

  it('does not list later what was too old or too much when it was new', async () => {
    expect(await news({ maxActions: 1 })).toEqual([null, ['b']]);
    await clock.advance(10_000);
    await remember('s1', ['c']);
    expect(await news({ windowMs: 5_000 })).toEqual([null, ['c']]);
    expect(await news({ windowMs: DAY_MS })).toEqual([null, []]);
  });
});
