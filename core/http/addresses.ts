const PRIVATE = /^(?:127|10|0|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./;

/** Whether no service on the internet can reach this URL. */
export function isPrivate(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return PRIVATE.test(host);
  if (/^\[(?:::1?\]|f[cd]|fe80:)/.test(host)) return true;
  return !/[.:]/.test(host) || /\.(?:local|internal|localhost|lan|home)$/.test(host);
}

/** Whether two URLs lead to the same place, whatever their queries. False for what is no URL. */
export function isSamePlace(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)];
  return a !== null && b !== null && a.origin === b.origin && a.pathname === b.pathname;
}
