import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createThreadedMemory } from '../../../core/memory/thread/threadedMemory';
import { LeaseLostError, StorageError } from '../../../core/memory/errors';
import type { SessionMemory } from '../../../core/memory/types';
import { action, batch, DAY_MS, granted } from '../../support/memory';

const ENTRY = join(__dirname, '../../../nodes/shared/memory/thread.ts');

let folder: string;
let file: string;
let started: Worker[];
let replaced: string[];
let memory: SessionMemory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autoplay-thread-'));
  file = join(folder, 'memory.sqlite');
  started = [];
  replaced = [];
  memory = open();
});
afterEach(async () => {
  await memory.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(entry = ENTRY): SessionMemory {
  return createThreadedMemory({
    start() {
      const thread = new Worker(entry, { workerData: { file } });
      started.push(thread);
      return thread;
    },
    onReplaced: (movedTo) => void replaced.push(movedTo),
  });
}

const remember = async (session: string, ...said: string[]) => {
  const actions = said.map((one) => action(one));
  return await memory.remember('m', [batch(session, actions)], DAY_MS);
};
const recalled = async (session: string) => {
  const query = { session_id: session, windowMs: DAY_MS, maxActions: 10_000 };
  return (await memory.recall('m', query))?.actions.map(({ description }) => description);
};
const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

it('the threaded memory answers each call with its own result, from one thread', async () => {
  const sessions = Array.from({ length: 20 }, (_, i) => `s${i}`);
  await Promise.all(sessions.map((session) => remember(session, `of ${session}`)));
  const all = await Promise.all(sessions.map(recalled));
  expect(all).toEqual(sessions.map((session) => [`of ${session}`]));
  expect(started).toHaveLength(1);
});

it('the threaded memory leaves the event loop free while it works', async () => {
  await remember('s', 'first');
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await remember('s', ...Array.from({ length: 5_000 }, (_, i) => `action ${i}`));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
});

it('a lost claim is a LeaseLostError on this side of the thread, too', async () => {
  await memory.remember('m', [batch('s', [action('a')], { conversation_id: '21' })], DAY_MS);
  const session = { memory: 'm', product_id: 'shop', session_id: 's' };
  const condition = { windowMs: DAY_MS, maxActions: 9, leaseMs: -1 };
  const claimed = granted(await memory.claimNote(session, 'intercom', condition));
  await memory.claimNote(session, 'intercom', { ...condition, leaseMs: 60_000 });
  const lost = await failureOf(memory.extend(claimed.claim, 1_000));
  expect(lost).toBeInstanceOf(LeaseLostError);
  expect(lost).toEqual(new LeaseLostError('s'));
});

it('a StorageError keeps its message, advice and cause across the thread', async () => {
  mkdirSync(file);
  const failure = await failureOf(remember('s', 'a'));
  expect(failure).toBeInstanceOf(StorageError);
  expect(failure).toMatchObject({
    name: 'StorageError',
    message: expect.stringMatching(/^The session memory /),
    advice: expect.stringContaining(file),
    cause: expect.objectContaining({ message: expect.any(String), code: expect.any(String) }),
  });
  rmSync(file, { recursive: true });
  await remember('s', 'b');
  expect(await recalled('s')).toEqual(['b']);
});

it('the thread reports that a damaged database was replaced', async () => {
  writeFileSync(file, 'This is no database.\n'.repeat(500));
  await remember('s', 'a');
  expect(replaced).toEqual([expect.stringContaining('memory.sqlite')]);
});

it('a new thread starts when one ends, and has everything that was remembered', async () => {
  await remember('s', 'before');
  const cut = failureOf(remember('s', ...Array.from({ length: 5_000 }, (_, i) => `cut ${i}`)));
  await started[0]!.terminate();
  expect(await cut).toBeInstanceOf(StorageError);
  await remember('s', 'after');
  const said = await recalled('s');
  expect(said?.at(0)).toBe('before');
  expect(said?.at(-1)).toBe('after');
  // What was under way is there whole or not at all.
  expect([2, 5_002]).toContain(said?.length);
  expect(started).toHaveLength(2);
});

it('the StorageError says why a thread ended', async () => {
  memory = open(join(folder, 'missing.js'));
  const failure = await failureOf(remember('s', 'a'));
  expect(failure).toBeInstanceOf(StorageError);
  expect((failure as Error).message).toMatch(/^The thread of the session memory ended: .*missing/s);
});

it('a thread that cannot be started is a StorageError', async () => {
  const start = () => {
    throw new Error('no threads left');
  };
  memory = createThreadedMemory({ start, onReplaced() {} });
  const failure = await failureOf(remember('s', 'a'));
  expect(failure).toBeInstanceOf(StorageError);
  expect((failure as Error).message).toContain('no threads left');
});

it('closing the memory ends its thread, and the next call starts another', async () => {
  await remember('s', 'a');
  const ended = new Promise((resolve) => started[0]!.once('exit', resolve));
  await memory.close();
  await ended;
  expect(await recalled('s')).toEqual(['a']);
  expect(started).toHaveLength(2);
});

it('the thread does not keep a process alive while no call waits', async () => {
  const script = `
    const { createThreadedMemory } = require(${JSON.stringify(require.resolve('../../../core/memory/thread/threadedMemory'))});
    const { Worker } = require('node:worker_threads');
    const start = () => new Worker(${JSON.stringify(ENTRY)}, { workerData: { file: ${JSON.stringify(file)} } });
    createThreadedMemory({ start, onReplaced() {} }).expire().then((sessions) => console.log('expired', sessions));`;
  const register = join(__dirname, '../../../tools/register.cjs');
  const args = ['--no-warnings', '--require', register, '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  expect(stdout).toBe('expired 0\n');
});
