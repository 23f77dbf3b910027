import { idOrNull, shallow, text } from '../../../core/http/fields';

it.each([
  ['a\0b\ud800c', 'ab\ufffdc'],
  ['\ud83d\0\ude00', '\ufffd\ufffd'],
  [42, '42'],
  [1.5, '1.5'],
  [2 ** 53, ''],
  [Number.NaN, ''],
  [Number.POSITIVE_INFINITY, ''],
  [true, ''],
  [['a'], ''],
  [null, ''],
])('the text of %j is %j', (value, expected) => {
  expect(text(value)).toBe(expected);
});

it.each([
  [' u1 ', 'u1'],
  ['', null],
  ['\0', null],
  ['x'.repeat(512), 'x'.repeat(512)],
  // Cut, two of them could become one visitor.
  ['x'.repeat(513), null],
])('the id %j is %j', (value, expected) => {
  expect(idOrNull(value)).toBe(expected);
});

it('what is nested without end is cut off', () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
  expect(() => JSON.stringify(deep)).toThrow(RangeError);
  expect(JSON.stringify(shallow(deep, 3))).toBe('[[[null]]]');
  const own = JSON.parse('{"__proto__":{"a":[1,"x",null]}}') as object;
  expect(JSON.stringify(shallow(own, 3))).toBe(JSON.stringify(own));
});
