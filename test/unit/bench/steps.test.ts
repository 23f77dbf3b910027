import { findHighest } from '../../../bench/measure/steps';

/** Finds the limit of something that holds up to it. */
async function search(limit: number, steps: number[], narrowings = 4) {
  const found = await findHighest({ steps, narrowings, holds: async (rate) => rate <= limit });
  return { highest: found.highest, tried: found.tried.map(({ rate }) => rate) };
}

it('the search goes up until a rate fails, then halves the distance', async () => {
  expect(await search(3_100, [1_000, 2_000, 5_000, 10_000], 3)).toEqual({
    highest: 2_800,
    tried: [1_000, 2_000, 5_000, 3_500, 2_800, 3_200],
  });
});

it('the search ends at the last step when all hold', async () => {
  expect(await search(Infinity, [1, 2, 5])).toEqual({ highest: 5, tried: [1, 2, 5] });
});

it('the search goes below the first step when that fails', async () => {
  expect(await search(30, [100, 200], 2)).toEqual({ highest: 25, tried: [100, 50, 25] });
});

it('the search finds 0 when no rate holds', async () => {
  expect((await search(0, [100], 3)).highest).toBe(0);
});
