import type { INodeType } from 'n8n-workflow';
import { AutoplayContextServer } from '../../nodes/AutoplayContextServer/AutoplayContextServer.node';
import { AutoplayPushTrigger } from '../../nodes/AutoplayPushTrigger/AutoplayPushTrigger.node';
import { CrispConversationTrigger } from '../../nodes/CrispConversationTrigger/CrispConversationTrigger.node';
import { IntercomConversationTrigger } from '../../nodes/IntercomConversationTrigger/IntercomConversationTrigger.node';
import { PosthogActivityTrigger } from '../../nodes/PosthogActivityTrigger/PosthogActivityTrigger.node';
import { serveWebhook } from '../support/webhookServer';

it.each<[string, number, INodeType]>([
  ['AutoplayContextServer', 401, new AutoplayContextServer()],
  ['AutoplayPushTrigger', 403, new AutoplayPushTrigger()],
  ['CrispConversationTrigger', 403, new CrispConversationTrigger()],
  ['IntercomConversationTrigger', 403, new IntercomConversationTrigger()],
  ['PosthogActivityTrigger', 403, new PosthogActivityTrigger()],
])('%s reads its credential once for requests that come together', async (_, status, node) => {
  let reads = 0;
  const server = await serveWebhook(node, () => ({
    credential: { tokenSecret: 'a secret that no request here is signed with' },
    typeVersion: 1.1,
    onRead: () => (reads += 1),
  }));
  try {
    const asking = Array.from({ length: 5 }, () =>
      fetch(server.url, { method: 'POST', body: '{}' }),
    );
    const statuses = (await Promise.all(asking)).map((response) => response.status);
    expect(statuses).toEqual(asking.map(() => status));
    expect(reads).toBe(1);
  } finally {
    await server.close();
  }
});
