// Jest takes every word behind --selectProjects for a project. A path there would be ignored, and all tests would run.
const words = process.argv.slice(process.argv.indexOf('--selectProjects') + 1 || Infinity);
const end = words.findIndex((word) => word.startsWith('-'));
const path = words.slice(0, end < 0 ? undefined : end).find((word) => word.includes('/'));
if (path) throw new Error(`Write the path before --selectProjects: ${path}`);

// Some dependencies are ESM only. Jest can require them as Node does, but needs Node's
// --experimental-vm-modules for it: run the tests by the npm scripts.
const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.(t|j|mj)s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022', keepClassNames: true },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/', '/dist/'],
  // dist holds a second package.json-less copy of everything once built.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  setupFilesAfterEnv: ['<rootDir>/test/support/patience.ts'],
};

module.exports = {
  reporters: ['default', '<rootDir>/test/support/countReporter.js'],
  // Twice the processors that most machines have at least: end-to-end tests wait for n8n more than they work.
  maxWorkers: 4,
  testSequencer: '<rootDir>/test/support/longestFirst.js',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/unit/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.postgres\\.test\\.ts$'],
    },
    // What the memory promises, and what is built on it, once more on its other engine.
    {
      ...shared,
      displayName: 'postgres',
      testMatch: ['<rootDir>/test/unit/{memory,delivery,offers}/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.sqlite\\.test\\.ts$'],
      globals: { memoryEngine: 'postgres' },
      globalSetup: '<rootDir>/test/support/startPostgres.ts',
      globalTeardown: '<rootDir>/test/support/stopPostgres.ts',
    },
    { ...shared, displayName: 'node', testMatch: ['<rootDir>/test/node/**/*.test.ts'] },
    // The inbox in Chromium, with the simulators alone.
    { ...shared, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/oldest\\.test\\.ts$'],
      globalSetup: '<rootDir>/test/support/startN8nPool.ts',
      globalTeardown: '<rootDir>/test/support/stopN8nPool.ts',
    },
    // The oldest n8n that the package works with: `npm run test:oldest`.
    {
      ...shared,
      displayName: 'oldest',
      testMatch: ['<rootDir>/test/e2e/oldest.test.ts'],
      globalSetup: '<rootDir>/test/support/installOldestN8n.ts',
    },
  ],
};
