// The thread of a memory that is measured: as the one of the nodes, but that time can be made to go by.
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../core/clock';
import { noteRules } from '../../core/delivery/noteRules';
import { createSqliteMemory } from '../../core/memory/sql/sqliteMemory';
import { serveMemory } from '../../core/memory/thread/serve';

export interface MemoryThreadData {
  file: string;
  /** How much later it is than by the system's clock, in milliseconds; shared. */
  passed: BigInt64Array;
}

const { file, passed } = workerData as MemoryThreadData;
const memory = createSqliteMemory({
  file,
  clock: { ...systemClock, now: () => Date.now() + Number(Atomics.load(passed, 0)) },
  newId: randomUUID,
  rules: noteRules,
  onReplaced(movedTo) {
    throw new Error(`The database was damaged; it is kept as ${movedTo}`);
  },
});
serveMemory(parentPort!, memory);
