import type { Locator, Page } from 'playwright-core';
import { latestDescriptions } from '../../tools/loadPackage';
import type { WorkflowJson, WorkflowNode } from '../../tools/n8n';

/** A node of a workflow that is only looked at. */
export interface Shown {
  name: string;
  /** Of ours without the package's name. */
  type: string;
  parameters?: Record<string, unknown>;
  credentials?: Record<string, { id: string; name: string }>;
}

/** The nodes side by side, far enough from each other to be clicked, and connected in pairs as given. */
export function gallery(
  name: string,
  shown: readonly Shown[],
  links: ReadonlyArray<[from: string, to: string]> = [],
): WorkflowJson {
  const nodes = shown.map(({ type, parameters = {}, ...rest }, i) => ({
    id: `node-${i}`,
    type: type.includes('.') ? type : `n8n-nodes-autoplay.${type}`,
    typeVersion: latestOf(type),
    position: [(i % 6) * 320, Math.floor(i / 6) * 240],
    parameters,
    ...rest,
  })) as unknown as WorkflowNode[];
  const connections = Object.fromEntries(
    links.map(([from, to]) => [from, { main: [[{ node: to, type: 'main', index: 0 }]] }]),
  );
  return { name, nodes, connections, settings: {} };
}

/** The version of a node that a user adds today; 1 for nodes of n8n. */
function latestOf(type: string): number {
  const own = latestDescriptions().nodes.find(({ name }) => name === type);
  return [own?.version ?? 1].flat().at(-1)!;
}

/** n8n's own ids of what is on the page. Playwright's `getByTestId` looks for another attribute. */
export const byId = (within: Page | Locator, id: string) =>
  within.locator(`[data-test-id="${id}"]`);

/** Opens a workflow and waits for its nodes. */
export async function openWorkflow(page: Page, id: string): Promise<void> {
  await page.goto(`/workflow/${id}`);
  await byId(page, 'canvas-node').first().waitFor();
}

/** A node on the canvas. */
export const onCanvas = (page: Page, name: string) =>
  page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);

/** Opens a node's panel, has something done with it, and closes it. */
export async function inPanel<T>(
  page: Page,
  name: string,
  use: (panel: Locator) => Promise<T>,
): Promise<T> {
  await onCanvas(page, name).dblclick({ position: { x: 48, y: 48 } });
  const panel = byId(page, 'node-parameters').first();
  await panel.waitFor();
  const result = await use(panel);
  await byId(page, 'ndv-close-button').click();
  await panel.waitFor({ state: 'detached' });
  return result;
}

const FIRST_SETTING = 'Always Output Data';

/** The names of a panel's fields, from top to bottom; not those of the Settings beside them. */
export async function labels(panel: Locator): Promise<string[]> {
  const all = panel.locator('[data-test-id="credentials-label"], [data-test-id="input-label"]');
  // The first of the Settings: once it is there, so are the fields above it.
  await all.filter({ hasText: FIRST_SETTING }).first().waitFor({ state: 'attached' });
  const names = (await all.allInnerTexts()).map((text) => text.split('\n')[0]!.trim());
  return names.slice(0, names.indexOf(FIRST_SETTING));
}
