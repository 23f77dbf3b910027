import { admins, demo, startSimulators, type Simulators } from '../../simulators';
import { runWorkflow } from '../support/runWorkflow';

// Whom notes about activity come from, with n8n's own engine.

let simulators: Simulators;
beforeAll(async () => void (simulators = await startSimulators({ lively: false })));
afterAll(() => simulators.stop());

it('each session is told by the author that its own item names', async () => {
  const authors = admins.slice(0, 2).map(({ id }) => id);
  const conversations = authors.map(
    (id) => simulators.intercom.visitorStarts({ external_id: `of ${id}`, text: 'Hi' }).id,
  );
  const node = { typeVersion: 1, position: [0, 0] as [number, number] };
  const run = await runWorkflow(
    {
      name: 'authors',
      nodes: [
        {
          ...{ ...node, id: 'a1', name: 'Remember' },
          type: 'n8n-nodes-autoplay.autoplaySessionMemory',
          parameters: { operation: 'remember' },
        },
        {
          ...{ ...node, id: 'a2', name: 'Deliver' },
          type: 'n8n-nodes-autoplay.intercomConversation',
          parameters: { operation: 'deliver', adminId: '={{ $json.user_id }}' },
        },
      ],
      connections: { Remember: { main: [[{ node: 'Deliver', type: 'main', index: 0 }]] } },
    },
    {
      start: 'Remember',
      items: authors.map((user_id, i) => ({
        ...{ type: 'actions', product_id: 'p', session_id: `s${i}`, user_id, forwarded_at: 1 },
        conversation_id: conversations[i]!,
        actions: [{ description: 'clicked Save' }],
      })),
      credentials: {
        intercomConversationApi: {
          accessToken: demo.intercomToken,
          region: 'custom',
          baseUrl: simulators.urls.intercom,
        },
      },
    },
  );
  expect(run.status).toBe('success');
  const notes = conversations.map((id) => simulators.intercom.conversation(id).parts);
  expect(notes.map((parts) => parts.map(({ author }) => author.id))).toEqual(
    authors.map((id) => [id]),
  );
});
