import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { demo } from '../../simulators';
import { pushHeaders } from '../../simulators/connector';
import type { StageOptions } from './stage';
import { createWorld } from './world';

/**
 * The Intercom workflow with a push trigger in the place of its stream trigger, and the product set to
 * push to it.
 *
 * @param parameters of the push trigger
 */
export async function createPushWorld(parameters: object = {}, options: StageOptions = {}) {
  const world = await createWorld({
    ...options,
    change(workflow) {
      const { nodes } = workflow;
      options.change?.(workflow);
      const node = nodes.find(({ name }) => name === 'Autoplay Stream');
      Object.assign(node!, { type: 'n8n-nodes-autoplay.autoplayPushTrigger', parameters });
    },
  });
  const url = await world.rest.webhookUrl(world.workflow, 'Autoplay Stream');
  const target = { url, secret: demo.pushSecret };
  world.connector.push(demo.productId, target);

  return {
    ...world,
    get n8n() {
      return world.n8n;
    },
    target,
    pusher: () => world.connector.pushed(demo.productId)!,
    /** Sends one body by hand; the status. */
    async post(body: string | Uint8Array, headers: Record<string, string> = {}) {
      const signed = { 'Content-Type': 'application/json', ...pushHeaders(body, target.secret) };
      const init = { method: 'POST', headers: { ...signed, ...headers }, body: body as string };
      return (await fetch(url, init)).status;
    },
    /** Makes the memory refuse new actions, as a full disk would; returns how to mend it. */
    breakMemory() {
      const file = join(world.userFolder, '.n8n/autoplay/memory.sqlite');
      const run = (sql: string) => {
        const database = new DatabaseSync(file, { timeout: 5_000 });
        database.exec(sql);
        database.close();
      };
      run(
        `create trigger broken before insert on autoplay_action begin select raise(abort, 'broken'); end`,
      );
      return () => run('drop trigger broken');
    },
  };
}

export type PushWorld = Awaited<ReturnType<typeof createPushWorld>>;
