import type { SessionMemory } from '../../../core/memory/types';
import { tidyNowAndThen, tidyWhileIdle } from '../../../nodes/shared/tidying';
import { createFakeClock, settle } from '../../support/fakeClock';
import { action, batch, DAY_MS, testMemory } from '../../support/memory';

it('what is too old goes although nothing happens any more, and a failure is not the end of it', async () => {
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

it('beside work it goes once a minute, however often somebody works', async () => {
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
