import type { Target } from '../target';
import { agentTargets } from './agents';
import { patternTargets } from './patterns';
import { payloadTargets } from './payload';
import { posthogEventTargets } from './posthogEvents';
import { posthogRestTargets } from './posthogRest';
import { promptTargets } from './prompts';
import { streamTargets } from './stream';
import { textTargets } from './text';
import { webhookTargets } from './webhooks';

/** Everything that takes what others wrote. */
export const targets: Target[] = [
  ...payloadTargets,
  ...streamTargets,
  ...webhookTargets,
  ...posthogRestTargets,
  ...posthogEventTargets,
  ...agentTargets,
  ...promptTargets,
  ...textTargets,
  ...patternTargets,
];
