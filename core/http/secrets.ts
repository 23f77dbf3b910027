/** Takes secrets out of a text that somebody else wrote. */
export type Hide = (text: string) => string;

/** Shorter ones could be parts of ordinary words. */
const SHORTEST = 4;

/**
 * Hides secrets where services repeat them: some quote the key that they do not accept, and what they
 * say ends up in executions and logs. Also hides what the secrets are in an address.
 */
export function hideSecrets(secrets: readonly string[]): Hide {
  const forms = [
    ...new Set(secrets.flatMap((one) => [one, encodeURIComponent(one.toWellFormed())])),
  ]
    .filter(({ length }) => length >= SHORTEST)
    // A secret may be the beginning of another.
    .sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, '[hidden]'), text);
}

/** A copy of a JSON value, with `hide` applied to every text in it. */
export function hideIn(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') return hide(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => hideIn(one, hide));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hideIn(one, hide)]));
}

/** Whether a token can stand in a header, as all tokens can that were copied whole. */
export function isSendable(token: string): boolean {
  return /^[\x21-\x7e]*$/.test(token);
}

/** What an address may hold of secrets: a password, and the values of its query. */
export function secretsIn(address: string): string[] {
  const url = URL.parse(address);
  if (!url) return [];
  const { password, searchParams } = url;
  return [password, decoded(password), ...searchParams.values()];
}

/** A `fetch` whose errors and answers repeat no secrets: some servers refuse with a status of success. Reads answers whole. */
export function fetchWithout(fetch: typeof globalThis.fetch, hide: Hide): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init).catch((error: unknown) => {
      if (error instanceof TypeError) error.message = hide(error.message);
      throw error;
    });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(hide(await response.text()), { status, statusText, headers });
  };
}

/** Without percent codes; as it is where those are none. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
