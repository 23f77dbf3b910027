import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createThreadedMemory } from '../../core/memory/thread/threadedMemory';
import type { RecallQuery, SessionMemory } from '../../core/memory/types';
import type { MemoryThreadData } from './memoryThread';
import { runsTypeScript } from './runsTypeScript';

export interface MemoryBench {
  memory: SessionMemory;
  /** The database's path. */
  file: string;
  /** The size of the database with its log, in bytes. */
  bytes(): number;
  /** Moves the memory's clock forward. */
  later(ms: number): void;
  /** Closes the memory, and removes its folder unless the file is to be kept. */
  close(): Promise<void>;
}

/**
 * A memory as the nodes open it.
 *
 * @param kept the file, which stays after `close`; by default one in a folder of its own, which does not
 */
export function openMemoryBench(kept?: string): MemoryBench {
  const folder = kept === undefined ? mkdtempSync(join(tmpdir(), 'autoplay-bench-')) : undefined;
  const file = kept ?? join(folder!, 'memory.sqlite');
  const passed = new BigInt64Array(new SharedArrayBuffer(8));
  const workerData: MemoryThreadData = { file, passed };
  const memory = createThreadedMemory({
    start: () =>
      new Worker(join(__dirname, 'memoryThread.ts'), { workerData, execArgv: runsTypeScript }),
    onReplaced(movedTo) {
      throw new Error(`The database was damaged; it is kept as ${movedTo}`);
    },
  });
  return {
    memory,
    file,
    bytes: () =>
      [file, `${file}-wal`].reduce(
        (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
        0,
      ),
    later: (ms) => void Atomics.add(passed, 0, BigInt(ms)),
    async close() {
      await memory.close();
      if (folder) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The time of each of many recalls, in milliseconds. @throws Error when one finds nothing */
export async function timeRecalls(
  memory: SessionMemory,
  name: string,
  count: number,
  query: (i: number) => Partial<RecallQuery>,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const asked = query(i);
    const began = performance.now();
    const found = await memory.recall(name, { windowMs: 300_000, maxActions: 20, ...asked });
    times.push(performance.now() - began);
    if (!found) throw new Error(`Nothing was recalled of ${JSON.stringify(asked)}`);
    // Other work runs in between, as in n8n.
    if (i % 20 === 0) await new Promise(setImmediate);
  }
  return times;
}
