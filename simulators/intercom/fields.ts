import { invalid, missing } from './errors';

/** @throws ApiError 400 when the field is missing or empty; numbers are taken as text, as ids often are */
export function requiredText(body: Record<string, unknown>, field: string): string {
  const text = optionalText(body, field);
  if (text === undefined || text.trim() === '') throw missing(field);
  return text;
}

/** @throws ApiError 400 for anything but text or a number */
export function optionalText(body: Record<string, unknown>, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw invalid(field, 'must be a string');
  return value;
}

/** @throws ApiError 400 when the field is missing or no object */
export function record(value: unknown, field: string): Record<string, unknown> {
  if (value === undefined || value === null) throw missing(field);
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(field, 'must be an object');
  return value as Record<string, unknown>;
}
