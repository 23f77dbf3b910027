import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, HOUR_MS } from '../../support/memory';
import { newDatabase, openServerMemory } from '../../support/postgres';

// Machines that share a server and whose clocks are apart.

const opened: SessionMemory[] = [];
afterEach(async () => {
  for (const memory of opened.splice(0)) await memory.close();
});

it('machines with different clocks agree on who holds a claim and when it has lapsed', async () => {
  const server = await newDatabase();
  const machine = async (offset: number) => {
    const clock = createFakeClock(Date.now() + offset);
    const memory = await openServerMemory(server, { clock, serverTime: true });
    opened.push(memory);
    return { memory, clock };
  };
  const right = await machine(0);
  const ahead = await machine(HOUR_MS);
  const behind = await machine(-HOUR_MS);
  const ref = { memory: 'm', product_id: 'shop', session_id: 's' };
  await right.memory.remember('m', [batch('s', [action('one')])], DAY_MS);
  const here = { chat: 'intercom', conversation_id: '1', session_id: 's' };
  await behind.memory.link('m', here, DAY_MS);
  const claim = async ({ memory }: typeof right) =>
    (await memory.claimNote(ref, 'intercom', { windowMs: DAY_MS, maxActions: 9, leaseMs: 600_000 }))
      .status;
  expect(await claim(behind)).toBe('claimed');
  expect([await claim(right), await claim(ahead), await claim(behind)]).toEqual([
    'busy',
    'busy',
    'busy',
  ]);
});
