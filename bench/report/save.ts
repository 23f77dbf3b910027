import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { chartsOf } from './charts';
import { figuresPage } from './page';
import type { Outcome, Report } from './types';

/**
 * Writes the report to a file named after its time, and to `latest.json`, which keeps the earlier outcomes
 * of scenarios that this run left out, and writes the page of figures when a scenario ran in full. Returns the
 * files.
 *
 * @param order the scenarios' names in the report's order
 * @param page the file of the page
 */
export function saveReport(
  folder: string,
  report: Report,
  at: Date,
  order: readonly string[],
  page: string,
): string[] {
  mkdirSync(folder, { recursive: true });
  const latest = join(folder, 'latest.json');
  const before = existsSync(latest) ? readFileSync(latest, 'utf8') : undefined;
  const newest = withEarlier(report, before, order);
  const files: Array<[string, string]> = [
    [join(folder, `${at.toISOString().replaceAll(':', '-').slice(0, 19)}Z.json`), json(report)],
    [latest, json(newest)],
    ...(report.outcomes.some(isFull) ? [[page, figuresPage(newest)] as [string, string]] : []),
  ];
  return files.map(([file, content]) => {
    writeFileSync(file, content);
    return file;
  });
}

const isFull = ({ quick, result }: Outcome) => !quick && result !== undefined;

/** Lists of numbers on one line, because curves have hundreds of points. */
function json(report: Report): string {
  const text = JSON.stringify(report, null, 2);
  const lists = /\[[-+\d.eE,\s]+\]/g;
  return `${text.replace(lists, (list) => list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`;
}

/** The README's picture: one comparison of one scenario. */
const SMALL = { scenario: 'maximum', group: 'Sustained events: ', file: 'bench-small.svg' };

/**
 * Draws one chart for each scenario that ran in full, and the README's; a quick run measures too few points. Returns the
 * files.
 */
export function saveCharts(folder: string, { machine, outcomes }: Report): string[] {
  const pictures = outcomes.filter(isFull).flatMap(({ name, title, result }) => {
    const chart = [`bench-${name}.svg`, chartsOf(title, result!)] as const;
    if (name !== SMALL.scenario) return [chart];
    const figures = result!.figures.filter((figure) => figure.name.startsWith(SMALL.group));
    const small = chartsOf(`Events a second that become notes, on ${machine.cores} cores`, {
      figures,
    });
    return [chart, [SMALL.file, small] as const];
  });
  mkdirSync(folder, { recursive: true });
  return pictures.flatMap(([name, picture]) => {
    if (!picture) return [];
    const file = join(folder, name);
    writeFileSync(file, picture);
    return file;
  });
}

/**
 * Outcomes of another machine are dropped, because they cannot be compared with the new ones. A quick run
 * does not replace a full one.
 */
function withEarlier(report: Report, before: string | undefined, order: readonly string[]): Report {
  const earlier = before === undefined ? undefined : (JSON.parse(before) as Report);
  const same = earlier && isDeepStrictEqual(earlier.machine, report.machine);
  const byName = new Map((same ? earlier.outcomes : []).map((outcome) => [outcome.name, outcome]));
  for (const outcome of report.outcomes) {
    if (outcome.quick && byName.get(outcome.name)?.quick === false) continue;
    byName.set(outcome.name, outcome);
  }
  const outcomes = order.flatMap((name) => byName.get(name) ?? []);
  return { ...report, outcomes };
}
