import type { INodeProperties } from 'n8n-workflow';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { notice } from '../shared/operations/fields';

const [CREATED, REPLIED] = INTERCOM_TOPICS;

export const events: INodeProperties = {
  displayName: 'Events',
  name: 'events',
  type: 'multiOptions',
  required: true,
  options: [
    {
      name: 'Conversation Started',
      value: CREATED,
      action: 'On a new conversation',
      description: 'A visitor opened a new conversation',
    },
    {
      name: 'Visitor Replied',
      value: REPLIED,
      action: 'On a reply of a visitor',
      description: 'A visitor wrote in a conversation',
    },
  ],
  default: [CREATED, REPLIED],
  description: 'What starts the workflow. The webhook in Intercom must have the same topics.',
};

export const properties: INodeProperties[] = [
  notice(
    'setupNotice',
    `To be done in Intercom, once the workflow is published: open Developer Hub → your app → Webhooks.
      <ul>
        <li>Endpoint URL: the Production URL, under Webhook URLs above</li>
        <li>Topics: ${CREATED} and ${REPLIED}</li>
      </ul>
      The credential needs the app's Client Secret: without it the workflow cannot be published.`,
  ),
  events,
];
