import fc from 'fast-check';
import { readChain, readElementList, type Element } from '../../../core/posthog/elements';

/** An element without what it does not have. */
function plain({ tag, classes, attributes }: Element) {
  return { tag, classes, ...Object.fromEntries(attributes) };
}

const read = (chain: string) => readChain(chain).map(plain);

// PostHog's own cases for its parser, with the values unescaped.
it.each<[string, string, object[]]>([
  ['nothing', '', []],
  ['many dots', 'a........small', [{ tag: 'a', classes: ['small'] }]],
  ['a quote in front', '"a........small', [{ tag: 'a', classes: ['small'] }]],
  [
    'three elements',
    'a.small:data-attr="something \\" that; could mess up"href="/a-url"nth-child="1"text="bla bla";button.btn.btn-primary:nth-child="0";div:attr_id="nested"',
    [
      {
        ...{ tag: 'a', classes: ['small'], 'data-attr': 'something " that; could mess up' },
        ...{ href: '/a-url', 'nth-child': '1', text: 'bla bla' },
      },
      { tag: 'button', classes: ['btn', 'btn-primary'], 'nth-child': '0' },
      { tag: 'div', classes: [], attr_id: 'nested' },
    ],
  ],
  [
    'a class with a colon',
    'a.small.xy:z:attr_class="xyz small\\""href="/a-url"nth-child="0"nth-of-type="0"',
    [
      {
        ...{ tag: 'a', classes: ['small', 'xy:z'], attr_class: 'xyz small"' },
        ...{ href: '/a-url', 'nth-child': '0', 'nth-of-type': '0' },
      },
    ],
  ],
  [
    'no tag',
    '.another.something:attr__class="something another"nth-child="0"nth-of-type="0"',
    [
      {
        ...{ tag: '', classes: ['another', 'something'], attr__class: 'something another' },
        ...{ 'nth-child': '0', 'nth-of-type': '0' },
      },
    ],
  ],
  [
    'an empty value',
    'div:empty=""nth-child="0"',
    [{ tag: 'div', classes: [], empty: '', 'nth-child': '0' }],
  ],
  [
    'an icon',
    'svg.LemonIcon.text-3xl:attr__class="LemonIcon text-3xl"attr__width="100%";div:attr_id="x"',
    [
      {
        ...{ tag: 'svg', classes: ['LemonIcon', 'text-3xl'] },
        ...{ attr__class: 'LemonIcon text-3xl', attr__width: '100%' },
      },
      { tag: 'div', classes: [], attr_id: 'x' },
    ],
  ],
  ['a value without an end', 'a:text="\\"', [{ tag: 'a', classes: [] }]],
  [
    'a value that ends with a backslash, which hides its end',
    'a:text="back\\";div:nth-child="0"',
    [{ tag: 'a', classes: [], text: 'back";div:nth-child=' }],
  ],
  [
    'an equals sign in a value',
    'a:href="/x?b=c"a="1"',
    [{ tag: 'a', classes: [], href: '/x?b=c', a: '1' }],
  ],
  ['an equals sign in a key', 'a:a=b="v"', [{ tag: 'a', classes: [], 'a=b': 'v' }]],
  ['a value without quotes', 'a:a=1b=2', [{ tag: 'a', classes: [] }]],
  ['a line break in a value', 'a:text="x\ny"', [{ tag: 'a', classes: [], text: 'x\ny' }]],
])('reads %s', (_, chain, elements) => {
  expect(read(chain)).toEqual(elements);
});

it('reads what the SDK writes', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
  // PostHog does not escape backslashes, so one before a quote or the end is read as another text.
  const value = fc.string({ maxLength: 30 }).filter((text) => !text.includes('\\'));
  const element = fc.record({
    tag: name,
    classes: fc.array(name, { maxLength: 3 }),
    attributes: fc.dictionary(name, value, { minKeys: 1, maxKeys: 4 }),
  });
  fc.assert(
    fc.property(fc.array(element, { maxLength: 8 }), (elements) => {
      const chain = elements.map(({ tag, classes, attributes }) => {
        const pairs = Object.entries(attributes).map(
          ([key, text]) => `${key}="${text.replaceAll('"', '\\"')}"`,
        );
        return `${[tag, ...classes].join('.')}:${pairs.join('')}`;
      });
      const read = readChain(chain.join(';'));
      expect(read.map(({ tag, classes }) => ({ tag, classes }))).toEqual(
        elements.map(({ tag, classes }) => ({ tag, classes })),
      );
      expect(read.map(({ attributes }) => [...attributes].sort())).toEqual(
        elements.map(({ attributes }) => Object.entries(attributes).sort()),
      );
    }),
  );
});

it('reads any text, in a time in proportion to its length', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'a.:;="\\\n-x'), maxLength: 300 }),
      (chain) => {
        for (const { tag, attributes } of readChain(chain)) {
          expect(tag.length + attributes.size).toBeLessThanOrEqual(chain.length);
        }
      },
    ),
    { numRuns: 2_000 },
  );
  // Each of these made one of PostHog's expressions take minutes.
  for (const piece of [':', 'a:', ':a', '="', '\\"', '.', ';', 'a=', ':a="']) {
    expect(readChain(piece.repeat(100_000)).length).toBeLessThanOrEqual(50);
  }
});

it('reads the list form of older SDKs', () => {
  const elements = readElementList([
    {
      ...{ tag_name: 'BUTTON', $el_text: 'Save', classes: ['btn'], attr__class: 'btn' },
      ...{ attr__href: '/x', attr__id: 's', nth_child: 2, nth_of_type: 1 },
    },
    { tag_name: 'div', attr__class: 'a  b' },
    null,
    { $el_text: 'no tag' },
  ]);
  expect(elements.map(plain)).toEqual([
    {
      ...{ tag: 'button', classes: ['btn'], text: 'Save', href: '/x', attr_id: 's' },
      ...{ 'nth-child': '2', 'nth-of-type': '1', attr__class: 'btn' },
    },
    { tag: 'div', classes: ['a', 'b'], attr__class: 'a  b' },
  ]);
  expect(readElementList('no list')).toEqual([]);
});
