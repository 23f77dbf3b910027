import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Identity } from './stage';

/** Looks into the file of an n8n's embedded memory. */
export interface Remembered {
  /** How many actions of a visitor stand in a workflow's memory. */
  count(workflowId: string, visitor: Pick<Identity, 'sessionId'>): number;
  close(): void;
}

/** Opened once: many visitors at once look often, and n8n needs the processor more. */
export function createRemembered(userFolder: string): Remembered {
  let database: DatabaseSync | undefined;
  return {
    count(workflowId, { sessionId }) {
      database ??= openMemory(join(userFolder, '.n8n/autoplay/memory.sqlite'));
      if (!database) return 0;
      const query = 'select last_seq from autoplay_session where memory = ? and session_id = ?';
      const row = database.prepare(query).get(`workflow:${workflowId}`, sessionId);
      return Number(row?.last_seq ?? 0);
    },
    close: () => database?.close(),
  };
}

/** Undefined as long as no execution has made the memory and its tables. */
function openMemory(file: string): DatabaseSync | undefined {
  if (!existsSync(file)) return undefined;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.prepare('select last_seq from autoplay_session');
    return database;
  } catch {
    database.close();
    return undefined;
  }
}
