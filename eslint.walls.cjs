// The walls between the folders: what a file may not import. The compiler would not mind.

/** What all folders of core may use, beside what the table says. */
const BELOW = ['backoff', 'clock', 'identity', 'payload', 'text', 'values'];

/**
 * For each folder or file of core: the others in core that it may use, and its packages. Everything is
 * tested without n8n, so none of them is n8n's.
 */
const CORE = {
  backoff: { uses: [] },
  clock: { uses: [] },
  values: { uses: [] },
  identity: { uses: ['values'] },
  payload: { uses: ['identity', 'text', 'values'] },
  // Of payload, only the types of what the texts describe.
  text: { uses: ['payload', 'values'], packages: ['entities'] },
  http: { uses: BELOW },
  push: { uses: [...BELOW, 'http'] },
  stream: { uses: [...BELOW, 'http'], packages: ['eventsource'] },
  dispatcher: { uses: BELOW },
  memory: { uses: BELOW, packages: ['kysely', 'pg'] },
  summary: { uses: [...BELOW, 'http', 'memory'], packages: ['openai'] },
  // It knows chat products only by their list.
  delivery: { uses: [...BELOW, 'http', 'memory', 'products'] },
  products: { uses: ['crisp/product', 'intercom/product'] },
  crisp: { uses: [...BELOW, 'http', 'memory', 'delivery', 'products'] },
  intercom: { uses: [...BELOW, 'http', 'memory', 'delivery', 'products'] },
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
    { regex: `^(?:\\.\\./){${depth + 1}}`, message: 'core knows nothing of what is around it.' },
    {
      regex: `^(?!\\.|node:)(?!${group([...packages, '$^'])})`,
      message: `core/${name} has no such package. See eslint.walls.cjs.`,
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
    { regex: `^(?:\\.\\./)+(?:${UNPUBLISHED})/`, message: 'It is not published.' },
    {
      regex: '^(?:\\.\\./)+(?:Autoplay|Crisp|Intercom)\\w+/',
      message: 'Nodes share what they have in common in nodes/shared.',
    },
    { group: ['n8n-core', 'n8n-core/*'], message: 'n8n-workflow is all that n8n offers to nodes.' },
  ),
  wall(['simulators/**/*.ts'], {
    regex: '^(?:\\.\\./)+(?:bench|nodes|test|tools)/',
    message: 'Simulators play what is outside: they know nothing of the nodes.',
  }),
];

module.exports = { CORE, walls };
