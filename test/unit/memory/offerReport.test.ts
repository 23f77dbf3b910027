import { reportOf } from '../../../core/manners/report';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { DAY_MS, HOUR_MS, range, ref, testMemory } from '../../support/memory';
import { act, offered, offerRequest, whileTurning } from '../../support/offers';

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

type Fields = Parameters<typeof offerRequest>[1];
const asked = (session: string, fields: Fields = {}) =>
  offerRequest(clock.now(), { ...fields, session: ref(session) });
const decide = async (session: string, fields: Fields = {}) => {
  await act(memory, session, { user_id: session });
  return await memory.claimOffer(asked(session, fields));
};
const make = async (session: string, fields: Fields = {}) => {
  await act(memory, session, { user_id: session });
  const sent = { conversation_id: `c ${session}`, message_ref: null };
  return await offered(memory, asked(session, fields), sent);
};
const reply = async (session: string, said: object) =>
  await memory.recordReply('m', { chat: 'crisp', conversation_id: `c ${session}`, ...said });
const report = async (query: object = {}) => await memory.reportOffers('m', { since: 0, ...query });

it('an empty memory reports nothing', async () => {
  expect(await report()).toEqual([]);
});

it('every decision is counted, by what became of it', async () => {
  for (const i of range(7)) await make(`s${i}`);
  await reply('s0', { value: 'show' });
  await reply('s1', { value: 'no' });
  await reply('s2', { text: 'What is it?' });
  await reply('s3', { seen: true });
  await memory.withdrawOffer((await memory.openOffer(ref('s4'), 'crisp'))!);
  await decide('h', { manners: { holdout: 1 } });
  await decide('o', { optedOut: true });
  await decide('p', { manners: { neverOn: ['*'] } });
  await decide('q', { manners: { neverOn: ['*'] } });
  await decide('watched', { observeOnly: true });
  const failing = await decide('f');
  if (failing.status === 'claimed')
    await memory.releaseOffer(failing.hold, { mayHaveLanded: true });
  await clock.advance(9 * 60_000);
  await act(memory, 's5');
  await clock.advance(60_000);
  await make('new');
  expect(await report()).toEqual([
    {
      ...{ product_id: 'shop', rule: 'stuck', rule_version: '1', page: '/plans', chat: 'crisp' },
      // All but the one who opted out and the one who was only watched.
      decisions: { treated: 11, holdout: 1 },
      persons: { treated: 0, holdout: 0 },
      converted: { treated: 0, holdout: 0 },
      has_goal: false,
      ...{ sent: 8, observed: 1, failed: 1, seen: 4 },
      outcomes: {
        ...{ open: 1, accepted: 1, dismissed: 1, replied: 1, ignored: 2, left: 1, withdrawn: 1 },
        unknown: 0,
      },
      held_back: { holdout: 1, opted_out: 1, page: 2 },
    },
  ]);
});

it('counts are apart by product, rule, version, page and chat product, those with the most decisions first', async () => {
  await decide('a');
  await decide('b');
  await decide('c', { moment: { name: 'dwell' } });
  await decide('d', { moment: { rule_version: '2' } });
  await decide('e', { moment: { page: '' } });
  await decide('f', { chat: 'intercom' });
  await act(memory, 'g', { product_id: 'blog' });
  await memory.claimOffer(
    offerRequest(clock.now(), { session: { ...ref('g'), product_id: 'blog' } }),
  );
  const groups = (await report()).map((one) => {
    const { product_id, rule, rule_version, page, chat } = one;
    return [product_id, rule, rule_version, page, chat, one.decisions.treated].join(' ');
  });
  expect(groups[0]).toBe('shop stuck 1 /plans crisp 2');
  expect(groups.toSorted()).toEqual([
    ...['blog stuck 1 /plans crisp 1', 'shop dwell 1 /plans crisp 1', 'shop stuck 1  crisp 1'],
    ...['shop stuck 1 /plans crisp 2', 'shop stuck 1 /plans intercom 1'],
    'shop stuck 2 /plans crisp 1',
  ]);
  const ofBlog = await report({ product_id: 'blog' });
  expect(ofBlog.map(({ product_id }) => product_id)).toEqual(['blog']);
  expect(await memory.reportOffers('other', { since: 0 })).toEqual([]);
});

it('only decisions since a time are counted', async () => {
  await decide('a');
  await clock.advance(HOUR_MS);
  await decide('b');
  const [one] = await report({ since: clock.now() });
  expect(one?.decisions).toEqual({ treated: 1, holdout: 0 });
});

it('persons count once in their group, and as converted if any of their decisions was', async () => {
  const goal = { title: 'paid', withinMs: HOUR_MS };
  const always = { goal, manners: { perRule: 1 } };
  for (const session of ['ada', 'ada', 'bob', 'bob']) await decide(session, always);
  for (const session of ['eve', 'eve']) await decide(session, { goal, manners: { holdout: 1 } });
  await act(memory, 'ada', {}, { title: 'Has paid' });
  await decide('joe');
  await clock.advance(2 * HOUR_MS);
  const [counts] = await report();
  expect(counts).toMatchObject({
    decisions: { treated: 5, holdout: 2 },
    persons: { treated: 2, holdout: 1 },
    converted: { treated: 1, holdout: 0 },
    has_goal: true,
  });
  expect(reportOf(counts!).effect.status).toBe('not_enough_data');
});

it('a report settles offers that nobody has looked at since, however many', async () => {
  for (const i of range(230)) await make(`s${i}`);
  await clock.advance(DAY_MS);
  const [counts] = await whileTurning(clock, report());
  expect(counts).toMatchObject({ sent: 230, outcomes: { open: 0, left: 230 } });
});
