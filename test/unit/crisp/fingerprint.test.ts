import fc from 'fast-check';
import { isOwnFingerprint, makeFingerprint } from '../../../core/crisp/fingerprint';

it('a fingerprint has the form of Crisp’s own, and is the same for the same message', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (seed, secret) => {
      const fingerprint = makeFingerprint(seed, secret);
      expect(String(fingerprint)).toMatch(/^[1-9]\d{14}$/);
      expect(Number.isSafeInteger(fingerprint)).toBe(true);
      expect(makeFingerprint(seed, secret)).toBe(fingerprint);
      expect(isOwnFingerprint(fingerprint, secret)).toBe(true);
    }),
  );
});

it('a fingerprint of another sender is not taken for ours', () => {
  const seeds = Array.from({ length: 2_000 }, (_, i) => String(i));
  expect(seeds.filter((seed) => isOwnFingerprint(makeFingerprint(seed, 'other'), 'mine'))).toEqual(
    [],
  );
  expect(seeds.filter((_, i) => isOwnFingerprint(150698569649423 + i * 97, 'mine'))).toEqual([]);
});

it.each([[0], [-1], [Number.NaN], [1.5], [123], [Number.MAX_SAFE_INTEGER * 2]])(
  'is never %d',
  (fingerprint) => {
    expect(isOwnFingerprint(fingerprint, 'mine')).toBe(false);
  },
);

it('fingerprints of different messages differ', () => {
  const all = Array.from({ length: 5_000 }, (_, i) => makeFingerprint(`note ${i}`, 'mine'));
  expect(new Set(all).size).toBeGreaterThan(4_998);
});
