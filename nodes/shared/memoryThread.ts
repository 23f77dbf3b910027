// What the thread of the embedded session memory runs; `embeddedMemory.ts` starts it.
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../core/clock';
import { noteRules } from '../../core/delivery/noteRules';
import { createSqliteMemory } from '../../core/memory/sql/sqliteMemory';
import { serveMemory } from '../../core/memory/thread/serve';

/** What it is started with. */
export interface MemoryThreadData {
  file: string;
}

const { file } = workerData as MemoryThreadData;
const memory = createSqliteMemory({
  file,
  clock: systemClock,
  newId: randomUUID,
  rules: noteRules,
  onReplaced: (movedTo) => tellReplaced(movedTo),
});
const tellReplaced = serveMemory(parentPort!, memory);
