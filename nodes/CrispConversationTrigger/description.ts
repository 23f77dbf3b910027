import type { INodeProperties } from 'n8n-workflow';
import { notice } from '../shared/operations/fields';

export const events: INodeProperties = {
  displayName: 'Events',
  name: 'events',
  type: 'multiOptions',
  required: true,
  options: [
    {
      name: 'Email Set',
      value: 'session:set_email',
      action: 'On the email address of a visitor',
      description: "The visitor's email address became known",
    },
    {
      name: 'Message Updated',
      value: 'message:updated',
      action: 'On a choice of a visitor',
      description:
        'A visitor chose something in a picker or filled in a field. With Picker or Field among the Message Types, only in these.',
    },
    {
      name: 'Operator Wrote',
      value: 'message:received',
      action: 'On a message of an operator',
      description: 'A person answered. Messages of bots, such as your own replies, never start it.',
    },
    {
      name: 'Session Data Set',
      value: 'session:set_data',
      action: 'On session data from the site',
      description: "The site's snippet set who the visitor is",
    },
    {
      name: 'State Changed',
      value: 'session:set_state',
      action: 'On a conversation resolved or opened again',
      description: 'A conversation was resolved or opened again',
    },
    {
      name: 'Visitor Wrote',
      value: 'message:send',
      action: 'On a message of a visitor',
      description: 'A visitor wrote in the chatbox, not by email or another messenger',
    },
  ],
  default: ['message:send'],
  description: 'What starts the workflow. The hook in Crisp must have the same events ticked.',
};

export const messageTypes: INodeProperties = {
  displayName: 'Message Types',
  name: 'messageTypes',
  type: 'multiOptions',
  required: true,
  displayOptions: {
    show: { events: ['message:send', 'message:received', 'message:updated'] },
  },
  options: [
    { name: 'Animation', value: 'animation' },
    { name: 'Audio', value: 'audio' },
    { name: 'Field', value: 'field', description: 'A question with room for an answer' },
    { name: 'File', value: 'file' },
    { name: 'Note', value: 'note', description: 'Internal, between operators' },
    { name: 'Picker', value: 'picker', description: 'A question with choices' },
    { name: 'Text', value: 'text' },
  ],
  default: ['text'],
  description: 'Which messages start the workflow. Texts and notes without any words never do.',
};

export const properties: INodeProperties[] = [
  notice(
    'setupNotice',
    `To be done in Crisp, once the workflow is published: open Settings → Workspace Settings → Advanced configuration → Web Hooks.
      <ul>
        <li>URL: the Production URL, under Webhook URLs above, followed by ?key= and the credential's Webhook Secret</li>
        <li>Events: message:send, and all others that are chosen below</li>
      </ul>
      With a plugin: in the plugin's settings in the Marketplace, and without the key; the Webhook Secret is its signing secret. Without a secret the workflow cannot be published.`,
  ),
  events,
  messageTypes,
];
