import { coveredMs, live, momentsOf, type Habit } from '../../../bench/measure/visits';
import { createRandom } from '../../../simulators/random';

const acts: Habit<string> = { what: 'act', visitors: 5, seconds: 60, everyMs: [3_000, 10_000] };
const writes: Habit<string> = { ...acts, what: 'write', everyMs: [30_000, 60_000] };

it('visitors repeat what they do after a while that lies within the limits', () => {
  const moments = momentsOf([acts, writes], createRandom(1));
  expect(moments.map(({ atMs }) => atMs)).toEqual(
    moments.map(({ atMs }) => atMs).sort((a, b) => a - b),
  );
  for (const { what, everyMs } of [acts, writes]) {
    for (let visitor = 0; visitor < 5; visitor += 1) {
      const times = moments
        .filter((one) => one.what === what && one.visitor === visitor)
        .map(({ atMs }) => atMs);
      expect(times[0]).toBeLessThanOrEqual(everyMs[0]);
      expect(times.at(-1)! + everyMs[1]).toBeGreaterThanOrEqual(60_000);
      const pauses = times.slice(1).map((time, i) => time - times[i]!);
      expect(pauses.filter((pause) => pause < everyMs[0] || pause > everyMs[1])).toEqual([]);
    }
  }
});

it('the same seed makes the same visits, and another seed makes others', () => {
  const moments = (seed: number) => momentsOf([acts, writes], createRandom(seed));
  expect(moments(1)).toEqual(moments(1));
  expect(moments(1)).not.toEqual(moments(2));
});

it('visits end when the signal aborts', async () => {
  const stopping = new AbortController();
  const done: number[] = [];
  const moments = [0, 0, 60_000].map((atMs, visitor) => ({ what: 'act', visitor, atMs }));
  const act = ({ visitor }: { visitor: number }) => {
    done.push(visitor);
    if (visitor === 1) stopping.abort(new Error('stopped'));
  };
  await expect(live(moments, act, stopping.signal)).rejects.toThrow();
  expect(done).toEqual([0, 1]);
});

it('calls that overlap count once', () => {
  expect(coveredMs([], 100)).toBe(0);
  expect(coveredMs([0, 100, 250], 100)).toBe(300);
  expect(coveredMs([0, 0, 40, 400], 100)).toBe(240);
});
