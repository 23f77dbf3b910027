import type { INodeProperties } from 'n8n-workflow';
import type { Outputs } from '../../../shared/actions';
import * as checkForOperator from './checkForOperator';
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
      name: 'Check for Operator',
      value: 'checkForOperator',
      action: 'Check for an operator',
      description: 'Find out whether an operator has taken over the conversation',
    },
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

export const fields = [
  ...checkForOperator.fields,
  ...sendOperatorReply.fields,
  ...showTyping.fields,
];

export const checkOutputs: Outputs = {
  resource: 'message',
  operation: 'checkForOperator',
  outputs: checkForOperator.outputs,
};

export const execute = {
  checkForOperator: checkForOperator.execute,
  sendOperatorReply: sendOperatorReply.execute,
  showTyping: showTyping.execute,
};
