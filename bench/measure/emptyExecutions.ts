import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../types';
import { askAll } from './askers';
import type { CostStage } from './costStage';
import { plainWebhook } from './plainWebhook';
import { publish } from './services';

/** What n8n takes for executions that do nothing. */
export interface EmptyExecutions {
  /** CPU of each, in milliseconds. */
  cpuMs: number;
  /** How many a second, while requests or events came. */
  perSecond: number;
  /** What is left of each in n8n's database, in bytes. */
  bytes: number;
}

const AT_ONCE = 8;
/** Events a second, each of a session of its own; the trigger starts an execution for each, or for those that come together. */
const RATE = 100;

/**
 * Measures workflows of one node that is connected to nothing: n8n's Webhook node and this package's trigger, which keep
 * no executions that succeed. Ends the stage's own workflow.
 *
 * @param idle the share of a core that n8n takes anyway
 */
export async function measureEmpty(
  stage: CostStage,
  idle: number,
  { count, progress, signal }: { count: number } & Pick<Run, 'progress' | 'signal'>,
): Promise<Record<'webhook' | 'trigger', EmptyExecutions>> {
  await stage.rest.unpublish(stage.workflow.id);
  const measure = async (node: 'webhook' | 'trigger') => {
    progress(`empty executions: ${node}`);
    const workflow = await publish(stage.rest, stage.urls, {
      workflow: stage.product,
      asShipped: true,
      change(json) {
        json.name = 'Empty';
        json.nodes =
          node === 'webhook'
            ? [plainWebhook]
            : json.nodes.filter(({ name }) => name === 'Autoplay Stream');
        json.connections = {};
        json.pinData = {};
      },
    });
    let seconds = 0;
    const run = async (times: number) => {
      const began = performance.now();
      if (node === 'trigger') await sendEach(stage, times, signal);
      else {
        const url = new URL(await stage.rest.webhookUrl(workflow, plainWebhook.name));
        const asking = { pid: stage.pid, atOnce: AT_ONCE, status: 200, signal };
        await askAll(url, () => 'none', { ...asking, count: times });
      }
      seconds = (performance.now() - began) / 1_000;
    };
    await stage.costOf(() => run(count / 4));
    const { cpuMs, wallMs, executions, n8nBytes } = await stage.costOf(() => run(count));
    await stage.rest.unpublish(workflow.id);
    return {
      cpuMs: (cpuMs - idle * wallMs) / executions,
      perSecond: executions / seconds,
      bytes: n8nBytes / executions,
    };
  };
  return { webhook: await measure('webhook'), trigger: await measure('trigger') };
}

/** Lets as many visitors do one thing each. */
async function sendEach({ newVisitor }: CostStage, count: number, signal: AbortSignal) {
  for (let sent = 0; sent < count; sent += 1) {
    newVisitor().act();
    await sleep(1_000 / RATE, null, { signal });
  }
}
