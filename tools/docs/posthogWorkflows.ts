import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowJson } from '../n8n';

/** The chat flows that are offered for PostHog as well, and the files of those. */
export const FLOWS = ['intercom', 'crisp', 'proactive-intercom', 'proactive-crisp'].map((flow) => ({
  from: `workflows/${flow}.json`,
  file: `workflows/${flow}-posthog.json`,
}));

const STREAM = 'Autoplay Stream';
const POSTHOG = 'PostHog Activity';

/** What the texts on the canvas say of the trigger, and what they say in its place. */
const TEXTS: ReadonlyArray<readonly [string, string]> = [
  [
    '**Autoplay Connector API**: the whole stream URL (`https://…/stream/<product id>`) and the token from your Autoplay dashboard.',
    '**PostHog Activity API**: region and a personal API key with the scope `project:read`.',
  ],
];

/**
 * A chat flow with PostHog's trigger in the place of Autoplay's stream. Everything else is the same.
 * @param root the repository
 * @throws Error if the flow has changed so that a text is not found
 */
export function posthogFlow(root: string, from: string): WorkflowJson {
  const workflow = JSON.parse(readFileSync(join(root, from), 'utf8')) as WorkflowJson;
  let text = JSON.stringify({ ...withPosthog(workflow), name: `${workflow.name} (PostHog)` });
  for (const [before, after] of TEXTS) {
    const quoted = (said: string) => JSON.stringify(said).slice(1, -1);
    if (!text.includes(quoted(before))) throw new Error(`${from} does not say: ${before}`);
    text = text.replaceAll(quoted(before), quoted(after));
  }
  return JSON.parse(text) as WorkflowJson;
}

/** A workflow with PostHog's trigger in the place of Autoplay's stream. */
export function withPosthog(workflow: WorkflowJson): WorkflowJson {
  const nodes = workflow.nodes.map((node) => {
    if (node.name !== STREAM) return node;
    return {
      ...node,
      name: POSTHOG,
      type: 'n8n-nodes-autoplay.posthogActivityTrigger',
      parameters: {},
    };
  });
  const { pinData } = workflow;
  return {
    ...workflow,
    nodes,
    connections: renamed(workflow.connections),
    ...(pinData !== undefined && { pinData: renamed(pinData as object) }),
  };
}

/** By the name of the other trigger, at the same place. */
function renamed<T extends object>(byName: T): T {
  const entries = Object.entries(byName).map(([name, value]: [string, unknown]) => [
    name === STREAM ? POSTHOG : name,
    value,
  ]);
  return Object.fromEntries(entries) as T;
}
