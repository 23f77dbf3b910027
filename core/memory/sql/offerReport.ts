import type { OfferCounts, Outcome } from '../../manners/types';
import type { OfferReportQuery } from '../offers';
import { settleAll } from './offerUpkeep';
import type { Database, SqlContext } from './tables';

/** The groups that are returned, those with the most decisions first. */
const MOST_GROUPS = 1_000;

const GROUP = ['product_id', 'rule', 'rule_version', 'page', 'chat'] as const;
const NONE: Record<Outcome, number> = {
  ...{ open: 0, accepted: 0, dismissed: 0, replied: 0, ignored: 0, left: 0, withdrawn: 0 },
  unknown: 0,
};

/** See {@link OfferMemory.reportOffers}. */
export async function reportOffers(
  { db, clock }: SqlContext,
  memory: string,
  query: OfferReportQuery,
): Promise<OfferCounts[]> {
  await settleAll(db, clock);
  const groups = new Map<string, OfferCounts>();
  const groupOf = (row: Pick<OfferCounts, (typeof GROUP)[number]>): OfferCounts => {
    const names = GROUP.map((name) => row[name]);
    const key = JSON.stringify(names);
    const known = groups.get(key);
    if (known) return known;
    const { product_id, rule, rule_version, page, chat } = row;
    const fresh: OfferCounts = {
      ...{ product_id, rule, rule_version, page, chat },
      decisions: { treated: 0, holdout: 0 },
      persons: { treated: 0, holdout: 0 },
      converted: { treated: 0, holdout: 0 },
      has_goal: false,
      ...{ sent: 0, observed: 0, failed: 0, seen: 0 },
      outcomes: { ...NONE },
      held_back: {},
    };
    groups.set(key, fresh);
    return fresh;
  };

  for (const row of await decisions(db, memory, query)) {
    const counts = groupOf(row);
    const { state, reason, outcome, arm, count } = row;
    if (arm !== null) counts.decisions[arm] += count;
    if (row.has_goal === 1) counts.has_goal = true;
    counts.seen += row.seen;
    if (state === 'sent') {
      counts.sent += count;
      counts.outcomes[outcome ?? 'open'] += count;
    } else if (state === 'held_back' && reason !== null) {
      counts.held_back[reason] = (counts.held_back[reason] ?? 0) + count;
    } else if (state === 'observed' || state === 'failed') counts[state] += count;
  }
  for (const row of await persons(db, memory, query)) {
    const counts = groupOf(row);
    if (row.arm === null) continue;
    counts.persons[row.arm] = row.persons;
    counts.converted[row.arm] = row.converted;
  }
  const total = ({ decisions, observed }: OfferCounts) =>
    decisions.treated + decisions.holdout + observed;
  return [...groups.values()].toSorted((a, b) => total(b) - total(a)).slice(0, MOST_GROUPS);
}

function decided(db: Database, memory: string, { product_id, since }: OfferReportQuery) {
  const query = db
    .selectFrom('autoplay_offer')
    .where('memory', '=', memory)
    .where('decided_at', '>=', since);
  return product_id ? query.where('product_id', '=', product_id) : query;
}

async function decisions(db: Database, memory: string, query: OfferReportQuery) {
  const rows = await decided(db, memory, query)
    .select([...GROUP, 'state', 'reason', 'outcome', 'arm', 'has_goal'])
    .select(({ fn }) => [
      fn.countAll<number | string>().as('count'),
      fn.count<number | string>('seen_at').as('seen'),
    ])
    .groupBy([...GROUP, 'state', 'reason', 'outcome', 'arm', 'has_goal'])
    .execute();
  return rows.map((row) => ({ ...row, count: Number(row.count), seen: Number(row.seen) }));
}

/** Persons of decisions with a goal: one who was decided upon often counts once, because they differ from others each time. */
async function persons(db: Database, memory: string, query: OfferReportQuery) {
  const rows = await decided(db, memory, query)
    .where('has_goal', '=', 1)
    .select([...GROUP, 'arm'])
    .select(({ fn, eb }) => [
      fn.count<number | string>('person').distinct().as('persons'),
      fn
        .count<number | string>(
          eb.case().when('converted_at', 'is not', null).then(eb.ref('person')).end(),
        )
        .distinct()
        .as('converted'),
    ])
    .groupBy([...GROUP, 'arm'])
    .execute();
  return rows.map((row) => ({
    ...row,
    persons: Number(row.persons),
    converted: Number(row.converted),
  }));
}
