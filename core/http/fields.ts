// Reads what came from outside and may have any shape.

/** An object (or array) as it is, an empty one instead of anything else. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Whether it is an object; arrays are not. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An array, or an empty one instead of anything else. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/**
 * A string, also of a number; '' for anything else. Halves of characters are replaced because UTF-8
 * cannot hold them. Null bytes are removed because PostgreSQL cannot; that comes second, because two
 * halves with a null byte between them would otherwise become a character that no one wrote.
 */
export function text(value: unknown): string {
  if (typeof value === 'string') {
    const whole = value.toWellFormed();
    return whole.includes('\0') ? whole.replaceAll('\0', '') : whole;
  }
  // Larger ones that differ on the wire may be the same here: as ids, two visitors would be one.
  const isExact = typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return isExact ? String(value) : '';
}

/** A {@link text} without white space around it; null when nothing is left. */
export function textOrNull(value: unknown): string | null {
  return text(value).trim() || null;
}

/** Longer than any id or email address. */
const MAX_ID = 512;

/** An id, as {@link textOrNull}; null also for one that is too long: if they were cut, two could become one. */
export function idOrNull(value: unknown): string | null {
  const id = textOrNull(value);
  return id !== null && id.length <= MAX_ID ? id : null;
}

/** A finite number, null for anything else. */
export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A copy without what lies deeper than `depth` objects and arrays, which nobody could write down again. */
export function shallow(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.map((one) => shallow(one, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, shallow(one, depth - 1)]),
  );
}
