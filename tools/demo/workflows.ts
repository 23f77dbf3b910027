import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CredentialMap, Rest, Workflow, WorkflowJson } from '../n8n';
import { withPosthog } from '../docs/posthogWorkflows';
import { missingTypes, requiredCredentials } from '../n8n/workflowJson';
import { type DemoMemory, hashOf } from './memory';
import type { DemoSettings } from './settings';
import { withOffers } from './withOffers';

/** The outcome for one workflow file. */
export interface WorkflowOutcome {
  file: string;
  name: string;
  state: 'published' | 'unpublished' | 'left out';
  /** Why it is left out or does not run. */
  reason?: string;
  workflow?: Workflow;
}

/** What to do about a workflow file. */
export type Plan = 'import' | 'publish' | 'republish' | 'keep' | 'leave unpublished';

/**
 * Decides about a file whose workflow may be in n8n already. A workflow is overwritten only when its shipped file
 * has changed, so that the user's edits are kept until then.
 *
 * @param known what the demo remembers of this file.
 * @param current the workflow in n8n; undefined when it is gone or archived.
 */
export function plan(
  known: { hash: string; published: boolean } | undefined,
  hash: string,
  current: { activeVersionId: string | null } | undefined,
  credentialsChanged: boolean,
): Plan {
  if (!known || known.hash !== hash || !current) return 'import';
  if (!current.activeVersionId) return known.published ? 'leave unpublished' : 'publish';
  // A running trigger has read its credentials at its start.
  return credentialsChanged ? 'republish' : 'keep';
}

/**
 * Imports the workflow files into n8n and publishes them, each as `plan` says. A workflow that cannot run is
 * reported and does not stop the others.
 *
 * @param options.memory is updated, file by file.
 */
export async function bringWorkflows(options: {
  rest: Rest;
  folder: string;
  settings: DemoSettings;
  credentials: CredentialMap;
  credentialsChanged: boolean;
  memory: DemoMemory;
}): Promise<WorkflowOutcome[]> {
  const outcomes: WorkflowOutcome[] = [];
  for (const file of workflowFiles(options.folder, options.settings.source)) {
    outcomes.push(await bringWorkflow(file, options));
  }
  return outcomes;
}

async function bringWorkflow(
  file: string,
  {
    rest,
    folder,
    settings,
    credentials,
    credentialsChanged,
    memory,
  }: Parameters<typeof bringWorkflows>[0],
): Promise<WorkflowOutcome> {
  const text = readFileSync(join(folder, file), 'utf8');
  const shipped = withOffers(JSON.parse(text) as WorkflowJson, settings);
  const json = settings.source === 'posthog' ? withPosthog(shipped) : shipped;
  const outcome = { file, name: json.name };
  const lacking = whatIsLacking(json, await rest.nodeTypes(), credentials);
  if (lacking) return { ...outcome, state: 'left out', reason: lacking };

  const hash = hashOf(text);
  const known = memory.workflows[file];
  let workflow = known && (await find(rest, known.id));
  const action = plan(known, hash, workflow, credentialsChanged);
  if (action === 'leave unpublished') {
    return { ...outcome, state: 'unpublished', reason: 'it was unpublished in the editor' };
  }
  try {
    if (action === 'import') {
      workflow = await rest.importWorkflow(json, { credentials });
      memory.workflows[file] = { id: workflow.id, hash, published: false };
    }
    if (action === 'import' || action === 'publish') {
      await rest.publish(workflow!.id);
      memory.workflows[file] = { id: workflow!.id, hash, published: true };
    } else if (action === 'republish') {
      const live = workflow!.activeVersionId!;
      await rest.unpublish(workflow!.id);
      await rest.publish(workflow!.id, live);
    } else {
      await rest.waitUntilPublished(workflow!.id);
    }
    return { ...outcome, state: 'published', workflow: workflow! };
  } catch (error) {
    const reason = (error as Error).message;
    return { ...outcome, state: 'unpublished', reason, ...(workflow && { workflow }) };
  }
}

function whatIsLacking(
  json: WorkflowJson,
  types: Parameters<typeof missingTypes>[1],
  credentials: CredentialMap,
): string | undefined {
  const unknown = missingTypes(json, types);
  if (unknown.length > 0) return `n8n has no ${unknown.join(', ')}`;
  const missing = requiredCredentials(json, types).filter((type) => !credentials[type]);
  return missing.length > 0 ? `it needs credentials: ${missing.join(', ')}` : undefined;
}

async function find(rest: Rest, id: string): Promise<Workflow | undefined> {
  const listed = (await rest.workflows()).some((workflow) => workflow.id === id);
  return listed ? await rest.getWorkflow(id) : undefined;
}

/**
 * The workflow files of a source. A name that ends with `-posthog` is the same workflow with PostHog's trigger; others
 * are for every source, unless there is such a file beside them; an Autoplay Stream in one is exchanged.
 */
export function workflowFiles(folder: string, source: DemoSettings['source']): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  const forPosthog = (name: string) => name.replace(/\.json$/, '-posthog.json');
  const isWanted = (name: string) =>
    source === 'posthog' ? !names.includes(forPosthog(name)) : !name.endsWith('-posthog.json');
  return names.filter(isWanted).sort();
}
