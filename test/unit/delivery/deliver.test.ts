import { OtherWorkspaceError } from '../../../core/delivery/destination';
import { SETTLE_MS } from '../../../core/delivery/post';
import { createGate } from '../../../core/delivery/gate';
import { createFlow, type Flow } from '../../support/flow';
import { linesOf } from '../../support/conversation';
import { action, granted, summarize } from '../../support/memory';

let flow: Flow;
beforeEach(async () => void (flow = await createFlow()));
afterEach(() => flow.close());

const noteLines = (conversation = 'c1') => flow.chat.standing(conversation).map(linesOf);

describe('delivering activity', () => {
  it('posts what happened since the last note as one note, in Autoplay’s format', async () => {
    const start = Date.UTC(2024, 0, 15, 12, 34, 50) / 1_000;
    flow.clock.jump((start + 10) * 1_000 - flow.clock.now());
    await flow.remember('abc123', [action('before')], { user_id: '70' });
    await flow.link({ user_id: '70' });
    await flow.deliver('abc123');
    await flow.remember('abc123', [
      action('User submitted Payment form on the checkout page', { timestamp_start: start + 9 }),
      action('User clicked Sign up button on the pricing page', { timestamp_start: start + 0.4 }),
      action('User clicked Confirm plan button on the checkout page', {
        timestamp_start: start + 1,
      }),
    ]);
    const outcome = await flow.deliver('abc123');
    expect(outcome).toMatchObject({ status: 'delivered', notes: [{ note_id: '2', actions: 3 }] });
    expect(flow.chat.standing('c1')[1]).toBe(
      'session_id: abc123\ntimestamp: 2024-01-15 12:34:50 UTC\n\n' +
        '[1] User clicked Sign up button on the pricing page\n' +
        '[2] User clicked Confirm plan button on the checkout page\n' +
        '[3] User submitted Payment form on the checkout page',
    );
  });

  it.each([
    ['a time in milliseconds', (seconds: number) => seconds * 1_000],
    ['a clock that is ten minutes behind', (seconds: number) => seconds - 600],
    ['a clock that is an hour ahead', (seconds: number) => seconds + 3_600],
  ])('lists actions in order, at the right time, with %s', async (_, wrong) => {
    const now = flow.clock.now() / 1_000;
    const at = (seconds: number) => ({ timestamp_start: wrong(now + seconds) });
    const actions = [action('second', at(-2)), action('first', at(-5)), action('third', at(0))];
    await flow.remember('s', actions, { user_id: '70', forwarded_at: now });
    await flow.link({ user_id: '70' });
    await flow.deliver('s');
    expect(noteLines()).toEqual([['first', 'second', 'third']]);
    expect(flow.chat.standing('c1')[0]).toContain('timestamp: 2023-11-14 22:13:15 UTC');
  });

  it('keeps an action without a credible time in its place', async () => {
    const now = flow.clock.now() / 1_000;
    const times = [0, now - 9, 58_136 * 31_557_600, now - 5, now + 31_557_600];
    const actions = times.map((timestamp_start, i) => action(`${i}`, { timestamp_start }));
    await flow.remember('s', actions, { user_id: '70', forwarded_at: now });
    await flow.link({ user_id: '70' });
    await flow.deliver('s');
    expect(noteLines()).toEqual([['0', '1', '2', '3', '4']]);
    expect(flow.chat.standing('c1')[0]).toContain('timestamp: 2023-11-14 22:13:11 UTC');
  });

  it('posts nothing and loses nothing while the session has no link', async () => {
    await flow.remember('s', [action('a')]);
    expect(await flow.deliver('s')).toEqual({ status: 'not_linked' });
    expect(await flow.deliver('unknown')).toEqual({ status: 'not_linked' });
  });

  it('posts the last 120 s when a session is linked, once, with a blank line between bins of 3 s', async () => {
    const at = (seconds: number) => ({ timestamp_start: flow.clock.now() / 1_000 + seconds });
    await flow.remember(
      's',
      [
        action('too old', at(-121)),
        action('b', at(-100)),
        action('c', at(-99.9)),
        action('d', at(-50)),
        // Without a time of its own it still belongs to the note.
        action('e'),
      ],
      { email: 'ada@example.com' },
    );
    await flow.link({ email: 'Ada@Example.com' });
    await flow.deliver('s');
    expect(flow.chat.standing('c1').map((text) => text.split('\n').slice(3))).toEqual([
      ['[1] b', '[2] c', '', '[3] d', '[4] e'],
    ]);
    expect(await flow.deliver('s')).toMatchObject({ notes: [] });
    expect(noteLines()).toHaveLength(1);
  });

  it('links a session whose first action arrives after the webhook', async () => {
    expect((await flow.link({ user_id: '70' })).status).toBe('waiting');
    await flow.remember('s', [action('a')], { user_id: '70' });
    await flow.deliver('s');
    expect(noteLines()).toEqual([['a']]);
  });

  it('links a session to the conversation that the stream names', async () => {
    await flow.remember('s', [action('a')], { conversation_id: 'c7' });
    await flow.deliver('s');
    expect(noteLines('c7')).toEqual([['a']]);
  });

  it('does not link a session to a conversation of another chat product that the stream names', async () => {
    await flow.remember('s', [action('a')], { conversation_id: 'session_7' });
    expect(await flow.deliver('s')).toEqual({ status: 'not_linked' });
    expect(await flow.replace('s')).toEqual({ status: 'not_linked' });
    // An earlier wrong name does not prevent the right link.
    await flow.remember('s', [action('b')], { conversation_id: 'c7' });
    await flow.deliver('s');
    expect([noteLines('session_7'), noteLines('c7')]).toEqual([[], [['a', 'b']]]);
  });

  it('keeps the first link when the same visitor opens a second conversation', async () => {
    await flow.remember('s', [action('a')], { user_id: '70' });
    await flow.link({ user_id: '70', conversation_id: 'c1' });
    const second = await flow.link({ user_id: '70', conversation_id: 'c2' });
    expect(second).toMatchObject({ status: 'linked_elsewhere', session: { session_id: 's' } });
    await flow.deliver('s');
    expect([noteLines('c1'), noteLines('c2')]).toEqual([[['a']], []]);
  });

  it('does not link a webhook’s visitor to the same user id of another product', async () => {
    await flow.remember('s1', [action('a')], { user_id: '70' });
    await flow.remember('s2', [action('b')], { user_id: '70', product_id: 'blog' });
    expect(await flow.link({ user_id: '70' })).toEqual({ status: 'ambiguous', session: null });
    expect((await flow.link({ user_id: '70', product_id: 'blog' })).session?.session_id).toBe('s2');
  });

  it.each(['one', 'many'] as const)(
    'puts actions that arrive while a note is posted into the next note, in %s process(es)',
    async (processes) => {
      await using flow = await createFlow({ processes });
      await flow.remember('s', [action('a')], { conversation_id: 'c1' });
      let second: ReturnType<Flow['deliver']> | undefined;
      flow.chat.whilePosting(async () => {
        flow.chat.whilePosting(undefined);
        await flow.remember('s', [action('b')]);
        second = flow.deliver('s');
      });
      expect(await flow.deliver('s')).toMatchObject({ notes: [{ actions: 1 }] });
      expect(await second).toMatchObject({ notes: [{ actions: 1 }], busy: false });
      expect(flow.chat.standing('c1').map(linesOf)).toEqual([['a'], ['b']]);
    },
  );

  it('returns at once from a delivery whose session already waits for another one', async () => {
    await flow.remember('s', [action('a')], { conversation_id: 'c1' });
    let others: ReturnType<Flow['deliver']>[] = [];
    flow.chat.whilePosting(async () => {
      flow.chat.whilePosting(undefined);
      await flow.remember('s', [action('b'), action('c')]);
      others = [1, 2, 3].map(() => flow.deliver('s'));
      // However long this post takes.
      expect(await Promise.all(others.slice(1))).toMatchObject([
        { status: 'delivered', conversationId: 'c1', notes: [], busy: true },
        { status: 'delivered', conversationId: 'c1', notes: [], busy: true },
      ]);
    });
    await flow.deliver('s');
    await others[0];
    expect(noteLines()).toEqual([['a'], ['b', 'c']]);
  });

  it('checks for new activity after a post that took longer than another process waits', async () => {
    await using flow = await createFlow({ processes: 'many' });
    await flow.remember('s', [action('a')], { conversation_id: 'c1' });
    flow.chat.whilePosting(async () => {
      flow.chat.whilePosting(undefined);
      await flow.remember('s', [action('b')]);
      expect(await flow.deliver('s')).toMatchObject({ notes: [], busy: true });
    });
    expect(await flow.deliver('s')).toMatchObject({ notes: [{ actions: 1 }, { actions: 1 }] });
    expect(flow.chat.standing('c1').map(linesOf)).toEqual([['a'], ['b']]);
  });

  it('posts one note for all deliveries that wait for their turn with the same session', async () => {
    await flow.remember('s', [action('a'), action('b')], { conversation_id: 'c1' });
    await flow.link({ session_id: 's' });
    const outcomes = await Promise.all([1, 2, 3].map(() => flow.deliver('s')));
    expect(outcomes.map((one) => one.status)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(outcomes.flatMap((one) => ('notes' in one ? one.notes : []))).toHaveLength(1);
    expect(noteLines()).toEqual([['a', 'b']]);
  });

  it('posts as many notes as the session’s activity needs', async () => {
    const many = Array.from({ length: 1_100 }, (_, i) => action(`a${i}`));
    await flow.remember('s', many, { conversation_id: 'c1' });
    expect(await flow.deliver('s')).toMatchObject({
      notes: [{ actions: 500 }, { actions: 500 }, { actions: 100 }],
    });
  });
});

describe('when the chat product fails', () => {
  beforeEach(async () => {
    await flow.remember('s', [action('a')], { conversation_id: 'c1' });
  });

  it('finds a note whose answer was lost instead of posting it again', async () => {
    flow.chat.fates.push('lost after');
    await flow.deliver('s');
    expect(noteLines()).toEqual([['a']]);
  });

  it('posts a note again that it does not find', async () => {
    flow.chat.fates.push('lost before', 'lost before');
    await flow.deliver('s');
    expect(noteLines()).toEqual([['a']]);
  });

  it('loses and doubles nothing when it gives up and goes on with the next activity', async () => {
    flow.chat.fates.push('lost after', 'lost before', 'lost before');
    // The lookup finds the note at the second attempt, so this is a failure of the first only.
    await flow.deliver('s');
    await flow.remember('s', [action('b')]);
    flow.chat.fates.length = 0;
    flow.chat.fates.push('lost before', 'lost before', 'lost before');
    await expect(flow.deliver('s')).rejects.toThrow('connection reset');
    await flow.remember('s', [action('c')]);
    await flow.deliver('s');
    expect(noteLines()).toEqual([['a'], ['b'], ['c']]);
  });

  it('posts the activity of a refused note together with later activity', async () => {
    flow.chat.fates.push('refused');
    await expect(flow.deliver('s')).rejects.toThrow('refused');
    await flow.remember('s', [action('b')]);
    await flow.deliver('s');
    expect(noteLines()).toEqual([['a', 'b']]);
  });

  it('makes a session due again after a failure, at once for a wake-up, otherwise after a pause', async () => {
    flow.chat.fates.push('refused');
    await expect(flow.deliver('s')).rejects.toThrow('refused');
    expect(await flow.memory().unfinished('m', { limit: 9 })).toEqual([]);
    expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toMatchObject([
      { session_id: 's' },
    ]);
    await flow.clock.advance(60_000);
    expect(await flow.memory().unfinished('m', { limit: 9 })).toMatchObject([{ session_id: 's' }]);
    await flow.deliver('s');
    await flow.clock.advance(3_600_000);
    expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toEqual([]);
  });

  it('finds a note that landed although the memory could not commit it', async () => {
    const memory = flow.memory();
    const commit = jest.spyOn(memory, 'commitNote').mockRejectedValueOnce(new Error('disk full'));
    await flow.deliver('s');
    expect(commit).toHaveBeenCalledTimes(2);
    expect(noteLines()).toEqual([['a']]);
  });

  it('keeps its claim while a post waits, however long', async () => {
    await using flow = await createFlow({ processes: 'many' });
    await flow.remember('s', [action('a')], { conversation_id: 'c1' });
    flow.chat.whilePosting(async () => {
      flow.chat.whilePosting(undefined);
      await flow.clock.advance(300_000);
      expect(await flow.deliver('s')).toMatchObject({ busy: true });
    });
    await flow.deliver('s');
    expect(flow.chat.standing('c1').map(linesOf)).toEqual([['a']]);
  });

  it('changes nothing with a lapsed claim that another execution holds now', async () => {
    const claimed = async () => {
      const condition = {
        windowMs: 120_000,
        maxActions: 9,
        leaseMs: 45_000,
      };
      const claim = granted(await flow.memory().claimNote(flow.ref('s'), 'intercom', condition));
      return claim;
    };
    const first = await claimed();
    await flow.clock.advance(45_001);
    const second = await claimed();
    await flow
      .memory()
      .releaseNote(first.claim, first.note, { mayHaveLanded: false, retryAfterMs: 2_000 });
    await flow.memory().endLink(first.claim);
    await flow.memory().commitNote(second.claim, second.note, '77');
    expect(await flow.deliver('s')).toMatchObject({ status: 'delivered', notes: [] });
  });

  it('waits for a summary note that is being posted, and then delivers', async () => {
    await flow.deliver('s');
    await flow.remember('s', [action('b')]);
    const claimSummary = () =>
      flow.memory().claimSummaryNote(flow.ref('s'), 'intercom', { leaseMs: 45_000 });
    expect((await claimSummary()).status).toBe('nothing');
    await flow.summarize('s', 1);
    const posting = granted(await claimSummary());
    const delivering = flow.deliver('s');
    await flow.memory().release(posting.claim);
    expect(await delivering).toMatchObject({ notes: [{ actions: 1 }], busy: false });
  });

  it('does not wait for redactions, which run one at a time', async () => {
    await flow.deliver('s');
    await flow.summarize('s', 1);
    flow.chat.fates.push('ok', 'lost before');
    await expect(flow.replace('s')).rejects.toThrow('connection reset');
    const condition = { leaseMs: 45_000, includePaused: true };
    const redacting = granted(
      await flow.memory().claimRedactions(flow.ref('s'), 'intercom', condition),
    );
    await flow.remember('s', [action('b')]);
    expect(await flow.deliver('s')).toMatchObject({ notes: [{ actions: 1 }], busy: false });
    expect(await flow.replace('s', true)).toMatchObject({ redacted: 0, busy: true });
    await flow.memory().release(redacting.claim);
    expect(await flow.replace('s', true)).toMatchObject({ redacted: 1, busy: false });
  });

  it('keeps a failed delivery due although a replacement of the session succeeds', async () => {
    await flow.deliver('s');
    await flow.summarize('s', 1);
    await flow.remember('s', [action('b')]);
    flow.chat.fates.push('refused');
    await expect(flow.deliver('s')).rejects.toThrow('refused');
    await flow.replace('s');
    expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toHaveLength(1);
  });

  it('redacts although a post of the session failed', async () => {
    await flow.deliver('s');
    await flow.summarize('s', 1);
    flow.chat.fates.push('ok', 'too busy');
    expect(await flow.replace('s')).toMatchObject({ leftForLater: true });
    await flow.remember('s', [action('b')]);
    flow.chat.fates.push('refused');
    await expect(flow.deliver('s')).rejects.toThrow('refused');
    expect(await flow.replace('s')).toMatchObject({ redacted: 1 });
  });

  it('leaves a conversation of another workspace to a step with that workspace’s credential', async () => {
    jest
      .spyOn(flow.chat.destination, 'post')
      .mockRejectedValueOnce(new OtherWorkspaceError('Intercom', 'c1'));
    expect(await flow.deliver('s')).toEqual({ status: 'not_linked' });
    expect(await flow.deliver('s')).toMatchObject({ status: 'delivered', notes: [{ actions: 1 }] });
  });

  it('does not put off a failed redaction when posts succeed meanwhile', async () => {
    await flow.deliver('s');
    await flow.summarize('s', 1);
    flow.chat.fates.push('ok', 'refused');
    await expect(flow.replace('s')).rejects.toThrow('refused');
    expect(await flow.replace('s')).toMatchObject({ redacted: 0 });
    await flow.remember('s', [action('b')]);
    await flow.deliver('s');
    await flow.clock.advance(2_001);
    expect(await flow.replace('s')).toMatchObject({ redacted: 1 });
  });

  it('keeps a summary due when there is no recent activity to post', async () => {
    await flow.remember('t', [action('b')]);
    await summarize(flow.memory(), flow.ref('t'), 'About b.');
    await flow.clock.advance(600_000);
    await flow.link({ session_id: 't', conversation_id: 'c2' });
    expect(await flow.deliver('t')).toMatchObject({ notes: [] });
    const left = await flow.memory().unfinished('m', { limit: 9, includePaused: true });
    expect(left.map(({ session_id }) => session_id)).toContain('t');
    await flow.replace('t');
    expect(flow.chat.standing('c2')).toHaveLength(1);
  });

  it('ends the link of a conversation that is gone; the session can be linked anew', async () => {
    flow.chat.vanish('c1');
    await expect(flow.deliver('s')).rejects.toThrow('Conversation c1 does not exist any more');
    expect(await flow.deliver('s')).toEqual({ status: 'not_linked' });
    // The stream still names the conversation that is gone.
    await flow.remember('s', [action('b')], { conversation_id: 'c1' });
    expect(await flow.deliver('s')).toEqual({ status: 'not_linked' });
    await flow.link({ session_id: 's', conversation_id: 'c2' });
    await flow.deliver('s');
    expect(noteLines('c2')).toEqual([['a', 'b']]);
  });
});

it('gives a session that no step has tried yet to every wake-up', async () => {
  await flow.link({ user_id: '70' });
  await flow.remember('s', [action('a')], { user_id: '70' });
  for (let wakeUp = 0; wakeUp < 20; wakeUp++) {
    expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toMatchObject([
      { session_id: 's' },
    ]);
  }
  await flow.deliver('s');
  expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toEqual([]);
});

it('finds a session again that a crash kept from delivery, if the stream named its conversation', async () => {
  await flow.remember('s', [action('a')], { conversation_id: 'c1' });
  await flow.remember('without a conversation', [action('a')]);
  expect(await flow.memory().unfinished('m', { limit: 9 })).toEqual([]);
  expect(await flow.memory().unfinished('other', { limit: 9, includePaused: true })).toEqual([]);
  expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toMatchObject([
    { session_id: 's' },
  ]);
  await flow.deliver('s');
  expect(noteLines()).toEqual([['a']]);
  expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toEqual([]);
});

describe('a post that ended without an answer', () => {
  const begin = async () => {
    await flow.remember('s', [action('one')], { conversation_id: 'c1' });
  };

  it('is found although it arrives seconds later', async () => {
    await begin();
    flow.chat.fates.push('late');
    await flow.deliver('s');
    expect(noteLines()).toEqual([['one']]);
  });

  it('is found without the whole wait if it landed', async () => {
    await begin();
    flow.chat.fates.push('lost after');
    const started = flow.clock.now();
    const delivering = flow.start('deliver', 's');
    for (let i = 0; i < 10; i++) await flow.clock.advance(100);
    expect(await delivering).toMatchObject({ notes: [{ actions: 1 }] });
    expect(flow.clock.now() - started).toBeLessThan(SETTLE_MS);
    expect(noteLines()).toEqual([['one']]);
  });

  it('keeps its claim until a late note has had its time', async () => {
    await begin();
    flow.chat.fates.push('lost before', 'lost before', 'late');
    await expect(flow.deliver('s')).rejects.toThrow();
    // The next delivery looks at once.
    await flow.deliver('s');
    expect(noteLines()).toEqual([['one']]);
  });

  it('is not waited for longer when the clock is set back meanwhile', async () => {
    await begin();
    flow.chat.fates.push('lost before');
    const done = jest.fn();
    void flow.start('deliver', 's').then(done);
    for (let i = 0; i < 10; i++) await flow.clock.advance(10);
    flow.clock.jump(-3_600_000);
    for (let second = 0; second < 20; second++) await flow.clock.advance(1_000);
    expect(done).toHaveBeenCalledWith(expect.objectContaining({ status: 'delivered' }));
    expect(noteLines()).toEqual([['one']]);
  });

  it('lets other sessions post meanwhile', async () => {
    await begin();
    await flow.remember('other', [action('two')], { conversation_id: 'c2' });
    const gate = createGate({ clock: flow.clock, places: 1, health: flow.health });
    flow.chat.fates.push('late');
    const aWhile = async () => {
      for (let i = 0; i < 10; i++) await flow.clock.advance(100);
    };
    const slow = flow.start('deliver', 's', gate);
    await aWhile();
    const quick = flow.start('deliver', 'other', gate);
    await aWhile();
    expect([noteLines('c1'), noteLines('c2')]).toEqual([[], [['two']]]);
    await flow.run(Promise.all([slow, quick]));
    expect(noteLines('c1')).toEqual([['one']]);
  });
});

describe('while the chat product does not answer', () => {
  const isAway = () => {
    for (let i = 0; i < 10; i++) flow.health.unanswered();
  };

  it('leaves a delivery for later at once, and delivers when the product is back', async () => {
    await flow.remember('s', [action('one')], { conversation_id: 'c1' });
    await flow.deliver('s');
    await flow.remember('s', [action('two')]);
    isAway();
    expect(await flow.deliver('s')).toMatchObject({
      ...{ status: 'delivered', conversationId: 'c1', notes: [] },
      ...{ busy: false, leftForLater: true },
    });
    expect(noteLines()).toEqual([['one']]);
    flow.health.answered();
    expect(await flow.deliver('s')).toMatchObject({ busy: false, leftForLater: false });
    expect(noteLines()).toEqual([['one'], ['two']]);
  });

  it('reports a session without a conversation as not linked', async () => {
    await flow.remember('s', [action('one')]);
    isAway();
    expect(await flow.deliver('s')).toEqual({ status: 'not_linked', leftForLater: true });
  });

  it('does not post an unanswered note again', async () => {
    await flow.remember('s', [action('one')], { conversation_id: 'c1' });
    flow.chat.fates.push('lost before', 'lost before', 'lost before');
    flow.chat.whileCalled(async () => isAway());
    await expect(flow.deliver('s')).rejects.toThrow('connection reset');
    expect(flow.chat.fates).toHaveLength(2);
  });

  it('does not look for an unanswered note, and releases it only when it cannot arrive any more', async () => {
    await flow.remember('s', [action('one')], { conversation_id: 'c1' });
    flow.chat.fates.push('late');
    flow.chat.whileCalled(async () => isAway());
    await expect(flow.deliver('s')).rejects.toThrow('connection reset');
    expect(flow.chat.looks('c1')).toBe(0);
    flow.chat.whileCalled(undefined);
    flow.health.answered();
    await flow.deliver('s');
    expect(flow.chat.looks('c1')).toBe(1);
    expect(noteLines()).toEqual([['one']]);
  });
});

it('never records one id for two notes', async () => {
  // As when two workflows post the same into one conversation at the same time.
  const two = ['s', 't'];
  for (const session of two) {
    await flow.remember(session, [action(session)], { conversation_id: 'c1' });
  }
  const memory = flow.memory();
  const claims = await Promise.all(
    two.map((session) =>
      memory.claimNote(flow.ref(session), 'intercom', {
        windowMs: 1_000,
        maxActions: 1,
        leaseMs: 1_000,
      }),
    ),
  );
  for (const claimed of claims) {
    if (claimed.status === 'claimed') await memory.commitNote(claimed.claim, claimed.note, '7');
  }
  const { notes } = await memory.forget({ memory: 'm', session_id: 's' });
  const others = await memory.forget({ memory: 'm', session_id: 't' });
  expect([...notes, ...others.notes].map(({ note_id }) => note_id)).toEqual(['7']);
});
