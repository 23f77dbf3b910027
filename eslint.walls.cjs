// Which imports each folder may not have. The compiler allows all of them, so the linter checks.

/** What most folders of core may use. */
const BELOW = ['backoff', 'clock', 'identity', 'payload', 'recent', 'text', 'values'];

/**
 * What each folder or file of core may use: others in core, and packages. None of these is n8n's, because core is
 * tested without n8n.
 */
const CORE = {
  backoff: { uses: [] },
  clock: { uses: [] },
  failures: { uses: ['clock'] },
  recent: { uses: [] },
  values: { uses: [] },
  identity: { uses: ['values'] },
  payload: { uses: ['identity', 'recent', 'text', 'values'] },
  // Of payload, it needs the types of what it describes.
  text: { uses: ['payload', 'values', 'posthog/replay'], packages: ['entities'] },
  http: { uses: BELOW },
  // It tells who has signed in as the memory does.
  posthog: { uses: [...BELOW, 'http', 'stream', 'memory/visitor'] },
  push: { uses: [...BELOW, 'http'] },
  stream: { uses: [...BELOW, 'http'], packages: ['eventsource'] },
  // It follows who acts in a session as the memory does.
  backfill: { uses: [...BELOW, 'http', 'stream', 'memory/visitor'] },
  dispatcher: { uses: BELOW },
  // It follows who acts in a session as the memory does.
  filter: { uses: [...BELOW, 'memory/visitor'] },
  moments: { uses: BELOW },
  manners: { uses: BELOW },
  // It decides about offers in the transaction that writes the decision down.
  memory: { uses: [...BELOW, 'moments', 'manners'], packages: ['kysely', 'pg'] },
  summary: { uses: [...BELOW, 'http', 'memory'], packages: ['openai'] },
  // It knows chat products only through their list.
  delivery: { uses: [...BELOW, 'http', 'memory', 'products'] },
  // It knows chat products only through their channels.
  offers: { uses: [...BELOW, 'http', 'memory', 'manners', 'delivery', 'products'] },
  products: { uses: ['crisp/product', 'intercom/product'] },
  agents: { uses: [...BELOW, 'http', 'memory', 'posthog/replay'], packages: ['jose'] },
  crisp: { uses: [...BELOW, 'http', 'memory', 'manners', 'delivery', 'offers', 'products'] },
  intercom: { uses: [...BELOW, 'http', 'memory', 'manners', 'delivery', 'offers', 'products'] },
};

/** Everything that is not published. */
const UNPUBLISHED = 'bench|simulators|test|tools';

const group = (names) => `(?:${names.join('|')})(?:/|$)`;

const wall = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

/** The wall around one folder of core, for its files that lie `depth` folders below core. */
function aroundCore(name, files, depth) {
  const { uses, packages = [] } = CORE[name];
  const up = depth === 0 ? '\\./' : `(?:\\.\\./){${depth}}`;
  return wall(
    files,
    {
      regex: `^${up}(?!${group(['\\.\\.', ...uses])})`,
      message: `core/${name} may use: ${uses.join(', ') || 'nothing else'}. See eslint.walls.cjs.`,
    },
    { regex: `^(?:\\.\\./){${depth + 1}}`, message: 'core may not use anything outside of core.' },
    {
      // `$^` matches nothing, for folders without packages.
      regex: `^(?!\\.|node:)(?!${group([...packages, '$^'])})`,
      message: `core/${name} may not use this package. See eslint.walls.cjs.`,
    },
  );
}

const walls = [
  ...Object.keys(CORE).flatMap((name) => [
    aroundCore(name, [`core/${name}.ts`], 0),
    aroundCore(name, [`core/${name}/*.ts`], 1),
    aroundCore(name, [`core/${name}/*/*.ts`], 2),
  ]),
  wall(
    ['nodes/**/*.ts', 'credentials/**/*.ts'],
    {
      regex: `^(?:\\.\\./)+(?:${UNPUBLISHED})/`,
      message: 'What is published may not depend on it.',
    },
    {
      regex: '^(?:\\.\\./)+(?:Autoplay|Crisp|Intercom|Posthog)\\w+/',
      message: 'Nodes share what they have in common in nodes/shared.',
    },
    { group: ['n8n-core', 'n8n-core/*'], message: 'n8n-workflow is all that n8n offers to nodes.' },
  ),
  wall(['simulators/**/*.ts'], {
    regex: '^(?:\\.\\./)+(?:bench|nodes|test|tools|core/(?!clock$))',
    message:
      'Simulators stand for other companies’ services. Of ours, they may use the clock only.',
  }),
];

module.exports = { CORE, walls };
