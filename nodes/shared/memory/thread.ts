// What the thread of the embedded session memory runs; `storage.ts` starts it.
import { parentPort, workerData } from 'node:worker_threads';
import { createSqliteMemory } from '../../../core/memory/sql/sqliteMemory';
import { serveMemory } from '../../../core/memory/thread/threadedMemory';
import { memoryParts } from './parts';

/** What it is started with. */
export interface MemoryThreadData {
  file: string;
}

const { file } = workerData as MemoryThreadData;
serveMemory(parentPort!, (onReplaced) => createSqliteMemory(file, { ...memoryParts, onReplaced }));
