import type { Scenario } from '../types';
import { memory } from './memory';
import { triggerAlone } from './triggerAlone';

/** Everything that can be measured, in the order of the report. */
export const scenarios: readonly Scenario[] = [triggerAlone, memory];
