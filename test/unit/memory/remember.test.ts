import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, granted, summarize, testMemory } from '../../support/memory';
import type { RecallQuery, SessionMemory } from '../../../core/memory/types';

const everything = { windowMs: DAY_MS, maxActions: 500 };

async function setUp() {
  const clock = createFakeClock();
  const memory = await testMemory(clock);
  const recall = async (query: Partial<RecallQuery>, name = 'm') =>
    await memory.recall(name, { ...everything, ...query });
  const texts = async (query: Partial<RecallQuery>, name = 'm') =>
    (await recall(query, name))?.actions.map(({ description }) => description);
  return { clock, memory, recall, texts };
}

describe('remembering', () => {
  it('stores a batch that is delivered twice once', async () => {
    const { memory, texts } = await setUp();
    const twice = batch('s1', [action('opened pricing'), action('clicked buy')]);
    const [first] = await memory.remember('m', [twice], DAY_MS);
    const [second] = await memory.remember('m', [twice], DAY_MS);
    expect([first?.added, second?.added]).toEqual([2, 0]);
    expect(await texts({ session_id: 's1' })).toEqual(['opened pricing', 'clicked buy']);
  });

  it('stores an action once that is in the same call twice', async () => {
    const { memory, texts } = await setUp();
    const same = batch('s1', [action('clicked')]);
    await memory.remember('m', [same, same], DAY_MS);
    expect(await texts({ session_id: 's1' })).toEqual(['clicked']);
  });

  it('keeps sessions, products and memories apart that share an id', async () => {
    const { memory, texts } = await setUp();
    await memory.remember('m', [batch('s', [action('in shop')])], DAY_MS);
    await memory.remember('m', [batch('s', [action('in blog')], { product_id: 'blog' })], DAY_MS);
    await memory.remember('other', [batch('s', [action('elsewhere')])], DAY_MS);
    expect(await texts({ session_id: 's', product_id: 'shop' })).toEqual(['in shop']);
    expect(await texts({ session_id: 's', product_id: 'blog' })).toEqual(['in blog']);
    expect(await texts({ session_id: 's' }, 'other')).toEqual(['elsewhere']);
    // Two products know this session id: neither may be shown for the other.
    expect(await texts({ session_id: 's' })).toBeUndefined();
  });

  it('takes the latest identity when an anonymous visitor signs in', async () => {
    const { memory, recall } = await setUp();
    await memory.remember('m', [batch('s', [action('a')], { user_id: 'anon-1' })], DAY_MS);
    const signedIn = { user_id: '70', email: 'Ada@Example.com' };
    await memory.remember('m', [batch('s', [action('b')], signedIn)], DAY_MS);
    expect((await recall({ email: 'ADA@example.com' }))?.session.user_id).toBe('70');
    expect(await recall({ user_id: 'anon-1' })).toBeNull();
  });

  it('remembers more actions at once than one SQL statement takes', async () => {
    const { memory, texts } = await setUp();
    const many = Array.from({ length: 1_700 }, (_, i) => action(`action number ${i}`));
    const [{ added } = { added: 0 }] = await memory.remember('m', [batch('s', many)], DAY_MS);
    expect(added).toBe(1_700);
    expect((await texts({ session_id: 's' }))?.at(-1)).toBe('action number 1699');
  });
});

describe('recalling', () => {
  it('returns nothing for an unknown visitor', async () => {
    const { memory, recall } = await setUp();
    await memory.remember('m', [batch('s1', [action('a')], { user_id: '70' })], DAY_MS);
    expect(await recall({ user_id: '71' })).toBeNull();
    expect(await recall({ session_id: 'unknown', user_id: '70' })).toBeNull();
    expect(await recall({})).toBeNull();
  });

  it('lists the latest actions within the window', async () => {
    const { clock, memory, texts } = await setUp();
    await memory.remember('m', [batch('s', [action('early')])], DAY_MS);
    await clock.advance(120_001);
    await memory.remember('m', [batch('s', [action('b'), action('c'), action('d')])], DAY_MS);
    expect(await texts({ session_id: 's', windowMs: 120_000 })).toEqual(['b', 'c', 'd']);
    expect(await texts({ session_id: 's', maxActions: 2 })).toEqual(['c', 'd']);
  });

  it('uses the time an action happened, unless the visitor’s clock is far off', async () => {
    const { clock, memory, texts } = await setUp();
    const at = (ms: number) => ({ timestamp_start: (clock.now() + ms) / 1_000 });
    const actions = [
      action('five minutes ago', at(-300_000)),
      action('by a clock of 2001', { timestamp_start: 1_000_000_000 }),
      action('from the future', at(60_000)),
    ];
    await memory.remember('m', [batch('s', actions)], DAY_MS);
    expect(await texts({ session_id: 's', windowMs: 120_000 })).toEqual([
      'by a clock of 2001',
      'from the future',
    ]);
  });

  it('returns each action once, in the summary or in the list', async () => {
    const { memory, recall } = await setUp();
    for (const part of [1, 2, 3]) {
      const actions = [1, 2, 3, 4, 5].map((n) => action(`action ${part}.${n}`));
      await memory.remember('m', [batch('s', actions)], DAY_MS);
      const claim = granted(
        await memory.claimSummary(
          { memory: 'm', product_id: 'shop', session_id: 's' },
          {
            threshold: 5,
            linkedOnly: false,
            maxActions: 100,
            leaseMs: 1_000,
            includePaused: false,
          },
        ),
      );
      await memory.commitSummary(claim.work, `up to ${part}`);
    }
    const three = await recall({ session_id: 's', maxActions: 3 });
    expect(three?.summary).toBe('up to 2');
    expect(three?.actions.map(({ description }) => description)).toEqual([
      'action 3.3',
      'action 3.4',
      'action 3.5',
    ]);
    // The list would begin with the second, but the first summary has that, too.
    const most = await recall({ session_id: 's', maxActions: 14 });
    expect([most?.summary, most?.actions.length]).toEqual(['up to 1', 10]);
    const all = await recall({ session_id: 's' });
    expect([all?.summary, all?.actions.length]).toEqual([null, 15]);
  });

  it('can return only what is new since the visitor’s previous message', async () => {
    const { memory, texts } = await setUp();
    await memory.remember('m', [batch('s', [action('a')], { user_id: '70' })], DAY_MS);
    const conversation = { chat: 'crisp', conversation_id: 'c1' };
    await memory.link('m', { ...conversation, user_id: '70' }, DAY_MS);
    const query = { ...conversation, onlyNew: true };
    expect(await texts(query)).toEqual(['a']);
    await memory.remember('m', [batch('s', [action('b')])], DAY_MS);
    expect(await texts(query)).toEqual(['b']);
    expect(await texts(query)).toEqual([]);
  });
});

describe('stream summaries', () => {
  it('count as the session’s summary, so that no second one is paid for', async () => {
    const { memory, recall } = await setUp();
    const summary = { summary: 'Compared plans.', replaces: 2, forwarded_at: 1, position: 2 };
    const actions = [action('a'), action('b'), action('c')];
    await memory.remember('m', [batch('s', actions, { summaries: [summary] })], DAY_MS);
    await memory.remember('m', [batch('s', actions, { summaries: [summary] })], DAY_MS);
    const found = await recall({ session_id: 's', maxActions: 2 });
    expect(found?.summary).toBe('Compared plans.');
    expect(found?.actions.map(({ description }) => description)).toEqual(['c']);
    const claim = await memory.claimSummary(
      { memory: 'm', product_id: 'shop', session_id: 's' },
      { threshold: 2, linkedOnly: false, maxActions: 9, leaseMs: 1, includePaused: false },
    );
    expect(claim).toEqual({ status: 'not_due', waiting: 1, summary: 'Compared plans.' });
  });
});

it('a stream summary that is delivered twice covers no more the second time', async () => {
  const { memory } = await setUp();
  const summary = { summary: 'Five.', replaces: 5, forwarded_at: 1, position: 0 };
  const five = () =>
    batch(
      's',
      [1, 2, 3, 4, 5].map((n) => action(`${n}`)),
    );
  const told = batch('s', [], { summaries: [summary] });
  for (const one of [five(), told, five(), told]) await memory.remember('m', [one], DAY_MS);
  const claim = await memory.claimSummary(
    { memory: 'm', product_id: 'shop', session_id: 's' },
    { threshold: 9, linkedOnly: false, maxActions: 9, leaseMs: 1, includePaused: false },
  );
  expect(claim).toMatchObject({ status: 'not_due', waiting: 5 });
});

describe('a connector’s summary', () => {
  const actions = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => action(`${from + i}`));
  const ref = { memory: 'm', product_id: 'shop', session_id: 's' };
  const said = (fields: object) => ({
    summary: 'All.',
    replaces: 1,
    forwarded_at: 1,
    position: 0,
    ...fields,
  });

  async function waiting(memory: SessionMemory): Promise<number> {
    const condition = { linkedOnly: false, maxActions: 9, leaseMs: 1, includePaused: false };
    const claim = await memory.claimSummary(ref, { threshold: 999, ...condition });
    if (claim.status === 'claimed') throw new Error(claim.status);
    return claim.waiting;
  }

  it.each([
    ['elsewhere among its actions', { position: 20 }],
    ['from an address that kept its query', { summary: 'All of https://a.test/b?c=d there.' }],
  ])('counts once, also when it comes again %s', async (_, again) => {
    const { memory } = await setUp();
    const first = said({ ...again, replaces: 10, position: 0 });
    if (first.summary !== 'All.') first.summary = 'All of https://a.test/b there.';
    const batches = [
      batch('s', actions(1, 20)),
      batch('s', [], { summaries: [first] }),
      batch('s', actions(21, 40), { summaries: [said({ replaces: 10, ...again })] }),
    ];
    for (const one of batches) await memory.remember('m', [one], DAY_MS);
    expect(await waiting(memory)).toBe(30);
  });

  it('covers what it says, however far our own summaries reach', async () => {
    const { memory, recall } = await setUp();
    await memory.remember('m', [batch('s', actions(1, 25))], DAY_MS);
    await summarize(memory, ref, 'Ours of 1 to 20.', 20);
    const summaries = (text: string, replaces: number, time: number) => ({
      summaries: [said({ summary: text, replaces, forwarded_at: time })],
    });
    await memory.remember('m', [batch('s', [], summaries('Theirs of 1 to 20.', 20, 1))], DAY_MS);
    expect(await waiting(memory)).toBe(5);
    expect((await recall({ session_id: 's', maxActions: 5 }))?.summary).toBe('Theirs of 1 to 20.');
    await memory.remember('m', [batch('s', actions(26, 40))], DAY_MS);
    await summarize(memory, ref, 'Ours of 1 to 40.');
    const late = batch('s', actions(41, 45), summaries('Theirs of 1 to 35.', 15, 2));
    await memory.remember('m', [late], DAY_MS);
    expect(await waiting(memory)).toBe(5);
    expect((await recall({ session_id: 's', maxActions: 5 }))?.summary).toBe('Ours of 1 to 40.');
  });

  it('makes its session due again after a crash, although no action came with it', async () => {
    const { clock, memory } = await setUp();
    await memory.remember('m', [batch('s', actions(1, 2))], DAY_MS);
    const intercom = { chat: 'intercom', conversation_id: '1', session_id: 's' };
    await memory.link('m', intercom, DAY_MS);
    const condition = { windowMs: DAY_MS, maxActions: 9, leaseMs: 1_000 };
    const claim = granted(await memory.claimNote(ref, 'intercom', condition));
    await memory.commitNote(claim.claim, claim.note, 'note 1');
    await clock.advance(DAY_MS / 2);
    expect(await memory.isWorkDue('m')).toBe(false);
    const summaries = [said({ replaces: 2 })];
    await memory.remember('m', [batch('s', [], { summaries })], DAY_MS);
    await clock.advance(60_001);
    expect(await memory.isWorkDue('m')).toBe(true);
  });
});

describe('a person for whom the stream names no session', () => {
  const MINUTE_MS = 60_000;
  const day = async (memory: SessionMemory, n: number) =>
    await memory.remember('m', [batch('user:70', [action(`day ${n}`)], { user_id: '70' })], DAY_MS);
  const link = async (memory: SessionMemory, conversation_id: string) => {
    const request = { chat: 'intercom', conversation_id, user_id: '70' };
    return (await memory.link('m', request, DAY_MS)).status;
  };

  it('begins a new session with a visit, once the previous session began longer ago than the retention', async () => {
    const { clock, memory, recall } = await setUp();
    const statuses: string[] = [];
    const kept: number[] = [];
    for (let n = 1; n <= 6; n++) {
      await day(memory, n);
      statuses.push(await link(memory, `${n}`));
      const known = await recall({ user_id: '70', windowMs: 60 * DAY_MS });
      kept.push(known?.actions.length ?? 0);
      await clock.advance(DAY_MS - 60 * MINUTE_MS);
    }
    // After a day less an hour it is the same session, and after two days less two hours another one.
    const twice = (one: string, two: string) => [one, two, one, two, one, two];
    expect(statuses).toEqual(twice('linked', 'linked_elsewhere'));
    expect(kept).toEqual([1, 2, 1, 2, 1, 2]);
  });

  it('keeps the session during a visit; a session with an id is kept in any case', async () => {
    const { clock, memory, texts } = await setUp();
    const minutes = 2 * 24 * 60;
    for (let minute = 0; minute <= minutes; minute += 29) {
      const batches = ['user:70', 'a visit'].map((id) => batch(id, [action('x')]));
      await memory.remember('m', batches, DAY_MS);
      await clock.advance(29 * MINUTE_MS);
    }
    await clock.advance(2 * MINUTE_MS);
    const batches = ['user:70', 'a visit'].map((id) => batch(id, [action('x')]));
    await memory.remember('m', batches, DAY_MS);
    const window = { windowMs: 60 * DAY_MS };
    expect(await texts({ session_id: 'user:70', ...window })).toHaveLength(1);
    expect(await texts({ session_id: 'a visit', ...window })).toHaveLength(101);
  });
});

describe('forgetting', () => {
  it('erases everything of a person in every memory, and lists the notes that remain', async () => {
    const { memory, recall } = await setUp();
    const ada = { user_id: '70', email: 'ada@example.com' };
    await memory.remember('m', [batch('s1', [action('a')], ada)], DAY_MS);
    await memory.remember('m2', [batch('s2', [action('b')], ada)], DAY_MS);
    await memory.remember('m', [batch('s3', [action('c')], { user_id: '71' })], DAY_MS);
    const link = { chat: 'intercom', conversation_id: 'c1', user_id: '70' };
    await memory.link('m', link, DAY_MS);
    const session = { memory: 'm', product_id: 'shop', session_id: 's1' };
    const condition = {
      windowMs: 1_000,
      maxActions: 9,
      leaseMs: 1_000,
    };
    const claim = granted(await memory.claimNote(session, 'intercom', condition));
    await memory.commitNote(claim.claim, claim.note, 'note 9');

    expect(await memory.forget({ email: 'Ada@example.com' })).toEqual({
      sessions: 2,
      actions: 2,
      summaries: 0,
      links: 1,
      waiting_links: 0,
      offers: 0,
      notes: [{ chat: 'intercom', conversation_id: 'c1', note_id: 'note 9' }],
      notes_without_id: [],
    });
    expect(await recall({ user_id: '70' })).toBeNull();
    expect(await recall({ user_id: '71' })).not.toBeNull();
  });

  it('erases nothing without a name', async () => {
    const { memory, recall } = await setUp();
    await memory.remember('m', [batch('s1', [action('a')])], DAY_MS);
    expect((await memory.forget({ email: '' })).sessions).toBe(0);
    expect(await recall({ session_id: 's1' })).not.toBeNull();
  });

  it('happens by itself after the retention, counted from the last batch', async () => {
    const { clock, memory, recall } = await setUp();
    await memory.remember('m', [batch('old', [action('a')]), batch('new', [action('b')])], DAY_MS);
    await clock.advance(DAY_MS - 1);
    await memory.remember('m', [batch('new', [action('c')])], DAY_MS);
    await clock.advance(2);
    expect(await memory.expire()).toBe(1);
    expect(await recall({ session_id: 'old' })).toBeNull();
    expect(await recall({ session_id: 'new' })).not.toBeNull();
  });
});

it('serves nothing that has outlived its retention, even before it is erased', async () => {
  const { clock, memory, recall } = await setUp();
  await memory.remember('m', [batch('s', [action('a')], { user_id: '70' })], DAY_MS);
  await memory.link('m', { chat: 'intercom', conversation_id: 'c', user_id: '70' }, DAY_MS);
  await clock.advance(DAY_MS + 1);
  expect(await recall({ user_id: '70' })).toBeNull();
  expect(await recall({ chat: 'intercom', conversation_id: 'c' })).toBeNull();
});

describe('webhook deliveries', () => {
  it('are distinguished from their repetitions, per workflow', async () => {
    const { memory } = await setUp();
    expect(await memory.firstSight('w1', 'notif_1')).toBe(true);
    expect(await memory.firstSight('w1', 'notif_1')).toBe(false);
    expect(await memory.firstSight('w2', 'notif_1')).toBe(true);
  });
});
