import {
  confirm,
  decide,
  FOR_EVER,
  type Facts,
  type PastOffer,
} from '../../../core/manners/decide';
import { DEFAULT_MANNERS, mannersFault } from '../../../core/manners/defaults';
import { inHoldout } from '../../../core/manners/holdout';
import type { Manners, Reason } from '../../../core/manners/types';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const now = Date.UTC(2026, 10, 30, 12, 0, 0);

/** A visitor who may get an offer. */
const FACTS: Facts = {
  productId: 'shop',
  personKey: 'ada',
  earlierArm: null,
  optedOut: false,
  observeOnly: false,
  moment: { rule: 'stuck', at: now - SECOND, page: '/plans' },
  visit: { startedAt: now - HOUR, page: '/plans', addresses: [], typedAt: null },
  offers: [],
  silentUntil: null,
  conversation: { isOpen: false, spokeAt: null },
  lastMinute: 0,
  shown: { times: 0, dismissed: 0 },
};
const MANNERS: Manners = { ...DEFAULT_MANNERS, holdout: 0 };

/** An offer of another rule, in another session, long ago. */
const past = (fields: Partial<PastOffer> = {}): PastOffer => ({
  rule: 'other',
  inSession: false,
  decidedAt: now - 85 * DAY,
  sentAt: now - 85 * DAY,
  outcome: 'ignored',
  outcomeAt: now - 85 * DAY,
  ...fields,
});

const visit = (fields: Partial<Facts['visit']>) => ({ visit: { ...FACTS.visit, ...fields } });
const moment = (fields: Partial<Facts['moment']>) => ({ moment: { ...FACTS.moment, ...fields } });
const offers = (...some: Partial<PastOffer>[]) => ({ offers: some.map(past) });
const dismissed = (ago: number, fields: Partial<PastOffer> = {}) => ({
  outcome: 'dismissed' as const,
  outcomeAt: now - ago,
  ...fields,
});
/** Caps and pauses that other reasons would hide behind. */
const OFF = { perSession: 0, perWeek: 0, perRule: 0, afterShownMs: 0 };

it('a visitor of whom nothing speaks against an offer gets one', () => {
  expect(decide(FACTS, MANNERS, now)).toBeNull();
  expect(confirm(FACTS, MANNERS, now)).toBeNull();
});

// In the order of the checks. Each case: what holds an offer back, and what just does not.
const CASES: Array<[Reason, Partial<Facts>, Partial<Facts>, Partial<Manners>?]> = [
  ['opted_out', { optedOut: true }, {}],
  ['stopped_for_ever', { silentUntil: FOR_EVER }, { silentUntil: now }],
  ['page', visit({ page: '/checkout/pay' }), visit({ addresses: ['', '/checking'] })],
  ['page', visit({ page: '/error' }), {}],
  [
    'page',
    visit({ addresses: ['https://x.example/plans'] }),
    visit({ addresses: ['https://y.example/plans'] }),
    { neverOn: ['x.example/*'] },
  ],
  ['typing', visit({ typedAt: now - 5 * SECOND + 1 }), visit({ typedAt: now - 5 * SECOND })],
  [
    'too_early',
    visit({ startedAt: now - 20 * SECOND + 1 }),
    visit({ startedAt: now - 20 * SECOND }),
  ],
  ['moved_on', visit({ page: '/other' }), visit({ page: '' })],
  ['moved_on', moment({ page: '/other' }), moment({ page: '' })],
  ['stale', moment({ at: now - 2 * MINUTE }), moment({ at: now - 2 * MINUTE + 1 })],
  ['offer_open', offers({ outcome: 'open' }), offers({ outcome: 'withdrawn' })],
  ['offer_open', offers({ outcome: 'sending', sentAt: null }), offers({ outcome: 'left' })],
  [
    'conversation_open',
    { conversation: { isOpen: true, spokeAt: now - 2 * DAY } },
    { conversation: { isOpen: false, spokeAt: now - 2 * DAY } },
  ],
  [
    'conversation_recent',
    { conversation: { isOpen: false, spokeAt: now - DAY + 1 } },
    { conversation: { isOpen: false, spokeAt: now - DAY } },
  ],
  ['per_session', offers({ inSession: true }), offers({ inSession: false })],
  [
    'per_week',
    offers({ decidedAt: now - 7 * DAY + 1 }, { decidedAt: now }),
    offers({ decidedAt: now - 7 * DAY }, { decidedAt: now }),
  ],
  ['per_rule', offers({ rule: 'stuck' }), offers({ rule: 'Stuck' })],
  [
    'dismissed_in_session',
    offers(dismissed(DAY, { inSession: true })),
    offers(dismissed(DAY)),
    OFF,
  ],
  [
    'dismissed_rule',
    offers(dismissed(30 * DAY - 1, { rule: 'stuck' })),
    offers(dismissed(30 * DAY, { rule: 'stuck' })),
    OFF,
  ],
  ['dismissed_rule', { silentUntil: now + 1 }, { silentUntil: now }],
  [
    'dismissed_twice',
    offers(dismissed(90 * DAY - 1), dismissed(91 * DAY)),
    offers(dismissed(90 * DAY), dismissed(91 * DAY)),
  ],
  [
    'dismissed_twice',
    offers(dismissed(80 * DAY), { outcomeAt: now - 81 * DAY }, dismissed(82 * DAY)),
    offers(
      dismissed(80 * DAY),
      { outcome: 'accepted', outcomeAt: now - 81 * DAY },
      dismissed(82 * DAY),
    ),
  ],
  ['after_shown', offers({ sentAt: now - DAY + 1 }), offers({ sentAt: now - DAY })],
  [
    'after_ignored',
    offers({ outcomeAt: now - 2 * DAY + 1 }),
    offers({ outcomeAt: now - 2 * DAY }, { outcome: 'left', outcomeAt: now }),
  ],
  [
    'after_accepted',
    offers({ outcome: 'accepted', outcomeAt: now - 7 * DAY + 1 }),
    offers({ outcome: 'accepted', outcomeAt: now - 7 * DAY }),
  ],
  [
    'after_accepted',
    offers({ outcome: 'replied', outcomeAt: now - 7 * DAY + 1 }),
    offers({ outcome: 'replied', outcomeAt: now - 7 * DAY }),
  ],
  ['brake', { lastMinute: 30 }, { lastMinute: 29 }],
  ['rule_stopped', { shown: { times: 20, dismissed: 7 } }, { shown: { times: 20, dismissed: 6 } }],
  ['rule_stopped', { shown: { times: 20, dismissed: 7 } }, { shown: { times: 19, dismissed: 19 } }],
  ['quiet_hours', {}, { timeZone: 'Asia/Tokyo' }, { quietFrom: '11:00', quietTo: '12:01' }],
  ['observe_only', { observeOnly: true }, {}],
];

describe('an offer is held back', () => {
  it.each(CASES)('for %s, and only then', (reason, applies, just, manners = {}) => {
    const given = { ...MANNERS, ...manners };
    expect(decide({ ...FACTS, ...applies }, given, now)).toBe(reason);
    expect(decide({ ...FACTS, ...just }, given, now)).toBeNull();
  });

  it('for the first of all reasons that apply', () => {
    const dismissal = dismissed(HOUR, { rule: 'stuck', inSession: true, sentAt: now - HOUR });
    let facts: Facts = {
      ...FACTS,
      ...{ optedOut: true, observeOnly: true, silentUntil: FOR_EVER, lastMinute: 99 },
      ...moment({ at: now - HOUR }),
      ...visit({ page: '/payment', startedAt: now - SECOND, typedAt: now - SECOND }),
      ...offers(dismissal, dismissal, { outcome: 'open', decidedAt: now }),
      conversation: { isOpen: true, spokeAt: now },
      shown: { times: 99, dismissed: 99 },
    };
    let manners: Manners = { ...MANNERS, holdout: 1, quietFrom: '0:00', quietTo: '23:59' };
    const answered = offers(
      dismissal,
      dismissal,
      { outcome: 'ignored', outcomeAt: now, sentAt: now - 50 * HOUR },
      { outcome: 'accepted', outcomeAt: now - DAY },
    );
    // What each reason needs to be out of the way, in the order of the reasons.
    const steps: Array<[Reason, Partial<Facts>, Partial<Manners>?]> = [
      ['opted_out', { optedOut: false }],
      ['stopped_for_ever', { silentUntil: null }],
      ['holdout', {}, { holdout: 0 }],
      ['page', visit({ page: '/other', startedAt: now - SECOND, typedAt: now - SECOND })],
      ['typing', visit({ page: '/other', startedAt: now - SECOND })],
      ['too_early', visit({ page: '/other' })],
      ['moved_on', visit({})],
      ['stale', { moment: FACTS.moment }],
      ['offer_open', answered],
      ['conversation_open', { conversation: { isOpen: false, spokeAt: now } }],
      ['conversation_recent', { conversation: FACTS.conversation }],
      ['per_session', {}, { perSession: 0 }],
      ['per_rule', {}, { perRule: 0 }],
      [
        'dismissed_in_session',
        { offers: answered.offers.map((one) => ({ ...one, inSession: false })) },
      ],
      ['dismissed_rule', {}, { afterDismissedMs: 0 }],
      ['dismissed_twice', {}, { afterTwoDismissalsMs: 0 }],
      ['after_shown', {}, { afterShownMs: 0 }],
      ['after_ignored', {}, { afterIgnoredMs: 0 }],
      ['after_accepted', {}, { afterAcceptedMs: 0 }],
      ['brake', { lastMinute: 0 }],
      ['rule_stopped', { shown: FACTS.shown }],
      ['quiet_hours', {}, { quietFrom: '' }],
      ['observe_only', { observeOnly: false }],
    ];
    for (const [reason, fact, manner] of steps) {
      expect(decide(facts, manners, now)).toBe(reason);
      facts = { ...facts, ...fact };
      manners = { ...manners, ...manner };
    }
    expect(decide(facts, manners, now)).toBeNull();
  });
});

it('a limit of 0 is none', () => {
  const none: Manners = {
    ...MANNERS,
    ...OFF,
    ...{ earliestMs: 0, afterIgnoredMs: 0, afterAcceptedMs: 0, afterDismissedMs: 0 },
    ...{ afterTwoDismissalsMs: 0, afterConversationMs: 0, afterTypingMs: 0, perMinute: 0 },
    ...{ stopAfterShown: 0, staleAfterMs: 0, neverOn: [] },
  };
  const facts: Facts = {
    ...FACTS,
    ...moment({ at: now - DAY, page: '/checkout' }),
    ...visit({ page: '/checkout', startedAt: now, typedAt: now }),
    conversation: { isOpen: false, spokeAt: now },
    ...offers(
      { rule: 'stuck', inSession: true, sentAt: now, outcomeAt: now, decidedAt: now },
      { outcome: 'accepted', outcomeAt: now },
      dismissed(1, { rule: 'stuck' }),
      dismissed(2),
    ),
    lastMinute: 1e6,
    shown: { times: 1e6, dismissed: 1e6 },
  };
  expect(decide(facts, none, now)).toBeNull();
  expect(decide({ ...facts, shown: { times: 1, dismissed: 1 } }, none, now)).toBeNull();
  // One that is open, a dismissal in the session and an open conversation always count.
  expect(decide({ ...facts, conversation: { isOpen: true, spokeAt: now } }, none, now)).toBe(
    'conversation_open',
  );
  expect(decide({ ...facts, ...offers({ outcome: 'open' }) }, none, now)).toBe('offer_open');
  expect(decide({ ...facts, ...offers(dismissed(1, { inSession: true })) }, none, now)).toBe(
    'dismissed_in_session',
  );
});

it('right before sending, everything is asked again that may have changed', () => {
  for (const [reason, applies, , manners = {}] of CASES) {
    const again = confirm({ ...FACTS, ...applies }, { ...MANNERS, ...manners }, now);
    expect(again).toBe(['opted_out', 'observe_only'].includes(reason) ? null : reason);
  }
  expect(confirm(FACTS, { ...MANNERS, holdout: 1 }, now)).toBeNull();
});

it('times of a clock that was far ahead do not silence offers for as long', () => {
  const ahead = offers({ sentAt: now + 400 * DAY, outcomeAt: now + 400 * DAY });
  expect(decide({ ...FACTS, ...ahead }, MANNERS, now)).toBeNull();
  const little = offers({ sentAt: now + MINUTE });
  expect(decide({ ...FACTS, ...little }, MANNERS, now)).toBe('after_shown');
});

describe('the holdout group', () => {
  const people = Array.from({ length: 20_000 }, (_, i) => `user ${i}`);
  const held = (share: number, salt = '', product = 'shop') =>
    people.filter((person) => inHoldout(person, product, salt, share));

  it('has the share of persons that was asked for, grows with it, and is fixed', () => {
    expect(held(0)).toEqual([]);
    expect(held(1)).toEqual(people);
    const tenth = held(0.1);
    expect(tenth.length / people.length).toBeGreaterThan(0.093);
    expect(tenth.length / people.length).toBeLessThan(0.107);
    expect(held(0.1)).toEqual(tenth);
    const fifth = new Set(held(0.2));
    expect(tenth.every((person) => fifth.has(person))).toBe(true);
  });

  it('is another one in another product or with another salt', () => {
    const tenth = new Set(held(0.1));
    for (const other of [held(0.1, 'salt'), held(0.1, '', 'blog')]) {
      const both = other.filter((person) => tenth.has(person)).length;
      expect(both / other.length).toBeLessThan(0.15);
    }
  });

  it('gets no offers', () => {
    for (const person of people.slice(0, 200)) {
      const reason = decide({ ...FACTS, personKey: person }, DEFAULT_MANNERS, now);
      expect(reason).toBe(inHoldout(person, 'shop', '', 0.1) ? 'holdout' : null);
    }
  });
});

it.each<[string | undefined, Partial<Manners>]>([
  [undefined, {}],
  [undefined, { quietFrom: '22:00', quietTo: '7:00', timeZone: 'Europe/Berlin' }],
  ['perWeek must be 0 or more.', { perWeek: -1 }],
  ['holdout must be 0 or more.', { holdout: NaN }],
  ['A share must be between 0 and 1.', { holdout: 1.1 }],
  ['"24:00" is no time such as 22:00.', { quietFrom: '24:00', quietTo: '7:00' }],
  ['Quiet hours need a beginning and an end.', { quietFrom: '22:00' }],
  ['"Mars/Olympus" is no time zone such as Europe/Berlin.', { timeZone: 'Mars/Olympus' }],
  ['"" is no time zone such as Europe/Berlin.', { timeZone: '' }],
  ['There may be at most 100 patterns.', { neverOn: Array<string>(101).fill('/a') }],
])('the fault of manners is %p', (fault, fields) => {
  expect(mannersFault({ ...DEFAULT_MANNERS, ...fields })).toBe(fault);
});
