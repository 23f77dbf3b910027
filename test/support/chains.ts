import { randomUUID } from 'node:crypto';
import type { CredentialMap, Rest, WorkflowNode } from '../../tools/n8n';

export interface Step {
  type: string;
  parameters: object;
  onError?: string;
}

/** Makes small workflows of a few nodes behind n8n's Webhook node, each published and ready to run. */
export function createChains({ rest, credentials }: { rest: Rest; credentials: CredentialMap }) {
  let workflows = 0;
  // A memory outlives the workflows that used it, and the next test file may borrow the same n8n.
  const own = randomUUID();

  /** Publishes Webhook → the given nodes, one after the other; returns how to run it with a body. */
  async function chain(...steps: Step[]) {
    const id = `chain-${++workflows}`;
    const webhook = {
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2,
      webhookId: id,
      parameters: {
        path: id,
        httpMethod: 'POST',
        responseMode: 'lastNode',
        responseData: 'allEntries',
      },
    };
    // What came in is in `body`; our nodes look at the item itself.
    const unwrap = {
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      parameters: { mode: 'raw', jsonOutput: '={{ JSON.stringify($json.body) }}' },
    };
    const nodes = [webhook, unwrap, ...steps].map((step, i) => ({
      id: `${id}-${i}`,
      name: `Step ${i}`,
      typeVersion: 1,
      position: [i * 200, 0] as [number, number],
      ...step,
    })) as unknown as WorkflowNode[];
    const connections = Object.fromEntries(
      nodes
        .slice(1)
        .map(({ name }, i) => [
          nodes[i]!.name,
          { main: [[{ node: name, type: 'main', index: 0 }]] },
        ]),
    );
    const json = { name: id, nodes, connections, settings: { executionOrder: 'v1' } };
    const workflow = await rest.importWorkflow(json, { credentials });
    await rest.publish(workflow.id);
    const url = await rest.webhookUrl(workflow, 'Step 0');
    return async (body: object): Promise<any> => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      return await response.json();
    };
  }

  /** A Session Memory step; all steps of the workflow being made share a memory of their own. */
  const memory = (parameters: object): Step => ({
    type: 'n8n-nodes-autoplay.autoplaySessionMemory',
    parameters: { ...memoryOf(), ...parameters },
  });
  /** The parameters that name the memory of the workflow being made. */
  const memoryOf = () => ({ memoryScope: 'named', memoryName: `memory ${own} ${workflows}` });
  return { chain, memory, memoryOf };
}

export type Chains = ReturnType<typeof createChains>;
