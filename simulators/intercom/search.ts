import { invalid, missing } from './errors';

/** A field that can be searched. A date is in epoch seconds; a list matches when one of its values does. */
export interface Field<Entry> {
  type: 'string' | 'boolean' | 'integer' | 'date';
  of(entry: Entry): unknown;
}

export type Fields<Entry> = Readonly<Record<string, Field<Entry>>>;

type Matches<Entry> = (entry: Entry) => boolean;

/** As documented: groups within groups, but no deeper, and of this size. */
const DEEPEST = 2;
const LARGEST = 15;
const OPERATORS: Record<Field<unknown>['type'], readonly string[]> = {
  string: ['=', '!=', 'IN', 'NIN', '~', '!~', '^', '$'],
  boolean: ['=', '!=', 'IN', 'NIN'],
  integer: ['=', '!=', 'IN', 'NIN', '<', '>', '<=', '>='],
  date: ['=', '<', '>'],
};

/**
 * The `query` of a search as a function.
 *
 * @throws ApiError 400 for an unknown field, an operator that its type does not have, or a value of another type
 */
export function readQuery<Entry>(query: unknown, fields: Fields<Entry>, depth = 0): Matches<Entry> {
  const { field, operator, value } = objectOf(query);
  if (operator === 'AND' || operator === 'OR') {
    if (!Array.isArray(value) || value.length === 0) throw invalid('value', 'must be a list');
    if (depth >= DEEPEST || value.length > LARGEST) throw invalid('query', 'is too large');
    const all = value.map((one) => readQuery(one, fields, depth + 1));
    return operator === 'AND'
      ? (entry) => all.every((matches) => matches(entry))
      : (entry) => all.some((matches) => matches(entry));
  }
  const known = typeof field === 'string' && Object.hasOwn(fields, field) && fields[field];
  if (!known) throw invalid('field', 'cannot be searched');
  if (typeof operator !== 'string' || !OPERATORS[known.type].includes(operator)) {
    throw invalid('operator', `does not fit ${String(field)}`);
  }
  const wanted = wantedOf(known, operator, value);
  return (entry) => {
    const found = [known.of(entry)].flat().map((one) => (known.type === 'date' ? dayOf(one) : one));
    return operator.startsWith('!') || operator === 'NIN'
      ? !found.some((one) => compares(POSITIVE[operator]!, one, wanted))
      : found.some((one) => compares(operator, one, wanted));
  };
}

const POSITIVE: Record<string, string> = { '!=': '=', '!~': '~', NIN: 'IN' };

/** @throws ApiError 400 for a value that does not fit the field */
function wantedOf({ type }: Field<never>, operator: string, value: unknown): unknown[] {
  const isList = operator === 'IN' || operator === 'NIN';
  if (isList !== Array.isArray(value)) throw invalid('value', 'must be a list for IN and NIN only');
  return [value].flat().map((one: unknown) => {
    if (one === null) return one;
    // Numbers may come as text, as in the documented example of a date.
    const given = type === 'integer' || type === 'date' ? numberOf(one) : one;
    const fits = type === 'string' || type === 'boolean' ? typeof given === type : true;
    if (!fits || given === undefined) throw invalid('value', `must be a ${type}`);
    return type === 'date' ? dayOf(given) : given;
  });
}

function compares(operator: string, found: unknown, wanted: readonly unknown[]): boolean {
  const [first] = wanted;
  const [text, part] = [found, first].map((one) => String(one ?? '').toLowerCase()) as [
    string,
    string,
  ];
  const [number, limit] = [Number(found ?? Number.NaN), Number(first ?? Number.NaN)];
  switch (operator) {
    case '=':
    case 'IN':
      return wanted.some((one) => (one ?? null) === (found ?? null));
    case '~':
      return text.includes(part);
    case '^':
      return text.startsWith(part);
    case '$':
      return text.endsWith(part);
    case '<':
      return number < limit;
    case '>':
      return number > limit;
    case '<=':
      return number <= limit;
    default:
      return number >= limit;
  }
}

/** Dates are compared by the day, that of the workspace: UTC here. */
function dayOf(seconds: unknown): number | null {
  return typeof seconds === 'number' ? Math.floor(seconds / 86_400) : null;
}

function numberOf(value: unknown): number | undefined {
  const isNumber =
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value));
  return isNumber ? Number(value) : undefined;
}

function objectOf(query: unknown): Record<string, unknown> {
  if (query === undefined || query === null) throw missing('query');
  if (typeof query !== 'object' || Array.isArray(query))
    throw invalid('query', 'must be an object');
  return query as Record<string, unknown>;
}
