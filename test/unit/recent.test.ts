import { createRecentPairs } from '../../core/recent';

describe('values of pairs', () => {
  const create = (most: number) => {
    let made = 0;
    return createRecentPairs(most, () => (made += 1));
  };

  it('are made once, and told apart by both keys', () => {
    const valueOf = create(10);
    expect([valueOf('a', 'x'), valueOf('b', 'x'), valueOf('a', 'y')]).toEqual([1, 2, 3]);
    expect([valueOf('a', 'x'), valueOf('b', 'x'), valueOf('a', 'y')]).toEqual([1, 2, 3]);
  });

  it('stay as long as they are asked for, however many others come', () => {
    const valueOf = create(3);
    expect(valueOf('a', 'kept')).toBe(1);
    for (let i = 0; i < 20; i += 1) {
      valueOf(`other ${i % 2}`, String(i));
      expect(valueOf('a', 'kept')).toBe(1);
    }
  });

  it('are forgotten after twice as many others', () => {
    const valueOf = create(3);
    valueOf('a', 'x');
    for (let i = 0; i < 6; i += 1) valueOf('b', String(i));
    expect(valueOf('a', 'x')).toBe(8);
  });
});
