import { parseArgs } from 'node:util';
import type { Scenario } from '../types';

export interface Options {
  quick: boolean;
  list: boolean;
  /** How often each scenario runs. */
  repeat: number;
  /** The file of an earlier report to compare with. */
  compare?: string | undefined;
  /** The scenarios to run, in the order of the report. */
  scenarios: readonly Scenario[];
}

/**
 * Reads the command line: `--quick`, `--only name,name`, `--list`, `--repeat times`, `--compare file`. A comparison takes
 * three runs unless told otherwise, because one does not show how much a figure scatters.
 *
 * @throws Error for the user when an option or scenario is unknown, or an option has a wrong value
 */
export function readOptions(args: readonly string[], all: readonly Scenario[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      only: { type: 'string' },
      repeat: { type: 'string' },
      compare: { type: 'string' },
    },
  });
  const { quick, list, only, compare } = values;
  const repeat = Number(values.repeat ?? (compare === undefined ? 1 : 3));
  if (!Number.isInteger(repeat) || repeat < 1 || (compare !== undefined && repeat < 2)) {
    throw new Error(`--repeat takes a number from ${compare === undefined ? 1 : 2}`);
  }
  const options = { quick, list, repeat, compare };
  if (only === undefined) {
    return { ...options, scenarios: all.filter((scenario) => !quick || scenario.quick) };
  }
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !all.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(', ');
    throw new Error(`There is no scenario "${unknown}". There are: ${known}`);
  }
  return { ...options, scenarios: all.filter(({ name }) => names.includes(name)) };
}
