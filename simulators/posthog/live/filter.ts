import type { CapturedEvent } from '../types';

/** What a subscriber wants of the stream. */
export interface Wanted {
  passes(event: CapturedEvent): boolean;
  /** Which properties of an event the frame has. */
  keep(properties: Record<string, unknown>): Record<string, unknown>;
}

/** One condition on a property, as newer servers know them. */
interface Condition {
  key: string;
  operator: string;
  value?: unknown;
}

const KNOWN = ['eventType', 'distinctId', 'columns', 'properties', 'property', 'geo'];

/**
 * What a query asks for. Unknown names and conditions that cannot be read are ignored without a word, as the vendor's
 * server does.
 *
 * @param old reads the query as an older server: no `columns`, no `properties`
 */
export function readQuery(query: URLSearchParams, old: boolean): Wanted {
  const events = query.get('eventType')?.split(',') ?? [];
  const id = query.get('distinctId');
  const columns = old ? undefined : query.get('columns')?.split(',');
  const conditions = old ? pairs(query) : readConditions(query.get('properties'));
  return {
    passes: ({ event, distinct_id, properties }) =>
      (events.length === 0 || events.includes(event)) &&
      (!id || distinct_id === id) &&
      conditions.every((condition) => holds(condition, properties)),
    keep: (properties) =>
      columns
        ? Object.fromEntries(
            Object.entries(properties).filter(
              ([name]) => columns.includes(name) || name.startsWith('$virt_'),
            ),
          )
        : properties,
  };
}

/** Whether a query has a condition on a property. */
export function filtersBy(query: URLSearchParams, property: string): boolean {
  return readConditions(query.get('properties')).some(({ key }) => key === property);
}

/** What is odd about a query: the server takes it, but not as it may have been meant. */
export function oddities(query: URLSearchParams): string[] {
  const lists = ['eventType', 'columns'].filter((name) => /\s/.test(query.get(name) ?? ''));
  const properties = query.get('properties');
  return [
    ...[...query.keys()]
      .filter((name) => !KNOWN.includes(name))
      .map((name) => `${name} is unknown`),
    ...lists.map((name) => `${name} has a space, which is part of a name`),
    ...(query.has('geo') ? ['geo asks for frames without events'] : []),
    ...(properties !== null && !parsed(properties) ? ['properties cannot be read'] : []),
  ];
}

const pairs = (query: URLSearchParams): Condition[] =>
  query.getAll('property').map((pair) => {
    const [key = '', ...rest] = pair.split('=');
    return { key, operator: 'exact', value: rest.join('=') };
  });

const readConditions = (json: string | null): Condition[] => parsed(json ?? '[]') ?? [];

function parsed(json: string): Condition[] | undefined {
  try {
    const list = JSON.parse(json) as unknown;
    return Array.isArray(list) ? (list as Condition[]) : undefined;
  } catch {
    return undefined;
  }
}

const TESTS: Record<string, (given: string, value: string) => boolean> = {
  exact: (given, value) => given === value,
  icontains: (given, value) => given.toLowerCase().includes(value.toLowerCase()),
  regex: (given, value) => new RegExp(value).test(given),
  gt: (given, value) => Number(given) > Number(value),
  gte: (given, value) => Number(given) >= Number(value),
  lt: (given, value) => Number(given) < Number(value),
  lte: (given, value) => Number(given) <= Number(value),
};

function holds({ key, operator, value }: Condition, properties: Record<string, unknown>): boolean {
  const given = properties[key];
  if (operator === 'is_set') return given !== undefined;
  if (operator === 'is_not_set') return given === undefined;
  const negative = operator === 'is_not' || operator.startsWith('not_');
  const name = operator === 'is_not' ? 'exact' : operator.replace(/^not_/, '');
  const test = TESTS[name];
  if (!test) return true;
  const values = Array.isArray(value) ? value : [value];
  const some = given !== undefined && values.some((one) => test(String(given), String(one)));
  return some !== negative;
}
