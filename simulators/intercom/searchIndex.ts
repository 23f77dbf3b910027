import type { Clock } from '../../core/clock';

/** What searches look through: it may be behind what there is. */
export interface SearchIndex<Entry> {
  /** Takes note of a change; undefined for what was deleted. */
  changed(id: string, entry: Entry | undefined): void;
  /** The entries as a search sees them now, oldest change first. */
  entries(): Entry[];
  clear(): void;
}

/** @param delayMs how long a change takes to be seen, asked for with each change */
export function createSearchIndex<Entry>(clock: Clock, delayMs: () => number): SearchIndex<Entry> {
  /** What each id was from which time on; only the newest that is seen already is kept, and those after it. */
  const states = new Map<string, { from: number; entry: Entry | undefined }[]>();
  return {
    changed(id, entry) {
      const now = clock.now();
      const known = states.get(id) ?? [];
      const seen = known.findLastIndex(({ from }) => from <= now);
      states.delete(id);
      states.set(id, [...known.slice(Math.max(seen, 0)), { from: now + delayMs(), entry }]);
    },
    entries() {
      const now = clock.now();
      return [...states.values()].flatMap((known) => {
        const entry = known.findLast(({ from }) => from <= now)?.entry;
        return entry === undefined ? [] : [entry];
      });
    },
    clear: () => states.clear(),
  };
}
