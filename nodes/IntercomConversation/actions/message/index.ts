import type { INodeProperties } from 'n8n-workflow';
import * as reply from './reply';

export const operations: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  displayOptions: { show: { resource: ['message'] } },
  options: [
    {
      name: 'Reply',
      value: 'reply',
      action: 'Reply to the visitor',
      description: 'Send a message that the visitor sees',
    },
  ],
  default: 'reply',
};

export const fields = [...reply.fields];

export const execute = { reply: reply.execute };
