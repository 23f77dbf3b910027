import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, range, rowsOf, testMemory } from '../../support/memory';

const recallAll = { windowMs: DAY_MS, maxActions: 500 };

it('many sessions of one call stay apart, even if they share ids', async () => {
  const memory = await testMemory(createFakeClock());
  // More than one statement takes; two products with the same session ids; half are known already.
  const batches = range(600).map((i) =>
    batch(`s${i % 300}`, [action(`${i} a`), action(`${i} b`)], {
      product_id: i < 300 ? 'shop' : 'blog',
      user_id: i % 2 === 0 ? `user ${i}` : null,
    }),
  );
  await memory.remember('m', batches.slice(0, 150), DAY_MS);
  const remembered = await memory.remember('m', batches, DAY_MS);
  expect(remembered.map(({ added }) => added)).toEqual(range(600).map((i) => (i < 150 ? 0 : 2)));
  for (const [i, { product_id, session_id, user_id }] of batches.entries()) {
    expect(remembered[i]).toMatchObject({ product_id, session_id, user_id });
    const told = await memory.recall('m', { product_id, session_id, ...recallAll });
    expect(told?.actions.map(({ description }) => description)).toEqual([`${i} a`, `${i} b`]);
    expect(told?.session.user_id).toBe(user_id);
  }
  await memory.close();
});

it('several batches of a session in one call keep their order, even if some actions are known', async () => {
  const memory = await testMemory(createFakeClock());
  const [a, b, c] = [action('a'), action('b'), action('c')];
  await memory.remember('m', [batch('s', [a])], DAY_MS);
  const call = [batch('s', [b], { user_id: 'u1' }), batch('s', [a]), batch('s', [c, b])];
  const remembered = await memory.remember('m', call, DAY_MS);
  expect(remembered.map(({ added }) => added)).toEqual([1, 0, 1]);
  const told = await memory.recall('m', { user_id: 'u1', ...recallAll });
  expect(told?.actions.map(({ description }) => description)).toEqual(['a', 'b', 'c']);
  await memory.close();
});

it('of many new visitors, exactly those are linked that a conversation waits for', async () => {
  const memory = await testMemory(createFakeClock());
  for (const i of [3, 77, 250]) {
    const request = { chat: 'intercom', conversation_id: String(i), user_id: `u${i}` };
    expect((await memory.link('m', request, DAY_MS)).status).toBe('waiting');
  }
  const batches = range(300).map((i) => batch(`s${i}`, [action(`${i}`)], { user_id: `u${i}` }));
  const remembered = await memory.remember('m', batches, DAY_MS);
  const linked = remembered.filter(({ links }) => links.intercom !== undefined);
  expect(linked.map(({ session_id, links }) => [session_id, links.intercom])).toEqual([
    ['s3', '3'],
    ['s77', '77'],
    ['s250', '250'],
  ]);
  await memory.close();
});

it('long sessions expire piece by piece, let other calls run in between, and leave nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'autoplay-memory-'));
  const file = join(folder, 'memory.sqlite');
  const clock = createFakeClock();
  const after = jest.spyOn(clock, 'after');
  const memory = await testMemory(clock, file);
  const long = (id: string) =>
    batch(
      id,
      range(2_600).map((i) => action(`${id} ${i}`)),
    );
  const short = range(120).map((i) => batch(`short ${i}`, [action('x')]));
  await memory.remember('m', [...short, long('long 1'), long('long 2')], DAY_MS);
  await clock.advance(DAY_MS + 1);
  await memory.remember('m', [batch('alive', [action('kept')])], DAY_MS);

  let erased: number | undefined;
  void memory.expire().then((sessions) => (erased = sessions));
  while (erased === undefined) await clock.advance(0);
  expect(erased).toBe(122);
  // 5,322 actions, no more than 1,000 before the next turn.
  expect(after.mock.calls.length).toBeGreaterThanOrEqual(5);
  expect(await memory.recall('m', { session_id: 'alive', ...recallAll })).not.toBeNull();
  await memory.close();

  const left = async (table: string) =>
    Number((await rowsOf(file, `select count(*) as n from ${table}`))[0]?.n);
  expect([await left('autoplay_action'), await left('autoplay_session')]).toEqual([1, 1]);
  rmSync(folder, { recursive: true });
});
