import type { IRun } from 'n8n-workflow';
import { runWorkflow } from '../support/runWorkflow';

// Whether a node uses the credential of the memory, with n8n's own engine.

/** A credential that no version can use, so a node says whether it has read it. */
const credentials = { autoplayMemoryApi: { storage: 'nowhere' } };
const READ = 'This version cannot keep sessions in "nowhere"';

async function run(typeVersion: number, parameters = {}, given: object = credentials) {
  const node = {
    id: 'a',
    name: 'Memory',
    type: 'n8n-nodes-autoplay.autoplaySessionMemory',
    typeVersion,
    position: [0, 0] as [number, number],
    parameters: { operation: 'status', ...parameters },
  };
  const { data }: IRun = await runWorkflow(
    { name: 'storage', nodes: [node], connections: {} },
    { start: 'Memory', items: [{}], credentials: given as typeof credentials },
  );
  return data.resultData.error?.message ?? 'done';
}

it('a node that was saved before goes on with the credential that it has, or without one', async () => {
  expect(await run(1)).toBe(READ);
  expect(await run(1, {}, {})).toBe('done');
});

it('a new node asks for no credential, and does not use one that was chosen before', async () => {
  expect(await run(1.1)).toBe('done');
  expect(await run(1.1, { memoryStorage: 'embedded' })).toBe('done');
});

it('a new node uses the credential if it is told to, and says so if none is chosen', async () => {
  expect(await run(1.1, { memoryStorage: 'credential' })).toBe(READ);
  expect(await run(1.1, { memoryStorage: 'credential' }, {})).toBe(
    'No credential is chosen for the memory',
  );
});
