import type { Figure } from '../types';
import { formatAmount } from './figures';
import type { Outcome } from './types';

type Place = readonly [scenario: string, figure: string];

/** What something cannot exceed, or fall below, whatever the code is like. */
interface Limit {
  what: string;
  ours: Place;
  /** Measured in the same run, or known. */
  limit: Place | Pick<Figure, 'value' | 'unit'>;
  /** What sets the limit. */
  by: string;
}

const parser = (group: string): Limit => ({
  what: `Trigger alone, ${group}`,
  ours: ['triggerAlone', `${group}: trigger`],
  limit: ['triggerAlone', `${group}: bare parser`],
  by: 'finding frames and parsing their JSON',
});

const database = (engine: string): Limit[] => [
  {
    what: `${engine}: remembered actions, each of another session`,
    ours: ['memoryGrowth', `${engine}, remembered actions in calls of 1,000`],
    limit: ['memoryGrowth', `Bare ${engine}, rows in transactions of 1,000`],
    by: 'one row in one table without an index; an action has several rows and indexes',
  },
  {
    what: `${engine}: notes claimed and committed`,
    ours: ['memoryGrowth', `${engine}, claims with commits`],
    limit: ['memoryGrowth', `Bare ${engine}, transactions of one row`],
    by: 'a transaction of one row; a note takes two that read and write several',
  },
];

const LIMITS: readonly Limit[] = [
  parser('1 action a frame'),
  parser('10 actions a frame'),
  ...database('SQLite'),
  ...database('PostgreSQL'),
  {
    what: 'Calls while more is to be told than Intercom takes',
    ours: ['linkedCrowd', 'Calls a second, of what Intercom allows'],
    limit: { value: 1, unit: '×' },
    by: 'Intercom: 10,000 calls a minute',
  },
  {
    what: 'From event to note on a quiet afternoon, half of them',
    ours: ['flow', 'calm, event to note, p50: this package'],
    limit: { value: 250, unit: 'ms' },
    by: 'a quiet period of 150 ms, and Intercom’s 100 ms',
  },
  {
    what: 'Answer in Crisp without the model, half of them',
    ours: ['cost', 'Answer in Crisp, one visitor at a time, without the model, p50'],
    limit: ['cost', 'Answer in Crisp, one visitor at a time, of it waiting for Crisp, p50'],
    by: 'calls to Crisp of 100 ms each, one after the other',
  },
  {
    what: 'Answer to an AI agent, CPU',
    ours: ['context', 'n8n, lazy sandboxes, 1 asker: CPU per answer'],
    limit: ['context', 'n8n, lazy sandboxes, 1 asker: CPU per request, plain Webhook node'],
    by: 'n8n’s Webhook node, which starts an execution as well',
  },
  {
    what: 'Event loop at the sustained maximum',
    ours: ['maximum', "At that rate, CPU of n8n's event loop"],
    limit: { value: 1, unit: 'cores' },
    by: 'one thread',
  },
];

/** The figures that a limit stands beside, as rows of a Markdown table; those that were not measured are left out. */
export function limitRows(outcomes: readonly Outcome[]): string[] {
  const find = ([scenario, name]: Place) =>
    outcomes
      .find((outcome) => outcome.name === scenario)
      ?.result?.figures.find((figure) => figure.name === name);
  return LIMITS.flatMap(({ what, ours, limit, by }) => {
    const [own, most] = [find(ours), 'value' in limit ? limit : find(limit)];
    if (!own || !most) return [];
    const ratio = formatAmount(own.value / most.value, '×');
    return `| ${what} | ${formatAmount(own.value, own.unit)} | ${formatAmount(most.value, most.unit)}: ${by} | ${ratio} |`;
  });
}
