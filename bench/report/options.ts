import { parseArgs } from 'node:util';
import type { Scenario } from '../types';

export interface Options {
  quick: boolean;
  list: boolean;
  /** The scenarios to run, in the order of the report. */
  scenarios: readonly Scenario[];
}

/**
 * Reads the command line: `--quick`, `--only name,name`, `--list`.
 *
 * @throws Error for the user when an option or scenario is unknown
 */
export function readOptions(args: readonly string[], all: readonly Scenario[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const { quick, list, only } = values;
  if (only === undefined) {
    return { quick, list, scenarios: all.filter((scenario) => !quick || scenario.quick) };
  }
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !all.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(', ');
    throw new Error(`There is no scenario "${unknown}". There are: ${known}`);
  }
  return { quick, list, scenarios: all.filter(({ name }) => names.includes(name)) };
}
