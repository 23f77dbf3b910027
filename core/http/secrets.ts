/** Removes secrets from a text that a service wrote. */
export type Hide = (text: string) => string;

/** Shorter secrets could be parts of ordinary words. */
const SHORTEST = 4;

/**
 * Makes a function that hides these secrets, also in their URL-encoded form. Some services quote the key that
 * they refuse, and their texts end up in executions and logs.
 */
export function hideSecrets(secrets: readonly string[]): Hide {
  const forms = [
    ...new Set(secrets.flatMap((one) => [one, encodeURIComponent(one.toWellFormed())])),
  ]
    .filter(({ length }) => length >= SHORTEST)
    // The longest first, because a secret may be the beginning of another.
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

/** Whether a header can hold a token. It can, if the token was copied correctly. */
export function isSendable(token: string): boolean {
  return /^[\x21-\x7e]*$/.test(token);
}

/** The secrets that an address may contain: a password, and the values of its query. */
export function secretsIn(address: string): string[] {
  const url = URL.parse(address);
  if (!url) return [];
  const { password, searchParams } = url;
  return [password, decoded(password), ...searchParams.values()];
}

/**
 * A `fetch` whose errors and answers contain no secrets. It covers all answers, because some servers refuse with a
 * 2xx status, and reads them whole.
 */
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

/** A text with its percent codes decoded; unchanged if they are invalid. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
