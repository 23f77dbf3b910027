// The thread of a measured memory: that of the nodes, with a clock that can be moved.
import { parentPort, workerData } from 'node:worker_threads';
import { createSqliteMemory } from '../../core/memory/sql/sqliteMemory';
import { serveMemory } from '../../core/memory/thread/threadedMemory';
import { memoryParts } from '../../nodes/shared/memory/parts';

export interface MemoryThreadData {
  file: string;
  /** Milliseconds ahead of the system's clock; shared between threads. */
  passed: BigInt64Array;
}

const { file, passed } = workerData as MemoryThreadData;
const now = () => Date.now() + Number(Atomics.load(passed, 0));
const clock = { ...memoryParts.clock, now };
serveMemory(parentPort!, (onReplaced) =>
  createSqliteMemory(file, { ...memoryParts, clock, onReplaced }),
);
