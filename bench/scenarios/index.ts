import type { Scenario } from '../types';
import { context } from './context';
import { cost } from './cost';
import { flow } from './flow';
import { growth } from './growth';
import { linkedCrowd } from './linkedCrowd';
import { maximum } from './maximum';
import { memory } from './memory';
import { memoryGrowth } from './memoryGrowth';
import { moments } from './moments';
import { posthog } from './posthog';
import { queue } from './queue';
import { scaleOut } from './scaleOut';
import { slow } from './slow';
import { triggerAlone } from './triggerAlone';
import { unlinkedCrowd } from './unlinkedCrowd';

/** Everything that can be measured, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  flow,
  maximum,
  growth,
  unlinkedCrowd,
  linkedCrowd,
  cost,
  moments,
  slow,
  queue,
  scaleOut,
  triggerAlone,
  posthog,
  memory,
  memoryGrowth,
  context,
];
