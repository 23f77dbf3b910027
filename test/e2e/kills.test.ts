import { assertSurvivesKills } from '../faults/kills';

// `npm run faults -- --kills 30` has more of them.

it('tells every action once, in order, although n8n is killed again and again', async () => {
  const seed = process.env.FAULT_SEED === undefined ? Date.now() : Number(process.env.FAULT_SEED);
  const kills = Number(process.env.FAULT_KILLS ?? 4);
  expect(await assertSurvivesKills({ kills, seed })).toBeGreaterThan(0);
});
