import type { INodeProperties } from 'n8n-workflow';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { notice } from '../shared/operations/fields';

const [CREATED, REPLIED] = INTERCOM_TOPICS;

export const events: INodeProperties = {
  displayName: 'Trigger On',
  name: 'events',
  type: 'multiOptions',
  required: true,
  options: [
    {
      name: 'Conversation Started',
      value: CREATED,
      action: 'On new conversation',
      description: `A visitor started a conversation. Topic: ${CREATED}.`,
    },
    {
      name: 'Visitor Replied',
      value: REPLIED,
      action: 'On reply from visitor',
      description: `A visitor wrote again in a conversation. Topic: ${REPLIED}.`,
    },
  ],
  default: [CREATED, REPLIED],
  description: 'The events that start the workflow. Add their topics to the webhook in Intercom.',
};

export const properties: INodeProperties[] = [
  notice(
    'setupNotice',
    `After you publish the workflow, open <a href="https://app.intercom.com/a/apps/_/developer-hub" target="_blank">Developer Hub</a> → your app → Webhooks in Intercom:
      <ul>
        <li>Endpoint URL: the Production URL, under Webhook URLs above</li>
        <li>Topics: those of the events chosen below</li>
      </ul>
      The credential needs the app's Client Secret. To link visitors to conversations, add <b>Autoplay Session Memory: Link</b> next.`,
  ),
  events,
  {
    ...notice(
      'startedOnlyNotice',
      'Visitors who write again start nothing. To link every conversation, add <b>Visitor Replied</b>.',
    ),
    displayOptions: { hide: { events: [REPLIED] } },
  },
  {
    ...notice(
      'repliedOnlyNotice',
      'New conversations start nothing. To link every conversation, add <b>Conversation Started</b>.',
    ),
    displayOptions: { hide: { events: [CREATED] } },
  },
];
