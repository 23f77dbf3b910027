/** What a field may hold: a type, one of several values, an object of a shape, or a list of things of one kind. */
export type Kind =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'object'
  | 'array'
  | readonly (string | number | null)[]
  | { readonly shape: Shape }
  | { readonly each: Kind };

/** The fields of an object. A name that ends with `?` is optional; other fields are not allowed. */
export type Shape = Readonly<Record<string, Kind>>;

/** A request as a vendor documents it. */
export interface DocumentedRequest {
  method: string;
  path: RegExp;
  /** Default: none. */
  query?: Shape;
  /** The body fits one of these shapes. Default: no body. */
  bodies?: readonly Shape[];
  /** Whether there may be no body instead. */
  bare?: true;
}

/** A received request. */
export interface SentRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Undefined when there was none. */
  body: unknown;
}

/** How a request differs from the vendor's documents; empty if it does not. */
export function differences(documented: readonly DocumentedRequest[], sent: SentRequest): string[] {
  const request = documented.find(
    ({ method, path }) => method === sent.method && path.test(sent.path),
  );
  if (!request) return ['nothing is documented at this address'];
  const { query = {}, bodies, bare } = request;
  const given = Object.fromEntries(
    [...sent.query].map(([name, text]) => [name, meant(text, query[name] ?? query[`${name}?`])]),
  );
  return [
    ...misfits(query, given).map((misfit) => `query: ${misfit}`),
    ...(bare && sent.body === undefined ? [] : bodyMisfits(bodies, sent.body)).map(
      (misfit) => `body: ${misfit}`,
    ),
  ];
}

/** How a value differs from a shape. */
export function misfits(shape: Shape, value: unknown): string[] {
  if (!holds('object', value)) return ['is no object'];
  const given = value as Record<string, unknown>;
  const known = Object.entries(shape).map(([key, kind]) => {
    return { name: key.replace(/\?$/, ''), kind, needed: !key.endsWith('?') };
  });
  return [
    ...known.flatMap(({ name, kind, needed }) => {
      if (given[name] === undefined) return needed ? [`${name} is missing`] : [];
      return holds(kind, given[name]) ? [] : [`${name} is no ${expected(kind)}`];
    }),
    ...Object.keys(given)
      .filter((name) => given[name] !== undefined && !known.some((one) => one.name === name))
      .map((name) => `${name} is not documented`),
  ];
}

function bodyMisfits(bodies: readonly Shape[] | undefined, body: unknown): string[] {
  if (!bodies) return body === undefined ? [] : ['there should be none'];
  // Compared with the shape that fits best.
  const all = bodies.map((shape) => misfits(shape, body));
  return all.reduce((fewest, one) => (one.length < fewest.length ? one : fewest));
}

function holds(kind: Kind, value: unknown): boolean {
  if (Array.isArray(kind)) return kind.includes(value);
  if (typeof kind === 'object') {
    if ('shape' in kind) return misfits(kind.shape, value).length === 0;
    if ('each' in kind) return Array.isArray(value) && value.every((one) => holds(kind.each, one));
  }
  if (kind === 'integer') return Number.isSafeInteger(value);
  if (kind === 'array') return Array.isArray(value);
  if (kind === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === kind;
}

function expected(kind: Kind): string {
  if (typeof kind === 'string') return kind;
  if ('each' in kind) return `list of which each is ${expected(kind.each)}`;
  if ('shape' in kind) return `object of ${Object.keys(kind.shape).join(', ')}`;
  return `one of ${kind.join(', ')}`;
}

/** A query parameter as the kind that it represents: a query is all text. */
function meant(text: string, kind: Kind | undefined): unknown {
  if (kind === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return kind === 'integer' && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
