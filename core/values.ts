// Makes values from outside harmless: they may have any shape.

/** An object or array as it is; an empty object for anything else. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Whether a value is an object. Arrays and null are not. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An array as it is; an empty one for anything else. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/**
 * A string as it is, a number as a string, and '' for anything else. Replaces lone surrogates, because UTF-8
 * cannot encode them, and then removes null bytes, because PostgreSQL cannot store them. In the other order,
 * two surrogates around a null byte would become a character that was never written.
 */
export function text(value: unknown): string {
  if (typeof value === 'string') {
    const whole = value.toWellFormed();
    return whole.includes('\0') ? whole.replaceAll('\0', '') : whole;
  }
  // Larger numbers that differ on the wire can be equal here: two visitors would get one id.
  const isExact = typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return isExact ? String(value) : '';
}

/** The trimmed {@link text} of a value; null when nothing is left. */
export function textOrNull(value: unknown): string | null {
  return text(value).trim() || null;
}

/** No real id or email address is longer. */
export const MAX_ID = 512;

/** An id, read as by {@link textOrNull}. Null if it is too long, because two ids could be equal once cut. */
export function idOrNull(value: unknown): string | null {
  const id = textOrNull(value);
  return id !== null && id.length <= MAX_ID ? id : null;
}

/** A finite number as it is; null for anything else. */
export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A copy of a JSON value, with null for what is nested deeper than `depth`: `JSON.stringify` fails on deep nesting. */
export function shallow(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.map((one) => shallow(one, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, shallow(one, depth - 1)]),
  );
}

/**
 * What a `catch` received, as an error. Errors stay as they are, those of another realm included.
 * Of any other object only the message is kept: the object may hold a token.
 */
export function asError(thrown: unknown): Error {
  if (typeof thrown !== 'object' || thrown === null) return new Error(String(thrown));
  const { name, message } = thrown as Partial<Error>;
  if (typeof name === 'string' && typeof message === 'string') return thrown as Error;
  return new Error(text(message) || 'Something that is not an error was thrown.');
}

/** The parts of a text that separates them with commas, without white space around them and without empty ones. */
export function commaSeparated(given: string): string[] {
  return given
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}
