import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { planPages } from '../../../tools/docs/blocks';
import { latestDescriptions } from '../../../tools/loadPackage';
import { FLOWS, posthogFlow } from '../../../tools/docs/posthogWorkflows';
import { fillPage } from '../../../tools/docs/pages';

const root = join(__dirname, '../../..');

it('the pages of nodes and credentials say what these are: `npm run docs`', () => {
  const plans = planPages(latestDescriptions());
  expect(plans.length).toBeGreaterThanOrEqual(10);
  for (const plan of plans) {
    const path = join(root, plan.file);
    const page = existsSync(path) ? readFileSync(path, 'utf8') : '';
    expect(fillPage(page, plan)).toBe(page);
  }
});

it.each(FLOWS)('$file is $from with the trigger of PostHog: `npm run docs`', ({ from, file }) => {
  const shipped: unknown = JSON.parse(readFileSync(join(root, file), 'utf8'));
  expect(shipped).toEqual(posthogFlow(root, from));
});

const option = (name: string, description?: string) => ({
  name,
  value: name.toLowerCase(),
  action: name,
  ...(description && { description }),
});
const node = (properties: INodeProperties[], fields: Partial<INodeTypeDescription> = {}) =>
  ({
    displayName: 'A Node',
    name: 'aNode',
    description: 'Does something',
    version: 1,
    properties,
    ...fields,
  }) as INodeTypeDescription;
const operation: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  options: [option('Send', 'Send it'), option('Keep')],
  default: 'send',
};
const pageOf = (description: INodeTypeDescription, page = '') => {
  const plans = planPages({ nodes: [description], credentials: [] });
  return fillPage(
    page,
    plans.find(({ file }) => file === 'docs/nodes/a-node.md')!,
  );
};
/** A parameter's entry: what follows its name, and its choices. */
const entry = (page: string, name: string) =>
  new RegExp(`^- \\*\\*${name}\\*\\*(.*(?:\n {2}- .*)*)`, 'm').exec(page)?.[1];

it('an operation has the parameters that the editor shows for it, and its own options', () => {
  const page = pageOf(
    node([
      operation,
      { displayName: 'Always', name: 'always', type: 'boolean', default: false },
      {
        displayName: 'Where',
        name: 'where',
        type: 'string',
        required: true,
        displayOptions: { show: { operation: ['send'] } },
        default: '={{ $json.where }}',
        description: 'Look <a href="https://example.com">there</a>',
      },
      {
        displayName: 'Options',
        name: 'options',
        type: 'collection',
        placeholder: 'Add option',
        displayOptions: { hide: { operation: ['send'] } },
        default: {},
        options: [
          {
            displayName: 'Seconds',
            name: 'seconds',
            type: 'number',
            typeOptions: { minValue: 1, maxValue: 100_000 },
            default: 3_000,
            description: 'How long. A | b.',
          },
        ],
      },
    ]),
  );
  const [, shared, send, keep] = page.split('\n## ');
  expect(send).toMatch(/^Send\n[^]*Send it\./);
  expect(entry(send!, 'Where')).toBe(
    " (the item's `where`): Look [there](https://example.com). Required.",
  );
  expect(entry(send!, 'Seconds')).toBeUndefined();
  expect(entry(send!, 'Always')).toBeUndefined();
  expect(keep).toMatch(/^Keep\n[^]*\nOptions:\n/);
  expect(entry(keep!, 'Seconds')).toBe(' (3000): How long. A \\| b. From 1 to 100,000.');
  expect(entry(keep!, 'Where')).toBeUndefined();
  for (const one of [send, keep]) {
    expect(one).toContain('_Always_: see [above](#for-several-operations).');
  }
  expect(shared).toMatch(/^For several operations\n/);
  expect(entry(shared!, 'Always')).toBe(' (off)');
});

it('says what a parameter depends on, and what can be chosen, in the words of the editor', () => {
  const page = pageOf(
    node([
      {
        displayName: 'Which',
        name: 'which',
        type: 'options',
        options: [option('One'), option('All', 'Also others')],
        default: 'all',
        description: 'Who is meant',
      },
      {
        displayName: 'Name',
        name: 'name',
        type: 'string',
        displayOptions: { show: { which: ['one'] } },
        default: '',
      },
    ]),
  );
  expect(entry(page, 'Which')).toBe(' (All): Who is meant.\n  - _One_\n  - _All_: Also others.');
  expect(entry(page, 'Name')).toBe(': Only if _Which_ is One.');
});

describe('a page that is there already', () => {
  const own = '# A Node\n\nWritten by hand.\n';
  const before = pageOf(node([operation]), own).replace('## Keep', 'Also by hand.\n\n## Keep');

  it('keeps what is written by hand, and gets what is new', () => {
    const more = {
      ...operation,
      options: [option('Send', 'Send it off'), option('Keep'), option('Drop')],
    };
    const after = pageOf(node([more]), before);
    expect(after).toContain(own);
    expect(after).toContain('Send it off.');
    expect(after).toContain('Also by hand.\n\n## Keep');
    expect(after).toMatch(/\n## Drop\n\n<!--generated:operation-drop-->/);
    expect(pageOf(node([more]), after)).toBe(after);
  });

  it('must not go on about what is gone', () => {
    const less = { ...operation, options: [option('Send')] };
    expect(() => pageOf(node([less]), before)).toThrow('"operation-keep"');
  });
});
