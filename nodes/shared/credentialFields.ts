/** A reader of a credential's fields: each without white space around it, '' for one that is not set. */
export function credentialFields<Name extends string>(...names: readonly Name[]) {
  return (credential: object): Record<Name, string> => {
    const given = credential as Partial<Record<Name, unknown>>;
    const texts = names.map((name) => [name, String(given[name] ?? '').trim()]);
    return Object.fromEntries(texts) as Record<Name, string>;
  };
}
