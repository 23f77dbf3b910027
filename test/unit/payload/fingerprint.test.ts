import * as fc from 'fast-check';
import { fingerprint, murmurHash3 } from '../../../core/payload/fingerprint';

/** Words as different from each other as one likes, by the golden ratio. */
const words = (count: number) =>
  Int32Array.from({ length: count }, (_, i) => Math.imul(i + 1, 0x9e3779b1));

describe('murmurHash3', () => {
  // As another implementation gives them for the same bytes: the npm package murmurhash3js-revisited 3.0.0.
  it.each([
    [0, '00000000000000000000000000000000'],
    [4, '097f751c89f8010a0eee39860c709810'],
    [8, '43e5ca266287decb76ec49e1fe76814d'],
    [64, 'be0488a97cada0b2441031fac4129f5e'],
  ])('of %i words is what others say it is', (count, expected) => {
    const lanes = new Int32Array(4);
    murmurHash3(words(count), count, lanes);
    const hex = Array.from(lanes, (lane) => (lane >>> 0).toString(16).padStart(8, '0'));
    expect(hex.join('')).toBe(expected);
  });
});

describe('fingerprint', () => {
  const values = fc.array(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.double(), fc.integer(), fc.constant(null)),
  );

  it('is the same for the same values, and 22 characters that can stand anywhere', () => {
    fc.assert(
      fc.property(values, (some) => {
        expect(fingerprint(some)).toBe(fingerprint([...some]));
        expect(fingerprint(some)).toMatch(/^[\w-]{22}$/);
      }),
    );
  });

  it('differs with the values', () => {
    fc.assert(
      fc.property(values, values, (some, others) => {
        const areSame =
          some.length === others.length && some.every((v, i) => Object.is(v, others[i]));
        expect(fingerprint(some) === fingerprint(others)).toBe(areSame);
      }),
    );
  });

  it.each<[string, Array<string | number | null>, Array<string | number | null>]>([
    ['where one text ends and the next begins', ['ab', 'c'], ['a', 'bc']],
    ['an empty text and no text', [''], []],
    ['an empty text and nothing', [''], [null]],
    ['a number and its digits', [1], ['1']],
    ['the order', ['a', 'b'], ['b', 'a']],
    ['a null byte and none', ['a\0'], ['a']],
    ['a letter and the same with an accent', ['e'], ['\u00e9']],
    ['halves of a character', ['\ud83d\ude00'], ['\ude00\ud83d']],
    ['the last bit of a time', [1763900000.123], [1763900000.1230001]],
  ])('tells apart %s', (_, some, others) => {
    expect(fingerprint(some)).not.toBe(fingerprint(others));
  });

  it('keeps nothing of a longer content before', () => {
    const before = fingerprint(['a', 1]);
    const long = fingerprint(['x'.repeat(100_000), 'y']);
    expect(fingerprint(['x'.repeat(100_000), 'y'])).toBe(long);
    expect(fingerprint(['x'.repeat(100_001), 'y'])).not.toBe(long);
    expect(fingerprint(['a', 1])).toBe(before);
  });

  it('has no two alike among a hundred thousand clicks that differ in little', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 100_000; i += 1) {
      seen.add(
        fingerprint([1_763_900_000 + i / 1_000, i % 10, 'click', 'Save', null, '/boards/:id']),
      );
    }
    expect(seen.size).toBe(100_000);
  });
});
