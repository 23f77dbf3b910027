import type { SessionBatch } from '../../core/payload/types';
import { createIntakes } from '../shared/batching/intakes';

/** What the trigger takes from its webhook. */
export interface Intake {
  /** Takes a batch that the memory has stored. */
  add(batch: SessionBatch): void;
  /** Reports that the memory cannot be reached, or, without an error, that it can. */
  storage(error?: Error): void;
}

export const pushIntakes = createIntakes<Intake>();
