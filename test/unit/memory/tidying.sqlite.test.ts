import type { SessionMemory } from '../../../core/memory/types';
import { tidyNowAndThen, tidyWhileIdle } from '../../../nodes/shared/memory/tidying';
import { createFakeClock, settle } from '../../support/fakeClock';
import { action, batch, DAY_MS, testMemory } from '../../support/memory';

it('an idle memory is tidied, and a failure does not stop that', async () => {
  const clock = createFakeClock();
  const memory = await testMemory(clock);
  const warnings: string[] = [];
  const log = { debug: () => {}, warn: (message: string) => void warnings.push(message) };
  tidyWhileIdle(memory, log, clock);
  tidyWhileIdle(memory, log, clock);
  expect(clock.timers()).toBe(1);
  await memory.remember('m', [batch('s', [action('a')])], DAY_MS);
  jest.spyOn(memory, 'expire').mockRejectedValueOnce(new Error('disk full'));
  const isKept = async () => (await memory.forget({ session_id: 's' })).sessions > 0;
  // Nobody asks for it: whoever asked would find it expired in any case.
  await clock.advance(DAY_MS + 1_200_000);
  expect(warnings).toEqual(['Autoplay memory: expiry failed: disk full']);
  expect(await isKept()).toBe(false);
  await memory.close();
});

it('beside work, the memory is tidied once a minute, however often it is used', async () => {
  const clock = createFakeClock();
  const expire = jest.fn(async () => 0);
  const memory = { expire } as unknown as SessionMemory;
  const log = { debug: () => {}, warn: () => {} };
  for (let second = 0; second < 150; second++) {
    tidyNowAndThen(memory, log, clock);
    await clock.advance(1_000);
  }
  await settle();
  expect(expire).toHaveBeenCalledTimes(3);
});

describe('a memory that is not used any more, as after its credential was changed', () => {
  const broken = () =>
    ({
      expire: jest.fn(async () => Promise.reject(new Error('refuses the password'))),
    }) as unknown as SessionMemory;
  const noting = () => {
    const warnings: string[] = [];
    return { warnings, debug: () => {}, warn: (said: string) => void warnings.push(said) };
  };

  it('has its failure logged once, and is left alone when everything in it has expired', async () => {
    const clock = createFakeClock();
    const memory = broken();
    const log = noting();
    tidyWhileIdle(memory, log, clock, DAY_MS);
    await clock.advance(7 * DAY_MS);
    expect(clock.timers()).toBe(1);
    await clock.advance(DAY_MS);
    expect(log.warnings).toEqual(['Autoplay memory: expiry failed: refuses the password']);
    expect(clock.timers()).toBe(0);
  });

  it('is tidied again once it is used', async () => {
    const clock = createFakeClock();
    const expire = jest.fn(async () => 0);
    const memory = { expire } as unknown as SessionMemory;
    const log = noting();
    for (const use of [1, 2]) {
      tidyWhileIdle(memory, log, clock, DAY_MS);
      await clock.advance(DAY_MS / 2);
      tidyWhileIdle(memory, log, clock, 10 * DAY_MS);
      await clock.advance(10 * DAY_MS);
      expect([use, clock.timers()]).toEqual([use, 1]);
      await clock.advance(DAY_MS);
      expect([use, clock.timers()]).toEqual([use, 0]);
    }
  });

  it('has its failure logged again when tidying worked in between, or fails in another way', async () => {
    const clock = createFakeClock();
    const memory = broken();
    const log = noting();
    tidyWhileIdle(memory, log, clock, DAY_MS);
    await clock.advance(3_600_000);
    jest.spyOn(memory, 'expire').mockResolvedValueOnce(0);
    await clock.advance(3_600_000);
    jest.spyOn(memory, 'expire').mockRejectedValue(new Error('away'));
    await clock.advance(3_600_000);
    expect(log.warnings.map((said) => said.split(': ')[2])).toEqual([
      'refuses the password',
      'refuses the password',
      'away',
    ]);
  });
});
