import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OfferCounts, Reason } from '../../core/manners/types';
import { productOf } from '../../core/memory/chatKey';
import { createSqliteMemory } from '../../core/memory/sql/sqliteMemory';
import { nameOfMemory } from '../../nodes/shared/memory/open';
import { memoryParts } from '../../nodes/shared/memory/parts';
import type { OfferFigures } from '../../simulators';
import { DETECTOR } from './withOffers';
import type { WorkflowOutcome } from './workflows';

/** The memories of the published workflows that make offers. */
export function memoriesWithOffers(workflows: readonly WorkflowOutcome[]): string[] {
  const names = workflows
    .filter(({ state }) => state === 'published')
    .flatMap(({ workflow }) =>
      (workflow?.nodes ?? [])
        .filter(({ type, disabled }) => type === DETECTOR && !disabled)
        .map(({ parameters: { memoryScope, memoryName, memoryChosen } }) => {
          const given = memoryScope === 'chosen' ? memoryChosen : memoryName;
          return nameOfMemory(memoryScope, String(given ?? ''), workflow!.id);
        }),
    );
  return [...new Set(names)];
}

/** Reads what offers have come to from the session memory in an n8n's own folder, beside that n8n. */
export function createOfferReports(userFolder: string) {
  const file = join(userFolder, '.n8n', 'autoplay', 'memory.sqlite');
  const memory = createSqliteMemory(file, { ...memoryParts, onReplaced: () => undefined });
  return {
    /** @param names of memories */
    async report(names: readonly string[]): Promise<OfferFigures[]> {
      // To read it would make it.
      if (!existsSync(file)) return [];
      const counts = await Promise.all(names.map((one) => memory.reportOffers(one, { since: 0 })));
      return figuresOf(counts.flat());
    },
    close: () => memory.close(),
  };
}

/** Adds up what was counted by page and version of a rule. */
export function figuresOf(counts: readonly OfferCounts[]): OfferFigures[] {
  const groups = Map.groupBy(counts, ({ chat, rule }) => `${productOf(chat)} ${rule}`);
  return [...groups.values()].map(together).toSorted((a, b) => b.decided - a.decided);
}

function together(counts: readonly OfferCounts[]): OfferFigures {
  const sum = (of: (one: OfferCounts) => number) =>
    counts.reduce((total, one) => total + of(one), 0);
  const outcome = (name: keyof OfferFigures['outcomes']) => sum(({ outcomes }) => outcomes[name]);
  const [{ chat, rule }] = counts as [OfferCounts];
  const noes = [
    ...Object.entries(WORDS).map(([reason, words]) => ({
      reason: words,
      count: sum(({ held_back }) => held_back[reason as Reason] ?? 0),
    })),
    { reason: WORDS.observe_only, count: sum(({ observed }) => observed) },
    { reason: 'The chat product failed', count: sum(({ failed }) => failed) },
  ].filter(({ count }) => count > 0);
  const sent = sum((one) => one.sent);
  return {
    chat: productOf(chat) as OfferFigures['chat'],
    rule,
    decided: sent + noes.reduce((total, { count }) => total + count, 0),
    sent,
    seen: sum(({ seen }) => seen),
    outcomes: {
      accepted: outcome('accepted'),
      dismissed: outcome('dismissed'),
      replied: outcome('replied'),
      ignored: outcome('ignored'),
      left: outcome('left'),
      withdrawn: outcome('withdrawn'),
      unknown: outcome('unknown'),
      open: outcome('open'),
    },
    converted: counts.some(({ has_goal }) => has_goal)
      ? sum(({ converted }) => converted.treated)
      : null,
    holdout: sum(({ decisions }) => decisions.holdout),
    noes: noes.toSorted((a, b) => b.count - a.count),
  };
}

const WORDS: Record<Reason, string> = {
  observe_only: 'Observe Only is on',
  opted_out: 'The visitor wants no offers',
  stopped_for_ever: 'The visitor has said stop',
  holdout: 'The visitor is in the holdout group',
  page: 'No offer is made on this page',
  typing: 'The visitor was typing',
  too_early: 'The visit had just begun',
  moved_on: 'The visitor was on another page by then',
  stale: 'The moment was over',
  quiet_hours: 'Quiet hours',
  not_here: 'The conversation is held by email',
  offer_open: 'Another offer was open',
  conversation_open: 'A conversation was open',
  conversation_recent: 'A conversation was held lately',
  operator: 'An operator has the conversation',
  blocked: 'The visitor is blocked',
  nobody_there: 'Nobody is there to answer',
  per_session: 'Enough offers in this session',
  per_week: 'Enough offers this week',
  per_rule: 'Enough offers of this rule',
  dismissed_in_session: 'One was dismissed in this session',
  dismissed_rule: 'This rule’s offer was dismissed before',
  dismissed_twice: 'Two were dismissed in a row',
  after_shown: 'One was shown a short time ago',
  after_ignored: 'One was ignored a short time ago',
  after_accepted: 'One was accepted a short time ago',
  brake: 'Too many offers in one minute',
  rule_stopped: 'Too many dismiss this rule’s offers',
  unreachable: 'There is no way to the visitor',
};
