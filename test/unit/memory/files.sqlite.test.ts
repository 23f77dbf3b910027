import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, testMemory } from '../../support/memory';

it('what is forgotten leaves the files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'autoplay-memory-'));
  const memory = await testMemory(createFakeClock(), join(folder, 'memory.sqlite'));
  const said = 'a very telling button';
  await memory.remember('m', [batch('s', [action(said)], { user_id: '70' })], DAY_MS);
  const found = () =>
    readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(said));
  expect(found()).not.toEqual([]);
  await memory.forget({ user_id: '70' });
  expect(found()).toEqual([]);
  await memory.close();
  rmSync(folder, { recursive: true });
});
