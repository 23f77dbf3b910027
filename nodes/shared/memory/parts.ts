import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../core/clock';
import { noteRules } from '../../../core/delivery/noteRules';
import type { MemoryParts } from '../../../core/memory/types';

/** What every session memory of the nodes is opened with, whatever engine stores it. */
export const memoryParts: MemoryParts = { clock: systemClock, newId: randomUUID, rules: noteRules };
