import type { INodeProperties } from 'n8n-workflow';
import { OFFER_EVENTS } from '../../core/crisp/webhook';
import { notice } from '../shared/operations/fields';
import { storageFields } from '../shared/memory/fields';

export const events: INodeProperties = {
  displayName: 'Trigger On',
  name: 'events',
  type: 'multiOptions',
  required: true,
  // The event that every workflow needs comes first.
  options: [
    {
      name: 'Visitor Wrote',
      value: 'message:send',
      action: 'On message from visitor',
      description: 'A visitor wrote in the chatbox, not by email or another messenger',
    },
    {
      name: 'Email Set',
      value: 'session:set_email',
      action: 'On email address set',
      description: "The visitor's email address became known",
    },
    {
      name: 'Message Updated',
      value: 'message:updated',
      action: 'On picker or field answered',
      description:
        'A visitor answered a picker or field. With Picker or Field among the Message Types, only these.',
    },
    {
      name: 'Offer Answered',
      value: OFFER_EVENTS.answered,
      action: 'On choice in an offer',
      description:
        'A visitor tapped a choice of an offer, once for each choice. In Crisp: message:updated.',
    },
    {
      name: 'Offer Seen',
      value: OFFER_EVENTS.seen,
      action: 'On offer read',
      description:
        'A visitor read an offer, or a reply of this token. In Crisp: message:acknowledge:read:send and message:acknowledge:read:received.',
    },
    {
      name: 'Operator Wrote',
      value: 'message:received',
      action: 'On message from operator',
      description:
        'A person answered. Messages from bots, including your own replies, never start the workflow.',
    },
    {
      name: 'Session Data Set',
      value: 'session:set_data',
      action: 'On session data set',
      description: "Your site's snippet set session data",
    },
    {
      name: 'State Changed',
      value: 'session:set_state',
      action: 'On conversation state changed',
      description: 'A conversation was resolved or reopened',
    },
  ],
  default: ['message:send'],
  description: 'The events that start the workflow. Tick the same events for the hook in Crisp.',
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
  description: 'The kinds of messages that start the workflow. Blank texts and notes never do.',
};

export const properties: INodeProperties[] = [
  notice(
    'setupNotice',
    `After you publish the workflow, open Settings → Workspace Settings → Advanced configuration → <a href="https://docs.crisp.chat/guides/web-hooks/website-hooks" target="_blank">Web Hooks</a> in Crisp:
      <ul>
        <li>URL: the Production URL, under Webhook URLs above, followed by ?key= and the credential's Webhook Secret</li>
        <li>Events: those chosen below, such as message:send</li>
      </ul>
      With a plugin, use its settings in the Marketplace, without the key; the Webhook Secret is its signing secret. To identify the visitor, add <b>Crisp Conversation: Get Visitor</b> next.`,
  ),
  events,
  messageTypes,
  ...storageFields,
];
