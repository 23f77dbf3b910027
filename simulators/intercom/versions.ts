/** What a request without the header is answered in: the app's own version, the official client's by default. */
export const USUAL_VERSION = '2.14';

/** Versions of the API that there are. `Unstable` is ahead of all. */
export const VERSIONS: ReadonlySet<string> = new Set(
  [
    ...Array.from({ length: 5 }, (_, minor) => `1.${minor}`),
    ...Array.from({ length: 17 }, (_, minor) => `2.${minor}`),
  ].concat('Unstable'),
);

/** Whether a version is this one or a later one. An unknown version is none. */
export function isSince(version: string, since: string): boolean {
  const all = [...VERSIONS];
  return all.indexOf(version) >= all.indexOf(since);
}
