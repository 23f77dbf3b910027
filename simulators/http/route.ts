/** What a server answers at one kind of address. */
export interface Addressed {
  method: string;
  path: RegExp;
}

/**
 * The first route for a request, with what the groups of its path caught, decoded. Undefined when no
 * route fits.
 */
export function findRoute<Route extends Addressed>(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; caught: string[] } | undefined {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match) return { route, caught: match.slice(1).map(decodeURIComponent) };
  }
  return undefined;
}
