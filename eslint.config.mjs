import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import tseslint from 'typescript-eslint';
import { walls } from './eslint.walls.cjs';

const IN_BOTH = ['console', 'fetch', 'setInterval', 'setTimeout'];
const IN_NODE = [...IN_BOTH, '__dirname', 'process'];
const IN_BROWSERS = [
  ...IN_BOTH,
  'CSS',
  'DOMParser',
  'document',
  'EventSource',
  'FormData',
  'getComputedStyle',
  'history',
  'localStorage',
  'location',
  'Node',
  'NodeFilter',
  'OffscreenCanvas',
  'Option',
  'window',
];
const named = (globals) => Object.fromEntries(globals.map((name) => [name, 'readonly']));

const published = ['credentials/**/*.ts', 'nodes/**/*.ts', 'core/**/*.ts'];

export default tseslint.config(
  {
    ignores: ['dist/', 'node_modules/', '.demo/', '.dev/'],
  },
  // What no compiler looks at.
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    rules: {
      eqeqeq: 'error',
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'prefer-const': 'error',
    },
  },
  {
    files: ['simulators/inbox/{public,website}/*.js'],
    languageOptions: { sourceType: 'module', globals: named(IN_BROWSERS) },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    ignores: ['simulators/inbox/public/', 'simulators/inbox/website/'],
    languageOptions: { globals: named(IN_NODE) },
  },
  {
    files: ['**/*.cjs', 'gulpfile.js', 'jest.config.js', 'test/support/*.js'],
    languageOptions: { sourceType: 'commonjs' },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.all.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // Interfaces ask for promises where an implementation may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // Parameters and credentials are JSON: what is not a string is a number or a boolean.
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: published,
    rules: {
      // Answers of services under test are looked into, not relied upon.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
    extends: [n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport],
    rules: {
      // eventsource, kysely, openai and pg are what the package is built on; it does not aim at n8n
      // Cloud's list of verified packages, which alone forbids them.
      '@n8n/community-nodes/no-runtime-dependencies': 'off',
      // The model is reached with n8n's own OpenAI credential, which people have already.
      '@n8n/community-nodes/no-credential-reuse': 'off',
      '@n8n/community-nodes/valid-credential-references': 'off',
    },
  },
  ...walls,
);
