import type { INodeProperties } from 'n8n-workflow';
import { INTERCOM_TOPICS } from '../../core/intercom/webhook';
import { notice } from '../shared/operations/fields';
import { storageFields } from '../shared/memory/fields';

const { created: CREATED, replied: REPLIED, ...teammates } = INTERCOM_TOPICS;

/** Events that notes follow, where Deliver Activity has a pace. */
const TEAMMATES: Record<keyof typeof teammates, [name: string, action: string, done: string]> = {
  teammateReplied: ['Teammate Replied', 'On reply from teammate', 'wrote in a conversation'],
  closed: ['Conversation Closed', 'On closed conversation', 'closed a conversation'],
  snoozed: ['Conversation Snoozed', 'On snoozed conversation', 'snoozed a conversation'],
  opened: ['Conversation Reopened', 'On reopened conversation', 'opened a conversation again'],
  unsnoozed: ['Conversation Unsnoozed', 'On unsnoozed conversation', 'ended a snooze'],
};
const ofTeammates = Object.entries(TEAMMATES).map(([key, [name, action, done]]) => {
  const value = teammates[key as keyof typeof teammates];
  return { name, value, action, description: `A teammate ${done}. Topic: ${value}.` };
});

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
    ...ofTeammates,
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
  ...storageFields,
];
