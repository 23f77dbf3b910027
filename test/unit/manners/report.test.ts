import { reportOf } from '../../../core/manners/report';
import type { OfferCounts } from '../../../core/manners/types';

const COUNTS: OfferCounts = {
  ...{ product_id: 'shop', rule: 'stuck', rule_version: '1', page: '/plans', chat: 'crisp' },
  decisions: { treated: 900, holdout: 100 },
  persons: { treated: 0, holdout: 0 },
  converted: { treated: 0, holdout: 0 },
  has_goal: false,
  ...{ sent: 110, observed: 0, failed: 1, seen: 80 },
  outcomes: {
    open: 7,
    accepted: 20,
    dismissed: 5,
    replied: 5,
    ignored: 50,
    left: 20,
    withdrawn: 3,
    unknown: 0,
  },
  held_back: { typing: 500, per_week: 289, holdout: 100 },
};

it('shares are of the offers whose outcome is known', () => {
  const report = reportOf(COUNTS);
  expect(report).toMatchObject({ ...COUNTS, settled: 100, suggestion: null });
  expect(report.acceptance.rate).toBeCloseTo(21 / 110, 4);
  expect(report.dismissal.rate).toBeCloseTo(6 / 110, 4);
  const { from, rate, to } = report.acceptance;
  expect([from < rate, rate < to, to - from < 0.13]).toEqual([true, true, true]);
});

it.each([
  [0, 29, false],
  [0, 60, true],
  [1, 100, true],
  [1, 60, false],
  [5, 100, false],
])('%i accepted of %i: to pause the rule is suggested: %p', (accepted, sent, isPaused) => {
  const outcomes = { ...COUNTS.outcomes, ...{ open: 0, withdrawn: 0, dismissed: 0, replied: 0 } };
  const counts = { ...outcomes, accepted, ignored: sent - accepted, left: 0 };
  const { suggestion } = reportOf({ ...COUNTS, sent, outcomes: counts });
  if (isPaused) expect(suggestion).toMatch(/^Pause this rule.*at most [234]\.\d % accept it\.$/);
  else expect(suggestion).toBeNull();
});

it('an effect is not shown without a goal, nor by groups that are too small', () => {
  expect(reportOf(COUNTS).effect).toEqual({
    ...{ status: 'no_goal', difference: null, from: null, to: null },
  });
  const persons = { treated: 900, holdout: 100 };
  const few = { ...COUNTS, has_goal: true, persons, converted: { treated: 90, holdout: 5 } };
  expect(reportOf(few).effect).toMatchObject({ status: 'not_enough_data', difference: null });
});

it('the effect is the difference between all persons who may get offers and the holdout group', () => {
  const persons = { treated: 18_000, holdout: 2_000 };
  const converted = { treated: 1_260, holdout: 100 };
  const { effect } = reportOf({ ...COUNTS, has_goal: true, persons, converted });
  expect(effect).toMatchObject({ status: 'measured', difference: 0.02 });
  expect(effect.from).toBeGreaterThan(0.008);
  expect(effect.to).toBeLessThan(0.03);
});

it('a report is plain JSON, also of nothing', () => {
  const nothing = Object.fromEntries(Object.keys(COUNTS.outcomes).map((name) => [name, 0]));
  const report = reportOf({
    ...COUNTS,
    decisions: { treated: 0, holdout: 0 },
    sent: 0,
    outcomes: nothing as OfferCounts['outcomes'],
  });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(report.acceptance.rate).toBe(0.1);
});
