import { namedMemory } from '../../../core/memory/named';
import { patient } from '../../../core/memory/patience';
import { StorageError } from '../../../core/memory/errors';
import { createFakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, testMemory } from '../../support/memory';

async function world() {
  const clock = createFakeClock();
  const stored = await testMemory(clock);
  let works = true;
  const trouble: number[] = [];
  const over: number[] = [];
  const failing = (name: 'remember' | 'link' | 'recall') =>
    ((...args: never[]) =>
      works
        ? (stored[name] as (...all: never[]) => Promise<unknown>)(...args)
        : Promise.reject(new StorageError('full', 'make room'))) as never;
  const storage = {
    ...stored,
    remember: failing('remember'),
    link: failing('link'),
    recall: failing('recall'),
  };
  const memory = patient(namedMemory(storage, 'm', DAY_MS), {
    clock,
    onTrouble: (_, since) => void trouble.push(clock.now() - since),
    onOver: (since) => void over.push(clock.now() - since),
  });
  const remember = () => memory.remember([batch('s', [action('one')])]);
  return { clock, memory, remember, trouble, over, work: (now: boolean) => void (works = now) };
}

it('remember and link keep trying until the storage works again', async () => {
  const { clock, memory, remember, trouble, over, work } = await world();
  work(false);
  const remembering = remember();
  const link = () => memory.link({ chat: 'c', conversation_id: '1', session_id: 's' });
  // Somebody may be waiting for an answer.
  const givenUp = link().catch((error: unknown) => error);
  await clock.advance(5 * 60_000);
  expect(await givenUp).toBeInstanceOf(StorageError);
  const linking = link();
  await clock.advance(10_000);
  expect(trouble.length).toBeGreaterThan(10);
  expect(over).toEqual([]);
  work(true);
  await clock.advance(5_000);
  expect(await remembering).toMatchObject([{ added: 1 }]);
  expect((await linking).status).toMatch(/linked|waiting/);
  expect(over).toHaveLength(2);
});

it('remember gives up in the end, and recall fails at once', async () => {
  const { clock, memory, remember, work } = await world();
  work(false);
  await expect(memory.recall({ windowMs: 1, maxActions: 1 })).rejects.toThrow(StorageError);
  const given = remember().catch((error: unknown) => error);
  await clock.advance(10 * 60_000 + 5_000);
  expect(await given).toBeInstanceOf(StorageError);
});

it('patience reports nothing when all is well', async () => {
  const { remember, trouble, over } = await world();
  await remember();
  expect([trouble, over]).toEqual([[], []]);
});
