import { invalid, missing } from './errors';
import type { Contact } from './records';

const FIELDS = ['id', 'external_id', 'email', 'name', 'role'] as const;
const NESTING_LIMIT = 2;
const GROUP_LIMIT = 15;

type Test = (contact: Contact) => boolean;

/**
 * Turns the `query` of `POST /contacts/search` into a test: one filter, or AND/OR groups of up to 15
 * filters nested at most twice.
 *
 * @throws ApiError 400 for anything the API would not understand
 */
export function contactTest(query: unknown, depth = 0): Test {
  if (!isRecord(query)) throw missing('query');
  const { field, operator, value } = query;
  if (operator === 'AND' || operator === 'OR') {
    if (!Array.isArray(value)) throw invalid('value', 'must be a list of filters');
    if (depth >= NESTING_LIMIT) throw invalid('query', 'is nested too deeply');
    if (value.length > GROUP_LIMIT) throw invalid('value', `has more than ${GROUP_LIMIT} filters`);
    const tests = value.map((filter) => contactTest(filter, depth + 1));
    return operator === 'AND'
      ? (contact) => tests.every((test) => test(contact))
      : (contact) => tests.some((test) => test(contact));
  }
  const known = FIELDS.find((name) => name === field);
  if (!known) throw invalid('field', `"${String(field)}" cannot be searched`);
  const compare = comparison(operator, value);
  return (contact) => compare(contact[known]);
}

function comparison(operator: unknown, wanted: unknown): (actual: string | null) => boolean {
  if (operator === 'IN' || operator === 'NIN') {
    if (!Array.isArray(wanted)) throw invalid('value', 'must be a list');
    return (actual) => wanted.includes(actual) === (operator === 'IN');
  }
  if (typeof wanted !== 'string' && wanted !== null) throw invalid('value', 'must be a string');
  const text = wanted ?? '';
  // The vendor compares text without regard to case, except for equality of ids.
  const loose = (actual: string | null): string => (actual ?? '').toLowerCase();
  switch (operator) {
    case '=':
      return (actual) => (actual ?? '') === text;
    case '!=':
      return (actual) => (actual ?? '') !== text;
    case '~':
      return (actual) => loose(actual).includes(text.toLowerCase());
    case '!~':
      return (actual) => !loose(actual).includes(text.toLowerCase());
    case '^':
      return (actual) => loose(actual).startsWith(text.toLowerCase());
    case '$':
      return (actual) => loose(actual).endsWith(text.toLowerCase());
    default:
      throw invalid('operator', `"${String(operator)}" is not supported`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
