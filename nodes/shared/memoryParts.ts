import { randomUUID } from 'node:crypto';
import { systemClock } from '../../core/clock';
import { noteRules } from '../../core/delivery/noteRules';

/** What every session memory is opened with, whatever keeps it. */
export const memoryParts = { clock: systemClock, newId: randomUUID, rules: noteRules };
