import type { INodeProperties } from 'n8n-workflow';
import * as get from './get';

export const operations: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  displayOptions: { show: { resource: ['visitor'] } },
  options: [
    {
      name: 'Get',
      value: 'get',
      action: 'Get the visitor',
      description: 'Get who the visitor of a conversation is, and which session is theirs',
    },
  ],
  default: 'get',
};

export const fields = get.fields;

export const execute = { get: get.execute };
