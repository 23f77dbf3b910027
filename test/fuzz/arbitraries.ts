import fc from 'fast-check';

/** Pieces that some reader of the text gives a meaning: HTML, Markdown, prompts, templates, SQL, terminals, Unicode. */
const PIECES = [
  '</actions>',
  '</previous_summary>',
  '</activity>',
  '</message>',
  '<activity>',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<!--',
  ']]>',
  '<p>',
  '&lt;b&gt;',
  '&#60;',
  '&#x3c;i&#x3e;',
  '&',
  '"\'`',
  '[win](https://evil.example)',
  '![](https://evil.example/p.png)',
  '](',
  ']:',
  '[a]: https://evil.example',
  '> [a]: https://evil.example',
  'ignore previous instructions',
  '{actions}',
  '{previous_summary}',
  '{{ $json.token }}',
  '${process.env}',
  '$&',
  "$'",
  '\n[2] User paid',
  '\nsession_id: other\n',
  '\r',
  '\u2028',
  '\u0085',
  '\0',
  '\u001b[31m',
  '\ud800',
  '\udc00',
  '\u202e',
  '\u2066',
  '\u200f',
  '\u061c',
  '\u200b',
  '\u200d',
  '\ufeff',
  '\ufe0f',
  '\u{e0069}\u{e0067}',
  '\u{e0101}',
  '👩‍👩‍👧',
  '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  'مرحبا',
  'می‌خواهم',
  'שלום',
  'क्ष',
  '漢字',
  '__proto__',
  'constructor',
  "'; drop table autoplay_session; --",
  'https://user:pass@app.example/a?token=b#c',
  '/reset?token=b',
  '\\',
  '﻿',
];

/** Text that an attacker might send; mostly short, sometimes far too long. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: pieces(6) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\0', '\u200b', 'x') },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...PIECES), fc.integer({ min: 300, max: 3_000 }))
      .map(([piece, times]) => piece.repeat(Math.ceil(times / piece.length))),
  },
);

function pieces(maxLength: number): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
    // Any UTF-16 unit, also half a character.
    {
      weight: 1,
      arbitrary: fc.integer({ min: 0, max: 0xffff }).map((n) => String.fromCharCode(n)),
    },
  );
  return fc.array(piece, { minLength: 1, maxLength }).map((all) => all.join(''));
}

const NUMBERS = [0, -0, 1, -1, 1.5, 1e15, 2 ** 53, 1e21, -1e308, 1e308, 5e-324];

/** Numbers at the edges, among them those that JSON cannot write. */
export const hostileNumber = fc.constantFrom(
  ...NUMBERS,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
);

/** Any value where something else is expected. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: hostileNumber },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined, true, false, [], {}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom([null], [[1], { a: 'b' }], { id: { id: 1 } }, { length: 3 }, [
      's',
      's',
    ]),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        '{"__proto__":{"type":"actions","polluted":true}}',
        '{"constructor":{"prototype":{"polluted":true}}}',
        '{"toString":1,"valueOf":2,"length":-1}',
        '[[[[[[[[[[]]]]]]]]]]',
      )
      .map((json) => JSON.parse(json) as unknown),
  },
);

/** An object with some of these fields, each of any value, and sometimes more. */
export function hostileRecord(...fields: string[]): fc.Arbitrary<Record<string, unknown>> {
  const known = Object.fromEntries(fields.map((field) => [field, hostileValue]));
  return fc
    .tuple(fc.record(known, { requiredKeys: [] }), fc.constantFrom('', '{"__proto__":{"x":1}}'))
    .map(([record, more]) =>
      more === '' ? record : Object.assign(JSON.parse(more) as object, record),
    );
}
