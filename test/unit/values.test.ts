import { runInNewContext } from 'node:vm';
import { asError, idOrNull, shallow, text } from '../../core/values';

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
  // If such ids were cut, two visitors could get the same one.
  ['x'.repeat(513), null],
])('the id %j is %j', (value, expected) => {
  expect(idOrNull(value)).toBe(expected);
});

it('shallow() cuts off nesting that JSON.stringify cannot write', () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
  expect(() => JSON.stringify(deep)).toThrow(RangeError);
  expect(JSON.stringify(shallow(deep, 3))).toBe('[[[null]]]');
  const own = JSON.parse('{"__proto__":{"a":[1,"x",null]}}') as object;
  expect(JSON.stringify(shallow(own, 3))).toBe(JSON.stringify(own));
});

it('asError() keeps errors as they are, also those of another realm', () => {
  for (const error of [new TypeError('a'), runInNewContext("new Error('b')")]) {
    expect(asError(error)).toBe(error);
  }
});

it.each([
  ['refused', 'refused'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ message: 'refused', token: 'secret' }, 'refused'],
  [{ token: 'secret' }, 'Something that is not an error was thrown.'],
])('asError() makes an error of %j', (thrown, message) => {
  expect(Object.entries(asError(thrown))).toEqual([]);
  expect(asError(thrown).message).toBe(message);
});
