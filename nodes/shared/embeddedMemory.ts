import { homedir } from 'node:os';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createThreadedMemory } from '../../core/memory/thread/threadedMemory';
import type { SessionMemory } from '../../core/memory/types';
import type { MemoryThreadData } from './memoryThread';
import { noteReplaced } from './replacedMemory';

/** In n8n's own folder, beside its database: what backs that up backs this up. */
export function embeddedFile(): string {
  return join(process.env.N8N_USER_FOLDER ?? homedir(), '.n8n', 'autoplay', 'memory.sqlite');
}

/** The memory in a SQLite file, whose work is done beside n8n's event loop. It is opened when it is used. */
export function embeddedMemory(file: string): SessionMemory {
  const entry = join(__dirname, `memoryThread${extname(__filename)}`);
  const workerData: MemoryThreadData = { file };
  return createThreadedMemory({
    start: () => new Worker(entry, { name: 'autoplay-memory', workerData }),
    onReplaced: noteReplaced,
  });
}
