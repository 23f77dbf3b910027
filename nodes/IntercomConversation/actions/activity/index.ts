import type { INodeProperties } from 'n8n-workflow';
import * as deliver from './deliver';
import * as replaceWithSummary from './replaceWithSummary';

export const operations: INodeProperties = {
  displayName: 'Operation',
  name: 'operation',
  type: 'options',
  noDataExpression: true,
  displayOptions: { show: { resource: ['activity'] } },
  options: [
    {
      name: 'Deliver',
      value: 'deliver',
      action: 'Deliver activity',
      description:
        'Post what the visitor did and the conversation has not been told yet, as a note',
    },
    {
      name: 'Replace With Summary',
      value: 'replaceWithSummary',
      action: 'Replace activity with its summary',
      description: 'Post the summary as a note, then redact the activity notes it covers',
    },
  ],
  default: 'deliver',
};

export const fields = [...deliver.fields];

export const execute = {
  deliver: deliver.execute,
  replaceWithSummary: replaceWithSummary.execute,
};
