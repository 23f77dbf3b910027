import { admins, demo } from '../../simulators/demo';
import type { WorkflowJson } from '../../tools/n8n';

/**
 * What is possible without this package: n8n's SSE Trigger starts an execution per event, and an HTTP
 * Request posts a note for it. No memory, no summaries, no order; the event has to name its conversation.
 */
export function sseWorkflow({
  stream,
  intercom,
}: {
  stream: string;
  intercom: string;
}): WorkflowJson {
  const header = (name: string, value: string) => ({ name, value });
  return {
    name: 'SSE Trigger to HTTP Request',
    nodes: [
      {
        id: 'sse',
        name: 'SSE Trigger',
        type: 'n8n-nodes-base.sseTrigger',
        typeVersion: 1,
        position: [0, 0],
        parameters: { url: stream },
      },
      {
        id: 'post',
        name: 'Post Note',
        type: 'n8n-nodes-base.httpRequest',
        typeVersion: 4.2,
        position: [300, 0],
        parameters: {
          method: 'POST',
          url: `=${intercom}/conversations/{{ $json.conversation_id }}/reply`,
          sendHeaders: true,
          headerParameters: {
            parameters: [
              header('Authorization', `Bearer ${demo.intercomToken}`),
              header('Intercom-Version', '2.14'),
            ],
          },
          sendBody: true,
          specifyBody: 'json',
          jsonBody: `={{ JSON.stringify({ message_type: 'note', type: 'admin', admin_id: '${admins[0]!.id}', body: '<p>' + $json.actions[0].description + '</p>' }) }}`,
        },
      },
    ],
    connections: { 'SSE Trigger': { main: [[{ node: 'Post Note', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1' },
  };
}
