/** Waits between connections, in milliseconds. */
export const DELAYS_MS = {
  first: 1_000,
  longest: 30_000,
  /** After refusals that only a person can end: the first soon, for a mistake mended at once. */
  firstRefused: 10_000,
  refused: 60_000,
  /** However long the server asks for. */
  longestAsked: 300_000,
} as const;

/** Why the last connection ended, as far as the next one's delay depends on it. */
export interface LastEnd {
  /** Connections in a row that brought nothing, this one included; 0 when it brought something. */
  fruitless: number;
  /** Refused in a way that will not pass by itself. */
  refused: boolean;
  /** The wait the server asked for, in milliseconds. */
  retryAfterMs?: number;
}

/**
 * How long to wait before the next connection, in milliseconds: 1 s doubling to 30 s (10 s doubling
 * to a minute while the server refuses), plus 0–10 % so that many clients do not come back at the same
 * moment. `random` gives 0 ≤ x < 1.
 */
export function nextDelay(end: LastEnd, random: () => number): number {
  const { fruitless, refused, retryAfterMs = 0 } = end;
  const factor = 2 ** Math.max(0, Math.min(fruitless, 16) - 1);
  const own = refused
    ? Math.min(DELAYS_MS.firstRefused * factor, DELAYS_MS.refused)
    : Math.min(DELAYS_MS.first * factor, DELAYS_MS.longest);
  const asked = Math.min(retryAfterMs, DELAYS_MS.longestAsked);
  return Math.max(own, asked) * (1 + random() * 0.1);
}
