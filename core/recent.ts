/** The value of a key, made when it is asked for the first time. */
export interface Recent<V> {
  (key: string): V;
  /** The value of a key if it is kept; makes none. */
  kept(key: string): V | undefined;
  /** The values that are kept. */
  values(): V[];
}

/** Values by key, of which those that were not asked for lately are forgotten: between `most` and twice as many are kept. */
export function createRecent<V>(most: number, make: (key: string) => V): Recent<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  const valueOf = (key: string) => {
    const known = young.get(key);
    if (known !== undefined) return known;
    const value = old.get(key) ?? make(key);
    // Both are replaced at once: a map from whose front entries are deleted one by one gets slow.
    if (young.size >= most) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
    return value;
  };
  return Object.assign(valueOf, {
    kept: (key: string) => young.get(key) ?? old.get(key),
    values: () => [...new Map([...old, ...young]).values()],
  });
}

/**
 * The same for pairs of keys, such as a product and a session. Joining two strings and hashing the new one would cost more
 * than to look them up one after the other.
 */
export function createRecentPairs<V>(
  most: number,
  make: () => V,
): (first: string, second: string) => V {
  let young = new Map<string, Map<string, V>>();
  let old = new Map<string, Map<string, V>>();
  let count = 0;
  return (first, second) => {
    let values = young.get(first);
    const known = values?.get(second);
    if (known !== undefined) return known;
    const value = old.get(first)?.get(second) ?? make();
    if (count >= most) {
      old = young;
      young = new Map();
      values = undefined;
      count = 0;
    }
    if (!values) young.set(first, (values = new Map<string, V>()));
    values.set(second, value);
    count += 1;
    return value;
  };
}

/** Adds a key and says whether it was known, for as many keys as {@link createRecent} keeps values. */
export function createRecentSet(most: number): (key: string) => boolean {
  let young = new Set<string>();
  let old = new Set<string>();
  return (key) => {
    if (young.has(key)) return true;
    if (young.size >= most) {
      old = young;
      young = new Set();
    }
    young.add(key);
    return old.has(key);
  };
}
