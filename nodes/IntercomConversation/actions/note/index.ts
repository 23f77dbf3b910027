import type { INodeProperties } from 'n8n-workflow';
import * as post from './post';
import * as redact from './redact';

export const operations: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  displayOptions: { show: { resource: ['note'] } },
  options: [
    {
      name: 'Post',
      value: 'post',
      action: 'Post a note',
      description: 'Write an internal note that only teammates see',
    },
    {
      name: 'Redact',
      value: 'redact',
      action: 'Redact a note',
      description: 'Blank a note, for good',
    },
  ],
  default: 'post',
};

export const fields = [...post.fields, ...redact.fields];

export const execute = { post: post.execute, redact: redact.execute };
