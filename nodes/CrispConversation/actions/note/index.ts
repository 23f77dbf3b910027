import type { INodeProperties } from 'n8n-workflow';
import * as remove from './delete';
import * as post from './post';

export const operations: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  displayOptions: { show: { resource: ['note'] } },
  options: [
    {
      name: 'Delete',
      value: 'delete',
      action: 'Delete a note',
      description: 'Take a note away, for good',
    },
    {
      name: 'Post',
      value: 'post',
      action: 'Post a note',
      description: 'Write an internal note that only operators see',
    },
  ],
  default: 'post',
};

export const fields = [...post.fields, ...remove.fields];

export const execute = { post: post.execute, delete: remove.execute };
