/**
 * Adds to a list that keeps about its newest `limit` entries. The surplus goes in one cut once it
 * reaches a quarter of the limit, because taking one off the front for each one added is slow.
 */
export function pushBounded<T>(list: T[], entry: T, limit: number): void {
  list.push(entry);
  if (list.length > limit * 1.25) list.splice(0, list.length - limit);
}
