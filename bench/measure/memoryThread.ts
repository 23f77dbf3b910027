// The thread of a memory that is measured: as the one of the nodes, but that time can be made to go by.
import { parentPort, workerData } from 'node:worker_threads';
import { createSqliteMemory } from '../../core/memory/sql/sqliteMemory';
import { serveMemory } from '../../core/memory/thread/threadedMemory';
import { memoryParts } from '../../nodes/shared/memory/parts';

export interface MemoryThreadData {
  file: string;
  /** How much later it is than by the system's clock, in milliseconds; shared. */
  passed: BigInt64Array;
}

const { file, passed } = workerData as MemoryThreadData;
const now = () => Date.now() + Number(Atomics.load(passed, 0));
const clock = { ...memoryParts.clock, now };
serveMemory(parentPort!, (onReplaced) =>
  createSqliteMemory(file, { ...memoryParts, clock, onReplaced }),
);
