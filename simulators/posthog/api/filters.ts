import type { ProcessedEvent } from '../types';
import { invalid } from './errors';
import { isRecord } from './template';

interface PropertyFilter {
  key: string;
  operator: 'exact' | 'is_not' | 'is_set';
  value: unknown;
}

interface EventFilter {
  /** Null for every event. */
  id: string | null;
  properties: PropertyFilter[];
}

export type Filters = Record<string, unknown>;

/**
 * The filters of a function as they are kept.
 * @throws ApiError 400 for what is no filter, or one that is not simulated
 */
export function keptFilters(given: unknown): Filters {
  if (given === undefined || given === null) return {};
  if (!isRecord(given)) throw invalid('filters', 'Invalid data. Expected a dictionary.');
  eventsOf(given);
  conditionsOf(given);
  return { ...given, bytecode: ['_H', 1, 29] };
}

/** Whether a function with these filters gets the event. */
export function lets(filters: Filters, event: ProcessedEvent): boolean {
  const events = eventsOf(filters);
  const meets = (conditions: PropertyFilter[]): boolean =>
    conditions.every((one) => holds(one, event.properties[one.key]));
  const chosen = events.filter(({ id }) => id === null || id === event.event);
  const isChosen = events.length === 0 || chosen.some(({ properties }) => meets(properties));
  return isChosen && meets(conditionsOf(filters));
}

function eventsOf({ events }: Filters): EventFilter[] {
  if (events === undefined || events === null) return [];
  if (!Array.isArray(events)) throw invalid('filters__events', 'Expected a list of items.');
  return events.map((entry: unknown) => {
    if (!isRecord(entry)) throw invalid('filters__events', 'Expected a dictionary.');
    const id: unknown = entry.id ?? null;
    if (id !== null && typeof id !== 'string') throw invalid('filters__events', 'Invalid id.');
    return { id, properties: conditionsOf(entry) };
  });
}

function conditionsOf({ properties }: Filters): PropertyFilter[] {
  if (properties === undefined || properties === null) return [];
  if (!Array.isArray(properties)) throw invalid('filters__properties', 'Expected a list of items.');
  for (const { operator = 'exact' } of properties as PropertyFilter[]) {
    if (!['exact', 'is_not', 'is_set'].includes(operator)) {
      throw invalid('filters__properties', `The operator ${operator} is not simulated`);
    }
  }
  return properties as PropertyFilter[];
}

function holds({ operator = 'exact', value }: PropertyFilter, actual: unknown): boolean {
  if (operator === 'is_set') return actual !== undefined && actual !== null;
  const isOneOf = [value].flat().includes(actual);
  return operator === 'exact' ? isOneOf : !isOneOf;
}
