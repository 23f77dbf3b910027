import { IDLE, sharesOf, type ProfileNode } from '../../../bench/measure/profile';

const OURS = 'file:///home/n8n/.n8n/nodes/node_modules/n8n-nodes-autoplay/dist';

/** A chain of calls, each [function, url]; node ids from 1. */
function chain(...frames: Array<[string, string]>): ProfileNode[] {
  return frames.map(([functionName, url], i) => ({
    id: i + 1,
    callFrame: { functionName, url },
    ...(i < frames.length - 1 && { children: [i + 2] }),
  }));
}

/** What the last function of a chain counts as. */
function categoryOf(...frames: Array<[string, string]>): string {
  const nodes = chain(['(root)', ''], ...frames);
  return sharesOf({ nodes, samples: [nodes.length], timeDeltas: [1] })[0]![0];
}

it('a profile adds up the time of each category, the largest first', () => {
  const nodes = chain(
    ['(root)', ''],
    ['parse', 'file:///x/node_modules/flatted/cjs/index.js'],
    ['(idle)', ''],
  );
  const profile = { nodes, samples: [2, 3, 2, 3], timeDeltas: [10, 50, 5, 70] };
  expect(sharesOf(profile)).toEqual([
    [IDLE, 120],
    ['JSON, copies of data', 15],
  ]);
});

it('a profile counts negative times as 0', () => {
  const nodes = chain(['(idle)', '']);
  expect(sharesOf({ nodes, samples: [1, 1], timeDeltas: [-5, 3] })).toEqual([[IDLE, 3]]);
});

it('an empty profile has no categories', () => {
  expect(sharesOf({ nodes: [] })).toEqual([]);
});

it.each([
  ['ours, core/delivery', `${OURS}/core/delivery/deliver.js`],
  ['ours, nodes', `${OURS}/nodes/shared/items.js`],
  ['SQLite', `${OURS}/core/memory/sql/nodeSqlite.js`],
  ['ours, core/memory', `${OURS}/core/memory/sql/notes.js`],
  ['queries (Kysely)', 'file:///x/nodes/node_modules/kysely/dist/cjs/kysely.js'],
  ['PostgreSQL driver', 'file:///x/nodes/node_modules/pg/lib/client.js'],
  ['PostgreSQL driver', 'file:///x/node_modules/pg-protocol/dist/parser.js'],
  ['queue (Bull, Redis)', 'file:///x/node_modules/bull/lib/queue.js'],
  ['queue (Bull, Redis)', 'file:///x/node_modules/ioredis/built/Redis.js'],
  ['n8n, engine', 'file:///x/node_modules/n8n-core/dist/execution-engine/workflow-execute.js'],
  ['n8n, its database', 'file:///x/node_modules/@n8n/typeorm/query-builder/SelectQueryBuilder.js'],
  ['JSON, copies of data', 'file:///x/node_modules/flatted/cjs/index.js'],
  ['HTTP', 'file:///x/node_modules/axios/dist/node/axios.cjs'],
  ['HTTP', 'node:_http_client'],
  ['HTTP', 'node:internal/streams/readable'],
  ['model client', 'file:///x/nodes/node_modules/openai/client.js'],
  ['Node and libraries', 'node:internal/timers'],
])('a profile counts as “%s”', (category, url) => {
  expect(categoryOf(['anything', url])).toBe(category);
});

it('a profile recognises JSON by the function', () => {
  const axios = 'file:///x/node_modules/axios/dist/node/axios.cjs';
  expect(categoryOf(['transformResponse', axios])).toBe('JSON, copies of data');
});

it('a profile counts a function without a category as its caller’s', () => {
  const sqlite: [string, string] = ['all', `${OURS}/core/memory/sql/nodeSqlite.js`];
  expect(categoryOf(sqlite, ['run', ''])).toBe('SQLite');
  expect(categoryOf(['x', `${OURS}/core/text/note.js`], ['replace', ''])).toBe('ours, core/text');
});
