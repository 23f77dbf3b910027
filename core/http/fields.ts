// Reads what came from outside and may have any shape.

/** An object, or an empty one instead of anything else. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** An array, or an empty one instead of anything else. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** A string, also of a number; '' for anything else. */
export function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The same without white space around it, null when nothing is left. */
export function textOrNull(value: unknown): string | null {
  return text(value).trim() || null;
}

/** A finite number, null for anything else. */
export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
