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

it('renews a claim while work runs, long before it lapses, and not afterwards', async () => {
  const { clock, memory, renewals, claim, started } = world();
  const working = whileRenewing({ memory, clock }, claim, () => wait(clock, 50_000));
  await clock.advance(50_000);
  await working;
  await clock.advance(100_000);
  expect(renewals.map((at) => at - started)).toEqual([15_000, 30_000, 45_000]);
  expect(clock.timers()).toBe(0);
});

it('keeps renewing after a failure of the storage', async () => {
  const { clock, memory, renewals, failures, claim, started } = world();
  failures.push(new Error('database is locked'));
  const working = whileRenewing({ memory, clock }, claim, () => wait(clock, 40_000));
  await clock.advance(40_000);
  await working;
  expect(renewals.map((at) => at - started)).toEqual([30_000]);
});

it('stops renewing when the claim is lost', async () => {
  const { clock, memory, renewals, failures, claim } = world();
  failures.push(new LeaseLostError('s'));
  const working = whileRenewing({ memory, clock }, claim, () => wait(clock, 60_000));
  await clock.advance(60_000);
  await working;
  expect(renewals).toEqual([]);
});

describe('right before a request that must not be made twice', () => {
  it('renews only a claim that might not outlast the request', async () => {
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

  it('renews after the clock was set back, because the claim may have lapsed', async () => {
    const { clock, memory, renewals, claim } = world();
    await whileRenewing({ memory, clock }, claim, async (ensure) => {
      clock.jump(-5_001);
      await ensure();
      await ensure();
    });
    expect(renewals).toHaveLength(1);
  });

  it('throws when another execution holds the claim', async () => {
    const { clock, memory, failures, claim } = world();
    failures.push(new LeaseLostError('s'));
    const working = whileRenewing({ memory, clock }, claim, async (ensure) => {
      clock.jump(LEASE_MS);
      await ensure();
    });
    await expect(working).rejects.toThrow(LeaseLostError);
  });
});
