import type { INodeProperties } from 'n8n-workflow';
import type { Actions, Outputs } from '../actions';
import { memoryFields } from '../memory/fields';
import * as deliver from './deliver';
import { replaceIn } from './replaceWithSummary';
import type { DestinationOf } from './setUp';

/** The resource Activity, which is the same in every chat product. */
export function activityActions(destinationOf: DestinationOf): Actions {
  return {
    operations,
    fields: [...deliver.fields, ...memoryFields.map(ofActivity)],
    execute: {
      deliver: deliver.deliverTo(destinationOf),
      replaceWithSummary: replaceIn(destinationOf),
    },
  };
}

/** The outputs of Deliver. */
export const activityOutputs: Outputs = {
  resource: 'activity',
  operation: 'deliver',
  outputs: deliver.outputs,
};

const operations: INodeProperties = {
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
      description: 'Post what the visitor has done since the last note, as a note',
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

function ofActivity(field: INodeProperties): INodeProperties {
  const show = { ...field.displayOptions?.show, resource: ['activity'] };
  return { ...field, displayOptions: { show } };
}
