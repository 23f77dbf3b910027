import { invalid, missing } from './errors';

/** @throws ApiError 400 for a field that is missing, empty or no text; a number is taken as text, as ids often are */
export function requiredText(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value === 'number') return String(value);
  if (value === undefined || value === null) throw missing(field);
  if (typeof value !== 'string') throw invalid(field, 'must be a string');
  if (value.trim() === '') throw missing(field);
  return value;
}
