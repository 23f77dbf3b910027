import { LEASE_MS, whileRenewing } from '../../../core/delivery/lease';
import { LeaseLostError } from '../../../core/memory/errors';
import type { Claim } from '../../../core/memory/types';
import { wait } from '../../../core/clock';
import { createFakeClock } from '../../support/fakeClock';

function world() {
  const clock = createFakeClock();
  const renewals: number[] = [];
  const failures: Error[] = [];
  const memory = {
    async extend() {
      const failure = failures.shift();
      if (failure) throw failure;
      renewals.push(clock.now());
    },
  };
  const claim = { until: clock.now() + LEASE_MS } as Claim;
  return { clock, memory, renewals, failures, claim, started: clock.now() };
}

it('renews while work goes on, long before the claim lapses, and then no more', async () => {
  const { clock, memory, renewals, claim, started } = world();
  const working = whileRenewing({ memory, clock }, claim, () => wait(clock, 50_000));
  await clock.advance(50_000);
  await working;
  await clock.advance(100_000);
  expect(renewals.map((at) => at - started)).toEqual([15_000, 30_000, 45_000]);
  expect(clock.timers()).toBe(0);
});

it('goes on renewing after a storage that failed', async () => {
  const { clock, memory, renewals, failures, claim, started } = world();
  failures.push(new Error('database is locked'));
  const working = whileRenewing({ memory, clock }, claim, () => wait(clock, 40_000));
  await clock.advance(40_000);
  await working;
  expect(renewals.map((at) => at - started)).toEqual([30_000]);
});

it('does not go on once the claim is lost', async () => {
  const { clock, memory, renewals, failures, claim } = world();
  failures.push(new LeaseLostError('s'));
  const working = whileRenewing({ memory, clock }, claim, () => wait(clock, 60_000));
  await clock.advance(60_000);
  await working;
  expect(renewals).toEqual([]);
});

describe('right before a request that must not be made twice', () => {
  it('asks the memory only if the claim might not last as long as the request', async () => {
    const { clock, memory, renewals, claim } = world();
    await whileRenewing({ memory, clock }, claim, (ensure) => ensure());
    expect(renewals).toEqual([]);
    // As after the machine stood still: no timer fired in between.
    await whileRenewing({ memory, clock }, claim, async (ensure) => {
      clock.jump(16_000);
      await ensure();
      await ensure();
    });
    expect(renewals).toHaveLength(1);
  });

  it('asks again once the clock was set back, for the claim counts for nothing then', async () => {
    const { clock, memory, renewals, claim } = world();
    await whileRenewing({ memory, clock }, claim, async (ensure) => {
      clock.jump(-5_001);
      await ensure();
      await ensure();
    });
    expect(renewals).toHaveLength(1);
  });

  it('throws when somebody else has the claim', async () => {
    const { clock, memory, failures, claim } = world();
    failures.push(new LeaseLostError('s'));
    const working = whileRenewing({ memory, clock }, claim, async (ensure) => {
      clock.jump(LEASE_MS);
      await ensure();
    });
    await expect(working).rejects.toThrow(LeaseLostError);
  });
});
