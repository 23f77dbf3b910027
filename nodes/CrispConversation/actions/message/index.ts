import type { INodeProperties } from 'n8n-workflow';
import * as sendOperatorReply from './sendOperatorReply';
import * as showTyping from './showTyping';

export const operations: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  displayOptions: { show: { resource: ['message'] } },
  options: [
    {
      name: 'Send Operator Reply',
      value: 'sendOperatorReply',
      action: 'Send an operator reply',
      description: 'Send a message that the visitor sees',
    },
    {
      name: 'Show Typing',
      value: 'showTyping',
      action: 'Show that an answer is being typed',
      description: 'Show the visitor that an answer is on its way',
    },
  ],
  default: 'sendOperatorReply',
};

export const fields = [...sendOperatorReply.fields, ...showTyping.fields];

export const execute = {
  sendOperatorReply: sendOperatorReply.execute,
  showTyping: showTyping.execute,
};
