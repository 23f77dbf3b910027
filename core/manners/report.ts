import { canShowEffect, differenceOf, shareOf, type Estimate, type Proportion } from './statistics';
import type { OfferCounts, Outcome } from './types';

/**
 * - `measured`: how much more often persons who may get offers reach the goal than those of the holdout group.
 * - `not_enough_data`: groups of this size could not show it.
 */
export type Effect =
  | { status: 'no_goal' | 'not_enough_data'; difference: null; from: null; to: null }
  | { status: 'measured'; difference: number; from: number; to: number };

/** What offers of one rule and page have come to. Shares have 90 % intervals. */
export interface OfferReport extends OfferCounts {
  /** The offers whose outcome is known, of which the shares are. */
  settled: number;
  acceptance: Estimate;
  dismissal: Estimate;
  effect: Effect;
  /** What to change, in one sentence; null for nothing. */
  suggestion: string | null;
}

/** A rule that at most so few accept annoys the others. */
const FEWEST_ACCEPTED = 0.05;
/** Fewer say nothing. */
const FEWEST_SENT = 30;

const SETTLED: readonly Outcome[] = ['accepted', 'dismissed', 'replied', 'ignored', 'left'];

/**
 * What counts say: how many accept and dismiss the offer, what it achieves, and what to change. The effect is by intention to
 * treat: all persons count whom an offer was decided for, whether it was sent or held back, because those to whom one
 * is sent differ from the others anyway.
 */
export function reportOf(counts: OfferCounts): OfferReport {
  const { outcomes, sent } = counts;
  const settled = SETTLED.reduce((sum, outcome) => sum + outcomes[outcome], 0);
  const acceptance = shareOf(outcomes.accepted, settled);
  return {
    ...counts,
    settled,
    acceptance: rounded(acceptance),
    dismissal: rounded(shareOf(outcomes.dismissed, settled)),
    effect: effectOf(counts),
    suggestion: sent >= FEWEST_SENT ? suggestionFor(acceptance) : null,
  };
}

function suggestionFor({ to }: Estimate): string | null {
  if (to >= FEWEST_ACCEPTED) return null;
  return `Pause this rule on this page, or change the offer: at most ${(to * 100).toFixed(1)} % accept it.`;
}

function effectOf({ has_goal, persons, converted }: OfferCounts): Effect {
  const nothing = { difference: null, from: null, to: null };
  if (!has_goal) return { status: 'no_goal', ...nothing };
  if (!canShowEffect(persons.treated, persons.holdout)) {
    return { status: 'not_enough_data', ...nothing };
  }
  const group = (arm: 'treated' | 'holdout'): Proportion => ({
    count: converted[arm],
    of: persons[arm],
  });
  const { rate, from, to } = rounded(differenceOf(group('treated'), group('holdout')));
  return { status: 'measured', difference: rate, from, to };
}

/** With four decimals: hundredths of a percent. */
function rounded({ rate, from, to }: Estimate): Estimate {
  const round = (value: number) => Math.round(value * 10_000) / 10_000;
  return { rate: round(rate), from: round(from), to: round(to) };
}
