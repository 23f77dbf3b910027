/** A profile of V8: a tree of calls, and the running node at each sample. */
export interface CpuProfile {
  nodes: ProfileNode[];
  samples?: number[];
  /** Microseconds before each sample. */
  timeDeltas?: number[];
}

export interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

/** Microseconds of the event loop's thread by category, the largest first. */
type Shares = ReadonlyArray<readonly [category: string, us: number]>;

export const IDLE = 'idle';

/** Sums up a profile: each function's own time, by the part of the program it belongs to. */
export function sharesOf({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Shares {
  const categories = categoriesOf(nodes);
  const sums = new Map<string, number>();
  samples.forEach((id, i) => {
    const category = categories.get(id) ?? OTHER;
    sums.set(category, (sums.get(category) ?? 0) + Math.max(0, timeDeltas[i] ?? 0));
  });
  return [...sums].sort(([, a], [, b]) => b - a);
}

/** A built-in function or small library without a category counts as its caller's. */
function categoriesOf(nodes: readonly ProfileNode[]): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const categories = new Map<number, string>();
  const [root] = nodes;
  const todo: Array<[node: ProfileNode, callers: string]> = root ? [[root, OTHER]] : [];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [{ id, callFrame, children = [] }, callers] = next;
    const category = categoryOf(callFrame) ?? callers;
    categories.set(id, category);
    for (const child of children) {
      const node = byId.get(child);
      if (node) todo.push([node, category]);
    }
  }
  return categories;
}

const OTHER = 'Node and libraries';
const ENGINE = 'n8n, engine';
const HTTP = 'HTTP';
const JSON_WORK = 'JSON, copies of data';

/**
 * V8's entries without an address. Most functions in C++, such as `JSON.parse`, have no entry and count as
 * their caller's.
 */
const NATIVE: Record<string, string> = {
  '(garbage collector)': 'garbage collection',
  '(idle)': IDLE,
  '(program)': 'system and native code',
};

/** Callers of `JSON.parse` and similar functions, and code that copies data. */
const JSON_FUNCTIONS =
  /^(?:jsonParse|jsonStringify|stringifySafely|transformRe(?:quest|sponse)|deepCopy|structuredClone)$/;

/** The first match counts. */
const PLACES: ReadonlyArray<readonly [place: RegExp, category: string]> = [
  [/n8n-nodes-autoplay\/dist\/core\/memory\/.*nodeSqlite/, 'SQLite'],
  [
    /n8n-nodes-autoplay\/(?:dist\/)?node_modules\/kysely\/|node_modules\/kysely\//,
    'queries (Kysely)',
  ],
  [/node_modules\/(?:pg|pg-[\w-]+)\//, 'PostgreSQL driver'],
  [/node_modules\/(?:bull|ioredis|redis-[\w-]+)\//, 'queue (Bull, Redis)'],
  [/node_modules\/openai\//, 'model client'],
  [/node_modules\/flatted\//, JSON_WORK],
  [
    /node_modules\/(?:axios|follow-redirects|form-data|undici|agentkeepalive|eventsource(?:-parser)?|@?[\w-]*proxy-agent|agent-base)\//,
    HTTP,
  ],
  [
    /node_modules\/(?:@n8n\/typeorm|sqlite3|typeorm)\/|n8n\/dist\/(?:databases|.*repositories)|@n8n\/db\//,
    'n8n, its database',
  ],
  [/node_modules\/(?:n8n-core|n8n-workflow|n8n|n8n-nodes-base|@n8n\/[^/]+)\//, ENGINE],
  [
    /^node:(?:_?http|_?tls|net|https|dns|internal\/(?:dns|net|http|tls))|^node:internal\/(?:stream_base_commons|streams|webstreams|deps\/undici)|^node:(?:stream|zlib)/,
    HTTP,
  ],
];

const OURS = /n8n-nodes-autoplay\/dist\/(core\/[^/]+|nodes|credentials)\//;

function categoryOf({ functionName, url }: ProfileNode['callFrame']): string | undefined {
  if (url === '') return NATIVE[functionName];
  if (JSON_FUNCTIONS.test(functionName)) return JSON_WORK;
  const place = PLACES.find(([pattern]) => pattern.test(url));
  if (place) return place[1];
  const ours = OURS.exec(url)?.[1];
  return ours && `ours, ${ours}`;
}
