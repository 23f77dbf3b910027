import type { INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import * as claimActivity from './claimActivity';
import * as forget from './forget';
import * as link from './link';
import * as markDelivered from './markDelivered';
import * as markNotDelivered from './markNotDelivered';
import * as recall from './recall';
import * as remember from './remember';

/** By the value of the dropdown. */
export const operations = {
  claimActivity,
  forget,
  link,
  markDelivered,
  markNotDelivered,
  recall,
  remember,
};

export const operation: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'Claim Activity',
      value: 'claimActivity',
      action: 'Claim activity',
      description:
        'Get what a conversation has not been told yet, as a note that another node posts',
    },
    {
      name: 'Forget',
      value: 'forget',
      action: 'Forget a session or a person',
      description: 'Erase a session, or everything of a user or email address',
    },
    {
      name: 'Link',
      value: 'link',
      action: 'Link a conversation to its session',
      description: 'Note which session a conversation belongs to',
    },
    {
      name: 'Mark as Delivered',
      value: 'markDelivered',
      action: 'Mark activity as delivered',
      description: 'Note that a claimed note stands in its conversation',
    },
    {
      name: 'Mark as Not Delivered',
      value: 'markNotDelivered',
      action: 'Mark activity as not delivered',
      description: 'Give a claimed note back, so that what it tells is not lost',
    },
    {
      name: 'Recall',
      value: 'recall',
      action: 'Recall what a visitor has been doing',
      description: 'Get the latest actions of a visitor, and a summary of what came before',
    },
    {
      name: 'Remember',
      value: 'remember',
      action: 'Remember actions',
      description: 'Store the actions that come in, each one once',
    },
  ],
  default: 'remember',
};

export const fields = Object.values(operations).flatMap(({ description }) => description);

/** The node's outputs, which depend on whether it hands something out. */
export const outputs: INodeTypeDescription['outputs'] = `={{ $parameter.operation === 'claimActivity' ? ${JSON.stringify(claimActivity.outputs)} : ['main'] }}`;
