import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choiceUuid } from '../../../core/manners/choiceUuid';
import { LeaseLostError } from '../../../core/memory/errors';
import type { OfferRequest } from '../../../core/memory/offers';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { DAY_MS, HOUR_MS, batch, action, ref, rowsOf, testMemory } from '../../support/memory';
import { act, CHOICES, claimed, offered, offerRequest, SENT } from '../../support/offers';

const MINUTE_MS = 60_000;

let folder: string;
let file: string;
let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  // A disk adds nothing, and takes long.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  folder = mkdtempSync(join(place, 'autoplay-offers-'));
  file = join(folder, 'memory.sqlite');
  clock = createFakeClock();
  memory = await testMemory(clock, file);
  await act(memory);
});
afterEach(async () => {
  await memory.close();
  rmSync(folder, { recursive: true });
});

const request = (fields: Parameters<typeof offerRequest>[1] = {}) =>
  offerRequest(clock.now(), fields);
const of = (session_id: string) => ({ session: ref(session_id) });
const statusOf = async (asked: OfferRequest) => {
  const claim = await memory.claimOffer(asked);
  return claim.status === 'held_back' ? claim.reason : claim.status;
};
const reply = async (fields: object) =>
  await memory.recordReply('m', { chat: 'crisp', conversation_id: 'c1', ...fields });
const rows = async (columns = '*') =>
  await rowsOf(file, `select ${columns} from autoplay_offer order by id`);

describe('a claim', () => {
  it('says what to send, and where', async () => {
    await memory.link('m', { chat: 'crisp', conversation_id: 'c7', session_id: 's' }, DAY_MS);
    await memory.closeConversation('m', { chat: 'crisp', conversation_id: 'c7' });
    const hold = await claimed(memory, request());
    expect(hold).toMatchObject({
      session: { session_id: 's', product_id: 'shop' },
      chat: 'crisp',
      text: 'Comparing plans?',
      choices: CHOICES,
      conversation_id: 'c7',
      ...{ failures: 0, mayHaveLanded: false, message_ref: null, since: clock.now() },
      until: clock.now() + 60_000,
    });
  });

  it('names the conversation that the stream named, if it is one of the chat product', async () => {
    await act(memory, 's', { conversation_id: 'c7' });
    expect(await claimed(memory, request())).toMatchObject({ conversation_id: 'c7' });
    await act(memory, 's2', { conversation_id: '123' });
    expect(await claimed(memory, request(of('s2')))).toMatchObject({ conversation_id: null });
  });

  it('is given to one worker at a time, once for each moment', async () => {
    const asked = request();
    const hold = await claimed(memory, asked);
    expect(await memory.claimOffer(asked)).toEqual({ status: 'busy', offer_id: hold.offer_id });
    await memory.commitOffer(hold, SENT);
    const sent = { status: 'sent', offer_id: hold.offer_id, ...SENT };
    expect(await memory.claimOffer(asked)).toEqual(sent);
    await clock.advance(DAY_MS);
    await act(memory);
    expect(await statusOf(asked)).toBe('sent');
  });

  it('is not taken up again once the visitor or the team wants none, if nothing is there yet', async () => {
    const [objected, observed, there] = [request(), request(of('s2')), request(of('s3'))];
    for (const session of ['s2', 's3']) await act(memory, session);
    for (const [asked, mayHaveLanded] of [
      [objected, false],
      [observed, false],
      [there, true],
    ] as const) {
      const hold = await claimed(memory, asked);
      await memory.advanceOffer(hold, { conversation_id: 'c1', message_ref: null });
      await memory.releaseOffer(hold, { mayHaveLanded, retryAfterMs: 0 });
    }
    expect(await statusOf({ ...objected, optedOut: true })).toBe('opted_out');
    expect(await statusOf({ ...observed, observeOnly: true })).toBe('observed');
    expect(await statusOf({ ...there, observeOnly: true })).toBe('claimed');
    expect(await rows('state, reason, arm, conversation_id')).toEqual([
      { state: 'held_back', reason: 'opted_out', arm: null, conversation_id: null },
      { state: 'observed', reason: null, arm: null, conversation_id: null },
      { state: 'sending', reason: null, arm: 'treated', conversation_id: 'c1' },
    ]);
  });

  it('is decided once, even if another decision would come out today', async () => {
    const asked = request({ manners: { perSession: 1 } });
    await act(memory, 's', {}, { canonical_url: '/other' });
    expect(await statusOf(asked)).toBe('moved_on');
    await act(memory);
    expect(await statusOf(asked)).toBe('moved_on');
    expect(await statusOf(request())).toBe('claimed');
  });

  it('of a session that is not known is answered so', async () => {
    expect(await statusOf(request(of('unknown')))).toBe('unknown_session');
    await clock.advance(DAY_MS);
    expect(await statusOf(request())).toBe('unknown_session');
  });

  it('repeats the words of the first attempt, and says that this may have landed', async () => {
    const asked = request();
    const first = await claimed(memory, asked);
    await memory.releaseOffer(first, { mayHaveLanded: false, retryAfterMs: 1_000 });
    const second = await claimed(memory, { ...asked, text: 'Other words', choices: [] });
    expect(second).toMatchObject({ ...{ failures: 1, mayHaveLanded: false }, text: first.text });
    expect(second.choices).toEqual(CHOICES);
    await memory.releaseOffer(second, { mayHaveLanded: true, retryAfterMs: 1_000 });
    const third = await claimed(memory, asked);
    expect(third).toMatchObject({ failures: 2, mayHaveLanded: true, since: first.since });
  });

  it('of a worker that stopped lapses, and its offer may have landed', async () => {
    const asked = request();
    const { manners } = asked;
    const lost = await claimed(memory, asked);
    await memory.confirmOffer(lost, manners, 60_000);
    await clock.advance(60_000);
    const hold = await claimed(memory, asked);
    expect(hold).toMatchObject({ offer_id: lost.offer_id, mayHaveLanded: true });
    await expect(memory.confirmOffer(lost, manners, 60_000)).rejects.toThrow(LeaseLostError);
    await expect(memory.advanceOffer(lost, SENT)).rejects.toThrow(LeaseLostError);
    await memory.releaseOffer(lost, { mayHaveLanded: false });
    await memory.holdBackOffer(lost, 'blocked');
    expect(await memory.confirmOffer(hold, manners, 60_000)).toBeNull();
  });

  it('of a worker that stopped before it asked for the last time has certainly not landed', async () => {
    const asked = request();
    const lost = await claimed(memory, asked);
    await memory.advanceOffer(lost, { conversation_id: '', message_ref: null });
    await clock.advance(60_000);
    expect(await claimed(memory, asked)).toMatchObject({
      ...{ offer_id: lost.offer_id, mayHaveLanded: false, conversation_id: '', message_ref: null },
    });
  });

  it('that nobody takes up again ends as failed, and counts as an offer that may be there', async () => {
    const asked = request();
    await memory.confirmOffer(await claimed(memory, asked), asked.manners, 60_000);
    await clock.advance(11 * MINUTE_MS - 1);
    await act(memory);
    expect(await statusOf(request())).toBe('offer_open');
    await clock.advance(1);
    expect(await statusOf(request({ manners: { perSession: 1 } }))).toBe('per_session');
    expect(await statusOf(asked)).toBe('failed');
    expect(await statusOf(request())).toBe('claimed');
  });

  it('that failed for good counts only if its message may be there', async () => {
    const strict = { manners: { perSession: 1 } };
    const [one, two] = [request(strict), request(strict)];
    await memory.releaseOffer(await claimed(memory, one), { mayHaveLanded: false });
    await memory.releaseOffer(await claimed(memory, two), { mayHaveLanded: true });
    expect([await statusOf(one), await statusOf(two)]).toEqual(['failed', 'failed']);
    expect(await statusOf(request(strict))).toBe('per_session');
  });

  it('that was advanced is resumed where it was', async () => {
    const asked = request();
    const hold = await claimed(memory, asked);
    await memory.advanceOffer(hold, SENT);
    await memory.releaseOffer(hold, { mayHaveLanded: false, retryAfterMs: 0 });
    const again = await claimed(memory, asked);
    expect(again).toMatchObject(SENT);
    // The visitor has seen a part of it, so it is not held back any more.
    await act(memory, 's', {}, { canonical_url: '/other' });
    expect(await memory.confirmOffer(again, asked.manners, 60_000)).toBeNull();
  });
});

it('a claim is extended as long as it is held', async () => {
  const asked = request();
  const hold = await claimed(memory, asked);
  await clock.advance(50_000);
  await memory.extendOffer(hold, 60_000);
  await clock.advance(50_000);
  expect(await statusOf(asked)).toBe('busy');
  await clock.advance(10_000);
  const other = await claimed(memory, asked);
  await expect(memory.extendOffer(hold, 60_000)).rejects.toThrow(LeaseLostError);
  await memory.extendOffer(other, 60_000);
});

describe('right before sending', () => {
  const { manners } = offerRequest(0);

  it('the claim is extended', async () => {
    const asked = request();
    const hold = await claimed(memory, asked);
    await clock.advance(50_000);
    expect(await memory.confirmOffer(hold, manners, 60_000)).toBeNull();
    await clock.advance(50_000);
    expect(await statusOf(asked)).toBe('busy');
  });

  it.each<[string, () => Promise<unknown>, object?]>([
    ['moved_on', () => act(memory, 's', {}, { canonical_url: '/other' })],
    ['page', () => act(memory), { neverOn: ['/plans'] }],
    ['typing', () => act(memory, 's', {}, { type: 'type' }), { afterTypingMs: 5_000 }],
    ['stale', () => clock.advance(2 * MINUTE_MS), { staleAfterMs: MINUTE_MS }],
    [
      'conversation_open',
      () => memory.link('m', { chat: 'intercom', conversation_id: '1', session_id: 's' }, DAY_MS),
    ],
    ['stale', () => memory.forget({ session_id: 'other' }).then(() => clock.advance(DAY_MS))],
  ])('an offer is held back for %s', async (reason, happens, fields = {}) => {
    const asked = request({ leaseMs: 2 * DAY_MS });
    const hold = await claimed(memory, asked);
    await happens();
    expect(await memory.confirmOffer(hold, { ...manners, ...fields }, 60_000)).toBe(reason);
    await act(memory);
    expect(await memory.claimOffer(asked)).toEqual({
      ...{ status: 'held_back', offer_id: hold.offer_id, reason },
    });
    // It was never there.
    expect(await rows('state, made_at, text, choices')).toEqual([
      { state: 'held_back', made_at: null, text: '', choices: null },
    ]);
  });

  it('one of two offers is held back whose visitors turn out to be one person', async () => {
    await act(memory, 's2');
    const [one, two] = [await claimed(memory, request()), await claimed(memory, request(of('s2')))];
    for (const session of ['s', 's2']) await act(memory, session, { user_id: 'ada' });
    expect(await memory.confirmOffer(one, manners, 60_000)).toBe('offer_open');
    expect(await memory.confirmOffer(two, manners, 60_000)).toBeNull();
  });
});

it('an offer whose message is known to be there stays, even if nobody sends what is missing of it', async () => {
  const asked = request();
  const hold = await claimed(memory, asked);
  await memory.advanceOffer(hold, SENT);
  await clock.advance(5 * MINUTE_MS);
  expect(await memory.claimOffer(asked)).toMatchObject({ status: 'claimed', hold: SENT });
  await clock.advance(12 * MINUTE_MS);
  await act(memory);
  expect(await statusOf(asked)).toBe('sent');
  expect(await reply({ value: 'show' })).toMatchObject({ status: 'accepted' });
});

describe('a chat product', () => {
  it('may hold an offer back', async () => {
    const asked = request();
    await memory.holdBackOffer(await claimed(memory, asked), 'nobody_there');
    expect(await statusOf(asked)).toBe('nobody_there');
    expect(await statusOf(request({ manners: { perSession: 1 } }))).toBe('claimed');
  });

  it('may not say in which conversation an offer is', async () => {
    const asked = request();
    const hold = await claimed(memory, asked);
    const nowhere = { conversation_id: '', message_ref: 'm1' };
    await memory.advanceOffer(hold, nowhere);
    expect(await reply({ conversation_id: '', value: 'no' })).toEqual({ status: 'no_offer' });
    await memory.commitOffer(hold, nowhere);
    expect(await memory.claimOffer(asked)).toMatchObject({ status: 'sent', ...nowhere });
    expect(await memory.openOffer(ref(), 'crisp')).toBeNull();
    expect(await reply({ conversation_id: '', value: 'no' })).toEqual({ status: 'no_offer' });
  });

  it('may report that an offer is there after its claim was lost', async () => {
    const asked = request();
    const lost = await claimed(memory, asked);
    await clock.advance(HOUR_MS);
    await memory.commitOffer(lost, SENT);
    expect(await statusOf(asked)).toBe('sent');
    expect(await reply({ value: 'show' })).toMatchObject({ status: 'accepted' });
  });
});

describe('observing only', () => {
  const observeOnly = true;

  it('decides and counts, and makes no offer', async () => {
    const asked = request({ observeOnly });
    expect(await statusOf(asked)).toBe('observed');
    expect(await statusOf(asked)).toBe('observed');
    expect(await statusOf(request({ observeOnly, manners: { neverOn: ['*'] } }))).toBe('page');
    expect(await rows('state, arm, text')).toMatchObject([
      { state: 'observed', arm: null, text: '' },
      { state: 'held_back', arm: null },
    ]);
  });

  it('counts what it would have offered against further offers, but not against real ones', async () => {
    const manners = { perSession: 1 };
    await statusOf(request({ observeOnly, manners }));
    expect(await statusOf(request({ observeOnly, manners }))).toBe('per_session');
    expect(await statusOf(request({ manners }))).toBe('claimed');
  });
});

describe('the facts of a decision', () => {
  it('the visit begins with the session, or after half an hour of silence', async () => {
    const manners = { earliestMs: 20_000 };
    await clock.advance(19_999);
    expect(await statusOf(request({ manners }))).toBe('too_early');
    await clock.advance(1);
    expect(await statusOf(request({ manners }))).toBe('claimed');
    await clock.advance(30 * MINUTE_MS);
    await act(memory);
    expect(await statusOf(request({ manners }))).toBe('too_early');
  });

  it('the visit of a person begins when they take a session over from another person', async () => {
    const manners = { earliestMs: 20_000 };
    await act(memory, 's', { user_id: 'ada' });
    await clock.advance(60_000);
    await act(memory, 's', { user_id: 'bob' });
    expect(await statusOf(request({ manners }))).toBe('too_early');
  });

  it('the page is that of the last action that has one', async () => {
    const before = action('later', { canonical_url: '', raw_url: '' });
    await memory.remember('m', [batch('s', [before])], DAY_MS);
    expect(await statusOf(request())).toBe('claimed');
  });

  it('the page is that of the action that happened last, not of the one that arrived last', async () => {
    const earlier = { canonical_url: '/other', timestamp_start: clock.now() / 1_000 - 60 };
    await memory.remember('m', [batch('s', [action('before', earlier)])], DAY_MS);
    expect(await statusOf(request())).toBe('claimed');
  });

  it('a conversation in any chat product of any of the person’s sessions counts, until it is closed', async () => {
    await act(memory, 's', { user_id: 'ada' });
    await act(memory, 's2', { email: 'ada@example.com' });
    await act(memory, 's3', { user_id: 'ada', email: 'ada@example.com' });
    const conversation = { chat: 'intercom:w1', conversation_id: '9' };
    await memory.link('m', { ...conversation, session_id: 's2' }, DAY_MS);
    expect(await statusOf(request())).toBe('conversation_open');
    await memory.closeConversation('m', conversation);
    const manners = { afterConversationMs: HOUR_MS };
    expect(await statusOf(request({ manners }))).toBe('conversation_recent');
    await clock.advance(HOUR_MS);
    expect(await statusOf(request({ manners }))).toBe('claimed');
    await memory.link('m', conversation, DAY_MS);
    expect(await statusOf(request(of('s3')))).toBe('offer_open');
    expect(await statusOf(request(of('unrelated')))).toBe('unknown_session');
  });

  it('the brake counts the offers of a product in the last minute', async () => {
    const manners = { perMinute: 2 };
    for (const session of ['a', 'b', 'c']) await act(memory, session);
    await act(memory, 's', { product_id: 'blog' });
    const elsewhere = { session: { ...ref(), product_id: 'blog' } };
    await offered(memory, request({ ...of('a'), manners }));
    await clock.advance(30_000);
    await claimed(memory, request({ ...of('b'), manners }));
    expect(await statusOf(request({ ...of('c'), manners }))).toBe('brake');
    expect(await statusOf(request({ ...elsewhere, manners }))).toBe('claimed');
    await clock.advance(30_000);
    expect(await statusOf(request({ ...of('c'), manners }))).toBe('claimed');
  });

  it('a rule that most dismiss stops, until it is changed', async () => {
    const manners = { stopAfterShown: 3, stopAtDismissed: 0.5 };
    for (const [i, value] of ['no', 'no', 'show'].entries()) {
      await act(memory, `s${i}`);
      const sent = { conversation_id: `c${i}`, message_ref: `m${i}` };
      await offered(memory, request({ ...of(`s${i}`), manners }), sent);
      await reply({ conversation_id: `c${i}`, value });
    }
    expect(await statusOf(request({ manners }))).toBe('rule_stopped');
    const changed = { moment: { rule_version: '2' }, manners };
    expect(await statusOf(request(changed))).toBe('claimed');
  });

  it('a visitor who opted out, or is in the holdout group, gets none', async () => {
    expect(await statusOf(request({ optedOut: true }))).toBe('opted_out');
    expect(await statusOf(request({ manners: { holdout: 1 } }))).toBe('holdout');
    expect(await rows('reason, arm')).toEqual([
      { reason: 'opted_out', arm: null },
      { reason: 'holdout', arm: 'holdout' },
    ]);
  });

  it('quiet hours go by the visitor’s own zone', async () => {
    // The clock begins on 2023-11-14 at 22:13 UTC.
    const manners = { quietFrom: '22:00', quietTo: '6:00' };
    expect(await statusOf(request({ manners }))).toBe('quiet_hours');
    const asked = request({ manners, timeZone: 'America/Los_Angeles' });
    const hold = await claimed(memory, asked);
    expect(await memory.confirmOffer(hold, asked.manners, 60_000)).toBeNull();
  });

  it('who signs in stays in their group', async () => {
    const groups = async (salt: string) => {
      const session = `session ${salt}`;
      const manners = { holdout: 0.5, holdoutSalt: salt };
      const decide = async () => await statusOf(request({ ...of(session), manners }));
      await act(memory, session);
      await decide();
      await act(memory, session, { user_id: `user ${salt}` });
      await decide();
      const [before, after] = (await rows('arm')).slice(-2).map(({ arm }) => arm);
      return [before, after];
    };
    const seen = [];
    for (let i = 0; i < 12; i++) seen.push(await groups(`salt ${i}`));
    // By their names, half of them would be in the other one.
    expect(seen.filter(([before, after]) => before !== after)).toEqual([]);
    expect(new Set(seen.flat())).toEqual(new Set(['treated', 'holdout']));
  });
});

describe('a person', () => {
  const manners = { perWeek: 1 };

  it('is found by any name that a session of theirs has gone by', async () => {
    await act(memory, 's', { user_id: 'anonymous-1' });
    await offered(memory, request({ manners }));
    await act(memory, 's', { user_id: 'ada' });
    await act(memory, 'phone', { user_id: 'ada', email: 'ada@example.com' });
    await act(memory, 'tablet', { email: 'Ada@example.com' });
    await act(memory, 'stranger', { user_id: 'bob' });
    expect(await statusOf(request({ ...of('phone'), manners }))).toBe('offer_open');
    await reply({ value: 'show' });
    expect(await statusOf(request({ ...of('phone'), manners }))).toBe('per_week');
    expect(await statusOf(request({ ...of('tablet'), manners }))).toBe('per_week');
    expect(await statusOf(request({ ...of('stranger'), manners }))).toBe('claimed');
  });

  it('is found by the names they had, after their sessions are erased', async () => {
    await act(memory, 's', { user_id: 'anonymous-1' });
    await offered(memory, request({ manners }));
    await act(memory, 's', { user_id: 'ada' });
    await clock.advance(DAY_MS);
    await act(memory, 'phone', { user_id: 'ada', email: 'ada@example.com' });
    await memory.expire();
    await clock.advance(DAY_MS);
    await memory.expire();
    await act(memory, 'tablet', { email: 'ada@example.com' });
    expect(await statusOf(request({ ...of('tablet'), manners }))).toBe('per_week');
    await clock.advance(5 * DAY_MS);
    await act(memory, 'tablet', { email: 'ada@example.com' });
    expect(await statusOf(request({ ...of('tablet'), manners }))).toBe('claimed');
  });

  it('is found when a session begins anew under the same id', async () => {
    await act(memory, 'user:ada');
    await offered(memory, request({ ...of('user:ada'), manners }));
    await clock.advance(DAY_MS);
    await act(memory, 'user:ada');
    const again = request({ ...of('user:ada'), manners: { ...manners, perSession: 1 } });
    expect(await statusOf(again)).toBe('per_week');
    expect(await statusOf(request({ ...of('user:ada'), manners: { perSession: 1 } }))).toBe(
      'claimed',
    );
  });

  it('is not taken for the one who used the same session before', async () => {
    await act(memory, 's', { user_id: 'ada' });
    await offered(memory, request({ manners }));
    await reply({ text: 'stop' });
    await act(memory, 's', { user_id: 'bob' });
    expect(await statusOf(request({ manners: { ...manners, perSession: 1 } }))).toBe('claimed');
    await act(memory, 'ada’s', { user_id: 'ada' });
    await act(memory, 'bob’s', { user_id: 'bob' });
    await clock.advance(DAY_MS - 1);
    await act(memory, 'bob’s', { user_id: 'bob' });
    await clock.advance(1);
    await memory.expire();
    expect(await statusOf(request({ ...of('bob’s'), manners: { perRule: 9 } }))).toBe('claimed');
    await act(memory, 'ada’s', { user_id: 'ada' });
    expect(await statusOf(request(of('ada’s')))).toBe('stopped_for_ever');
  });

  it('is another one in another product, and in another memory', async () => {
    const user_id = 'ada';
    await act(memory, 's', { user_id });
    await offered(memory, request({ manners }));
    await act(memory, 's', { user_id, product_id: 'blog' });
    const blog = { session: { ...ref(), product_id: 'blog' }, manners };
    expect(await statusOf(request(blog))).toBe('claimed');
    await memory.remember('other', [batch('s', [action('a')], { user_id })], DAY_MS);
    const other = { session: { ...ref(), memory: 'other' }, manners, moment: { page: '/' } };
    expect(await statusOf(request(other))).toBe('claimed');
  });

  it('is nowhere in what is kept of offers', async () => {
    await act(memory, 's-1234', { user_id: 'ada-1234', email: 'ada-1234@example.com' });
    await offered(memory, request(of('s-1234')));
    await clock.advance(DAY_MS + HOUR_MS);
    await memory.expire();
    const tables = ['autoplay_offer', 'autoplay_offer_person', 'autoplay_objection'];
    for (const table of tables) {
      const kept = JSON.stringify(await rowsOf(file, `select * from ${table}`));
      expect(kept).not.toMatch(/1234|Comparing|Show me|c1/);
    }
    expect(await rows('outcome')).toEqual([{ outcome: 'left' }]);
  });
});

describe('a reply', () => {
  it.each([
    ['show', 'accepted'],
    ['tour', 'accepted'],
    ['no', 'dismissed'],
  ])('that chooses %s is recorded as %s, once', async (value, status) => {
    const { offer_id } = await offered(memory, request());
    await clock.advance(5_000);
    const chosen = { message_ref: 'm1', value };
    const outcome = {
      status,
      choice: CHOICES.find((one) => one.value === value),
      offer: {
        ...{ offer_id, ...SENT, rule: 'stuck', page: '/plans', chat: 'crisp', outcome: status },
        ...{ session_id: 's', product_id: 'shop', choices: CHOICES },
        ...{ sent_at: clock.now() - 5_000, seen_at: clock.now() },
      },
    };
    expect(await reply(chosen)).toEqual({ ...outcome, repeated: false });
    expect(await reply(chosen)).toEqual({ ...outcome, repeated: true });
    // Only the first press counts.
    const other = value === 'show' ? 'no' : 'show';
    expect(await reply({ message_ref: 'm1', value: other })).toEqual({
      ...{ ...outcome, status: 'second_choice' },
      repeated: false,
    });
  });

  it.each([
    ['Show me', 'accepted', 'show'],
    ['<p>Show&nbsp;me</p>', 'accepted', 'show'],
    ['no, thanks', 'dismissed', 'no'],
    ['Nein danke!', 'dismissed', undefined],
    ['unsubscribe', 'dismissed', undefined],
    ['What is it?', 'replied', undefined],
  ])('that says "%s" is recorded as %s', async (text, status, value) => {
    await offered(memory, request());
    const choice = CHOICES.find((one) => one.value === value) ?? null;
    const said = { text, reply_id: 'r1' };
    expect(await reply(said)).toMatchObject({ status, repeated: false, choice });
    // The same message again, as of an execution that is run again, and then the same words in a new one.
    expect(await reply(said)).toMatchObject({ status, repeated: true });
    if (text !== 'unsubscribe') {
      expect(await reply({ text, reply_id: 'r2' })).toEqual({ status: 'no_offer' });
    }
  });

  it('that presses the same choice once more is a second one, and goes nowhere', async () => {
    await offered(memory, request());
    const press = { message_ref: 'm1', value: 'show', reply_id: 'r1' };
    expect(await reply(press)).toMatchObject({ status: 'accepted', repeated: false });
    expect(await reply(press)).toMatchObject({ status: 'accepted', repeated: true });
    expect(await reply({ ...press, reply_id: 'r2' })).toMatchObject({ status: 'second_choice' });
  });

  describe('in words, before the offer is recorded as sent,', () => {
    /** As far as an attempt had come when its worker stopped. */
    const sending = async (message_ref: string | null, isConfirmed: boolean) => {
      const asked = request();
      const hold = await claimed(memory, asked);
      await memory.advanceOffer(hold, { conversation_id: 'c1', message_ref: null });
      if (isConfirmed) await memory.confirmOffer(hold, asked.manners, 60_000);
      if (message_ref) await memory.advanceOffer(hold, { conversation_id: 'c1', message_ref });
      return { asked, hold };
    };

    it('is a refusal as soon as the offer may be there, and nothing more is sent', async () => {
      const { asked, hold } = await sending(null, true);
      expect(await reply({ text: 'Hello?' })).toEqual({ status: 'no_offer' });
      expect(await reply({ text: 'stop' })).toMatchObject({ status: 'dismissed' });
      await expect(memory.extendOffer(hold, 60_000)).rejects.toThrow(LeaseLostError);
      expect(await statusOf(asked)).toBe('sent');
      expect(await statusOf(request())).toBe('stopped_for_ever');
    });

    it('is any answer once the message is there', async () => {
      await sending('m1', true);
      expect(await reply({ text: 'What is it?' })).toMatchObject({ status: 'replied' });
    });

    it('is about something else as long as nothing was sent', async () => {
      await sending(null, false);
      expect(await reply({ text: 'stop' })).toEqual({ status: 'no_offer' });
    });

    it('counts also after the attempts have failed for good', async () => {
      const { hold } = await sending(null, true);
      await memory.releaseOffer(hold, { mayHaveLanded: true });
      expect(await reply({ text: 'no thanks' })).toMatchObject({ status: 'dismissed' });
    });
  });

  it('in words is none to an offer that was answered or ignored', async () => {
    await offered(memory, request());
    await clock.advance(10 * MINUTE_MS);
    expect(await reply({ text: 'Hello?' })).toEqual({ status: 'no_offer' });
    await offered(memory, request());
    await reply({ value: 'show' });
    expect(await reply({ text: 'yes' })).toEqual({ status: 'no_offer' });
    expect(await reply({ text: 'stop' })).toEqual({ status: 'no_offer' });
  });

  it('that is a press counts for a day after silence or words', async () => {
    await offered(memory, request());
    await reply({ text: 'What is it?' });
    expect(await reply({ value: 'show' })).toMatchObject({ status: 'accepted', repeated: false });
    await act(memory, 's2');
    await offered(memory, request(of('s2')), { conversation_id: 'c2', message_ref: 'm2' });
    await clock.advance(DAY_MS + 9 * MINUTE_MS);
    const late = { conversation_id: 'c2', value: 'no' };
    expect(await reply(late)).toMatchObject({ status: 'dismissed' });
    await clock.advance(DAY_MS);
    expect(await reply(late)).toEqual({ status: 'no_offer' });
  });

  it('names a choice by its UUID where the chat product knows it by nothing else', async () => {
    const { offer_id } = await offered(memory, request());
    expect(await reply({ value: choiceUuid('other', 'no') })).toEqual({ status: 'no_offer' });
    const chosen = { value: choiceUuid(offer_id, 'no'), text: '<p>No, thanks</p>' };
    expect(await reply(chosen)).toMatchObject({ status: 'dismissed', choice: { value: 'no' } });
    expect(await reply(chosen)).toMatchObject({ status: 'dismissed', repeated: true });
  });

  it('that arrives before the offer is recorded as sent settles it', async () => {
    const asked = request();
    const hold = await claimed(memory, asked);
    await memory.advanceOffer(hold, { conversation_id: 'c1', message_ref: null });
    expect(await reply({ message_ref: 'm1', value: 'show' })).toMatchObject({ status: 'accepted' });
    await memory.commitOffer(hold, SENT);
    expect(await memory.claimOffer(asked)).toMatchObject({ status: 'sent', ...SENT });
    expect(await reply({ message_ref: 'm1', value: 'show' })).toMatchObject({ repeated: true });
    expect(await rows('state, outcome')).toEqual([{ state: 'sent', outcome: 'accepted' }]);
  });

  it('belongs to the offer that it names, or else to the latest that fits', async () => {
    await offered(memory, request());
    await reply({ message_ref: 'm1', value: 'show' });
    await offered(memory, request(), { conversation_id: 'c1', message_ref: 'm2' });
    expect(await reply({ message_ref: 'm1', value: 'no' })).toMatchObject({
      ...{ status: 'second_choice', offer: { message_ref: 'm1' } },
    });
    expect(await reply({ message_ref: 'm3', value: 'no' })).toEqual({ status: 'no_offer' });
    expect(await reply({ value: 'elsewhere' })).toEqual({ status: 'no_offer' });
    expect(await reply({ value: 'no' })).toMatchObject({ offer: { message_ref: 'm2' } });
  });

  it('in another conversation, chat product or memory is none', async () => {
    await offered(memory, request());
    expect(await reply({ conversation_id: 'c2', value: 'no' })).toEqual({ status: 'no_offer' });
    expect(await reply({ chat: 'intercom', value: 'no' })).toEqual({ status: 'no_offer' });
    const there = { chat: 'crisp', conversation_id: 'c1', value: 'no' };
    expect(await memory.recordReply('other', there)).toEqual({ status: 'no_offer' });
    expect(await reply({})).toEqual({ status: 'no_offer' });
    expect(await reply({ chat: 'crisp:site', value: 'no' })).toMatchObject({ status: 'dismissed' });
  });

  it('that only reads is recorded as seen, and shows that the visitor was there', async () => {
    await offered(memory, request());
    expect(await reply({ seen: true })).toMatchObject({ status: 'seen', repeated: false });
    expect(await reply({ message_ref: 'm1', seen: true })).toMatchObject({ repeated: true });
    await clock.advance(10 * MINUTE_MS);
    await memory.expire();
    expect(await rows('outcome')).toEqual([{ outcome: 'ignored' }]);
  });
});

it('two dismissals in a row silence for as long as they should, after the first one is erased', async () => {
  const manners = { afterDismissedMs: DAY_MS, afterTwoDismissalsMs: 90 * DAY_MS };
  const dismiss = async (session: string) => {
    await act(memory, session, { user_id: 'ada' });
    await offered(memory, request({ ...of(session), manners, moment: { name: session } }));
    await reply({ value: 'no' });
  };
  const asked = async (session: string) => {
    await act(memory, session, { user_id: 'ada' });
    return await statusOf(request({ ...of(session), manners }));
  };
  await dismiss('a');
  await clock.advance(60 * DAY_MS);
  await dismiss('b');
  await clock.advance(31 * DAY_MS);
  await memory.expire();
  expect(await rows('rule')).toEqual([{ rule: 'b' }]);
  expect(await asked('c')).toBe('dismissed_rule');
  await clock.advance(59 * DAY_MS);
  await memory.expire();
  expect(await asked('d')).toBe('claimed');
});

describe('who says stop', () => {
  const stop = async () => {
    await act(memory, 's', { user_id: 'ada' });
    await offered(memory, request());
    expect(await reply({ text: 'Stop!' })).toMatchObject({ status: 'dismissed' });
  };

  it('gets no more offers, also under names that they have gone by since, after everything else is erased', async () => {
    await stop();
    await act(memory, 's', { user_id: 'ada', email: 'ada@example.com' });
    await clock.advance(100 * DAY_MS);
    await memory.expire();
    expect(await rows()).toEqual([]);
    await act(memory, 'phone', { email: 'ada@example.com' });
    expect(await statusOf(request(of('phone')))).toBe('stopped_for_ever');
    await act(memory, 'phone', { user_id: 'ada-2' });
    expect(await statusOf(request(of('phone')))).toBe('stopped_for_ever');
    await act(memory, 'tablet', { user_id: 'ada-2' });
    await clock.advance(100 * DAY_MS);
    await memory.expire();
    await act(memory, 'tablet', { user_id: 'ada-2' });
    expect(await statusOf(request(of('tablet')))).toBe('stopped_for_ever');
  });

  it('is believed also after the offer was ignored or dismissed', async () => {
    for (const [i, before] of [{ value: 'no' }, { text: 'no' }, {}].entries()) {
      const conversation_id = `c${i}`;
      await act(memory, `s${i}`);
      await offered(memory, request(of(`s${i}`)), { conversation_id, message_ref: null });
      await reply({ conversation_id, ...before });
      await clock.advance(11 * MINUTE_MS);
      expect(await reply({ conversation_id, text: 'stop' })).toMatchObject({ status: 'dismissed' });
      await act(memory, `s${i}`);
      expect(await statusOf(request(of(`s${i}`)))).toBe('stopped_for_ever');
    }
  });

  it('is found by their session if they have no name, and by the name that they get', async () => {
    await offered(memory, request());
    await reply({ text: 'stop' });
    expect(await statusOf(request())).toBe('stopped_for_ever');
    await act(memory, 's', { user_id: 'ada' });
    await clock.advance(2 * DAY_MS);
    await memory.expire();
    await act(memory, 'other', { user_id: 'ada' });
    expect(await statusOf(request(of('other')))).toBe('stopped_for_ever');
  });
});

describe('the offer that stands in a conversation', () => {
  it('is the latest without an answer, and can be withdrawn', async () => {
    expect(await memory.openOffer(ref(), 'crisp')).toBeNull();
    const { offer_id } = await offered(memory, request());
    const open = await memory.openOffer(ref(), 'crisp:site');
    expect(open).toMatchObject({ offer_id, outcome: 'open', ...SENT });
    expect(await memory.openOffer(ref(), 'intercom')).toBeNull();
    await memory.withdrawOffer(open!);
    expect(await memory.openOffer(ref(), 'crisp')).toBeNull();
    expect(await rows('outcome')).toEqual([{ outcome: 'withdrawn' }]);
    // A press that was on its way counts.
    expect(await reply({ value: 'show' })).toMatchObject({ status: 'accepted' });
  });

  it('stands after it was ignored, and stays ignored when it is withdrawn', async () => {
    await offered(memory, request());
    await act(memory);
    await clock.advance(10 * MINUTE_MS);
    const open = await memory.openOffer(ref(), 'crisp');
    expect(open).toMatchObject({ outcome: 'left' });
    await memory.withdrawOffer(open!);
    expect(await memory.openOffer(ref(), 'crisp')).toBeNull();
    expect(await rows('outcome')).toEqual([{ outcome: 'left' }]);
  });

  it('is not one that was answered', async () => {
    await offered(memory, request());
    await reply({ value: 'no' });
    expect(await memory.openOffer(ref(), 'crisp')).toBeNull();
  });
});

describe('an offer without an answer', () => {
  it.each([
    ['ignored', async () => await clock.advance(1).then(() => act(memory))],
    ['left', async () => {}],
  ])('is %s after ten minutes', async (outcome, happens) => {
    await offered(memory, request());
    await happens();
    await clock.advance(10 * MINUTE_MS - 2);
    await memory.expire();
    expect(await rows('outcome')).toEqual([{ outcome: 'open' }]);
    await clock.advance(2);
    await memory.expire();
    expect(await rows('outcome')).toEqual([{ outcome }]);
  });

  it('is settled when its session is erased, if it is never taken for ignored', async () => {
    await offered(memory, request({ manners: { ignoredAfterMs: 0 } }));
    await clock.advance(1);
    await act(memory);
    await clock.advance(DAY_MS - 1);
    await memory.expire();
    expect(await rows('outcome')).toEqual([{ outcome: 'open' }]);
    await clock.advance(1);
    await memory.expire();
    expect(await rows('outcome')).toEqual([{ outcome: 'ignored' }]);
  });

  it('is ignored only by what its person does while it waits for an answer', async () => {
    await offered(memory, request());
    await clock.advance(12 * MINUTE_MS);
    await act(memory);
    await memory.expire();
    expect(await rows('outcome')).toEqual([{ outcome: 'left' }]);
    await act(memory, 's2', { user_id: 'ada' });
    await offered(memory, request(of('s2')));
    await clock.advance(1);
    await act(memory, 's2', { user_id: 'bob' });
    await clock.advance(10 * MINUTE_MS);
    await memory.expire();
    expect(await rows('outcome')).toEqual([{ outcome: 'left' }, { outcome: 'left' }]);
  });

  it('is of unknown outcome where no answer could be told to be its own', async () => {
    await offered(memory, request(), { conversation_id: '', message_ref: null });
    await clock.advance(1);
    await act(memory);
    await clock.advance(10 * MINUTE_MS);
    await memory.expire();
    expect(await rows('outcome')).toEqual([{ outcome: 'unknown' }]);
    const pause = { afterIgnoredMs: DAY_MS };
    expect(await statusOf(request({ manners: pause }))).toBe('claimed');
  });

  it('keeps its words only until it is sent, its choices for a day, and itself for 90 days', async () => {
    const hold = await claimed(memory, request());
    expect(await rows('text')).toEqual([{ text: 'Comparing plans?' }]);
    await memory.commitOffer(hold, SENT);
    expect(await rows('text')).toEqual([{ text: '' }]);
    await clock.advance(DAY_MS + 10 * MINUTE_MS - 1);
    await memory.expire();
    expect((await rows('choices'))[0]?.choices).toContain('Show me');
    await clock.advance(1);
    await memory.expire();
    const cleared = { session_id: null, conversation_id: null, message_ref: null, choices: null };
    expect(await rows(Object.keys(cleared).join())).toEqual([cleared]);
    await clock.advance(89 * DAY_MS - 10 * MINUTE_MS - 1);
    await memory.expire();
    expect(await rows('rule')).toEqual([{ rule: 'stuck' }]);
    await clock.advance(1);
    await memory.expire();
    expect(await rows()).toEqual([]);
    expect(await rowsOf(file, 'select * from autoplay_offer_person')).toEqual([]);
  });
});

describe('a goal', () => {
  const goal = { page: '/paid/*', title: 'Upgrade', withinMs: 30 * MINUTE_MS };
  const pays = async (session = 's') =>
    await act(memory, session, {}, { canonical_url: 'https://x.example/paid/thanks' });
  const converted = async () => {
    await memory.expire();
    return (await rows('converted_at, goal')).map((row) => [row.converted_at !== null, row.goal]);
  };

  it('is reached by a page or by a part of a title, within its time, whether the offer was sent or not', async () => {
    const holdout = { manners: { holdout: 1 } };
    for (const session of ['a', 'b', 'c', 'd', 'e']) await act(memory, session);
    await pays('c');
    for (const session of ['a', 'c', 'd', 'e']) await statusOf(request({ ...of(session), goal }));
    await statusOf(request({ ...of('b'), ...holdout, goal }));
    await clock.advance(30 * MINUTE_MS);
    await pays('a');
    await act(memory, 'b', {}, { title: 'Clicked UPGRADE now' });
    await clock.advance(1);
    await pays('d');
    expect(await rows('goal')).not.toContainEqual({ goal: null });
    await clock.advance(5 * MINUTE_MS);
    const [a, c, d, e, b] = await converted();
    expect({ a, b, c, d, e }).toEqual({
      ...{ a: [true, null], b: [true, null] },
      ...{ c: [false, null], d: [false, null], e: [false, null] },
    });
  });

  it('is looked for before the actions that show it are erased', async () => {
    await statusOf(request({ goal: { ...goal, withinMs: 7 * DAY_MS } }));
    await clock.advance(HOUR_MS);
    await pays();
    await clock.advance(DAY_MS);
    // The session begins anew, which erases the old one at once.
    await act(memory);
    expect(await converted()).toEqual([[true, null]]);
  });

  it('is not reached by another person in the same session, nor by what happened before', async () => {
    await act(memory, 's', { user_id: 'ada' });
    await statusOf(request({ goal }));
    const late = action('paid', {
      canonical_url: '/paid',
      timestamp_start: clock.now() / 1_000 - 9,
    });
    await memory.remember('m', [batch('s', [late])], DAY_MS);
    await act(memory, 's', { user_id: 'bob' });
    await pays();
    await clock.advance(HOUR_MS);
    expect(await converted()).toEqual([[false, null]]);
  });

  it('is found among many actions', async () => {
    await statusOf(request({ goal }));
    const many = Array.from({ length: 1_200 }, (_, i) => action(`${i}`));
    await memory.remember('m', [batch('s', many)], DAY_MS);
    await pays();
    await clock.advance(HOUR_MS);
    expect(await converted()).toEqual([[true, null]]);
  });
});

describe('forgetting a person', () => {
  const plant = async (value: string) => {
    await act(memory, 's', { user_id: 'ada' });
    await offered(memory, request({ manners: { afterDismissedMs: 30 * DAY_MS } }));
    await reply({ value });
    await statusOf(request());
    await act(memory, 'other', { user_id: 'bob' });
    await claimed(memory, request(of('other')));
  };
  const left = async (table: string) => (await rowsOf(file, `select * from ${table}`)).length;

  it('erases their offers, and nobody else’s', async () => {
    await plant('show');
    expect(await memory.forget({ user_id: 'ada' })).toMatchObject({ sessions: 1, offers: 2 });
    expect([await left('autoplay_offer'), await left('autoplay_objection')]).toEqual([1, 0]);
    expect(await left('autoplay_offer_person')).toBe(2);
    expect(await memory.forget({ user_id: 'ada' })).toMatchObject({ sessions: 0, offers: 0 });
  });

  it('erases their offers also after their sessions, by any name', async () => {
    await plant('show');
    await act(memory, 's', { user_id: 'ada', email: 'ada@example.com' });
    await clock.advance(DAY_MS);
    await memory.expire();
    expect(await memory.forget({ email: 'Ada@example.com' })).toMatchObject({
      ...{ sessions: 0, offers: 2 },
    });
    expect(await memory.forget({ session_id: 'other' })).toMatchObject({ sessions: 0, offers: 1 });
  });

  it('erases those, too, that were made for a name which only their present session shows to be theirs', async () => {
    await act(memory, 's', { user_id: 'anonymous-1' });
    await offered(memory, request());
    await clock.advance(DAY_MS);
    await memory.expire();
    await act(memory, 's2', { user_id: 'anonymous-1' });
    await act(memory, 's2', { user_id: 'ada' });
    await act(memory, 's3', { user_id: 'ada' });
    expect(await memory.forget({ session_id: 's2' })).toMatchObject({ sessions: 1, offers: 0 });
    await act(memory, 's2', { user_id: 'anonymous-1' });
    await act(memory, 's2', { user_id: 'ada' });
    expect(await memory.forget({ user_id: 'ada' })).toMatchObject({ sessions: 2, offers: 1 });
  });

  it('can be limited to a memory and a product', async () => {
    await plant('show');
    const query = { user_id: 'ada', session_id: 'other' };
    expect(await memory.forget({ ...query, memory: 'other' })).toMatchObject({ offers: 0 });
    expect(await memory.forget({ ...query, product_id: 'blog' })).toMatchObject({ offers: 0 });
    const both = { ...query, memory: 'm', product_id: 'shop' };
    expect(await memory.forget(both)).toMatchObject({ offers: 3 });
  });

  it('keeps that they dismissed an offer, for as long as that lasts', async () => {
    await plant('no');
    await memory.forget({ user_id: 'ada' });
    await act(memory, 's', { user_id: 'ada' });
    expect(await statusOf(request())).toBe('dismissed_rule');
    await clock.advance(30 * DAY_MS);
    await memory.expire();
    expect(await left('autoplay_objection')).toBe(0);
    await act(memory, 's', { user_id: 'ada' });
    expect(await statusOf(request())).toBe('claimed');
  });

  it('keeps two dismissals in a row for longer', async () => {
    const manners = { afterDismissedMs: DAY_MS, afterTwoDismissalsMs: 90 * DAY_MS };
    for (const session of ['a', 'b']) {
      await act(memory, session, { user_id: 'ada' });
      await offered(memory, request({ ...of(session), manners, moment: { name: session } }));
      await reply({ value: 'no' });
    }
    await memory.forget({ user_id: 'ada' });
    await clock.advance(90 * DAY_MS - 1);
    await act(memory, 's', { user_id: 'ada' });
    expect(await statusOf(request())).toBe('dismissed_rule');
    await clock.advance(1);
    expect(await statusOf(request())).toBe('claimed');
  });

  it('erases that as well if asked to, also what was kept by an earlier Forget', async () => {
    await act(memory, 's', { user_id: 'ada' });
    await offered(memory, request());
    await reply({ text: 'stop' });
    await memory.forget({ user_id: 'ada' });
    expect(await left('autoplay_objection')).toBe(1);
    await memory.forget({ user_id: 'ada', keepObjection: false, memory: 'other' });
    await memory.forget({ user_id: 'ada', keepObjection: false, product_id: 'blog' });
    expect(await left('autoplay_objection')).toBe(1);
    await memory.forget({ user_id: 'ada', keepObjection: false });
    expect(await left('autoplay_objection')).toBe(0);
    await act(memory, 's', { user_id: 'ada' });
    expect(await statusOf(request())).toBe('claimed');
  });

  it('keeps that they said stop also for the name that they had at last', async () => {
    await act(memory, 's', { user_id: 'anonymous-1' });
    await offered(memory, request());
    await reply({ text: 'stop' });
    await act(memory, 's', { user_id: 'ada' });
    await memory.forget({ user_id: 'ada' });
    await act(memory, 'new', { user_id: 'ada' });
    expect(await statusOf(request(of('new')))).toBe('stopped_for_ever');
  });

  it('while an offer is being sent leaves nothing behind', async () => {
    const hold = await claimed(memory, request());
    await memory.forget({ session_id: 's' });
    await memory.commitOffer(hold, SENT);
    await memory.releaseOffer(hold, { mayHaveLanded: true });
    const { manners } = request();
    await expect(memory.confirmOffer(hold, manners, 1_000)).rejects.toThrow(LeaseLostError);
    expect(await left('autoplay_offer')).toBe(0);
  });
});
