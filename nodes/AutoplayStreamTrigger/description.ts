import type { INodeTypeDescription } from 'n8n-workflow';
import { options } from './options';

export const CREDENTIAL = 'autoplayConnectorApi';

const TRY_IT =
  '<b>While building your workflow</b>, click the test button and then click around in your product. The first activity that arrives shows up in this editor.';

/** What the editor shows of the node. */
export const description: INodeTypeDescription = {
  displayName: 'Autoplay Stream Trigger',
  name: 'autoplayStreamTrigger',
  icon: { light: 'file:autoplay.svg', dark: 'file:autoplay.dark.svg' },
  group: ['trigger'],
  version: 1,
  subtitle: 'Live activity of visitors',
  description: 'Starts when visitors do something in your product, with what each of them did',
  eventTriggerDescription: 'Waiting for activity: click around in your product',
  activationMessage:
    'The workflow now follows what visitors do in your product. Click around in it to see executions.',
  defaults: { name: 'Autoplay Stream Trigger' },
  inputs: [],
  outputs: ['main'],
  credentials: [{ name: CREDENTIAL, required: true, testedBy: 'autoplayConnectorTest' }],
  triggerPanel: {
    header: 'Listen to your product',
    executionsHelp: {
      inactive: `${TRY_IT}<br /><br /><b>Once you are happy with your workflow</b>, publish it: then it listens all the time. Its executions show up in the <a data-key='executions'>executions list</a>, but not in the editor.`,
      active: `${TRY_IT}<br /><br /><b>Your workflow also listens by itself</b>, since it is published. Those executions show up in the <a data-key='executions'>executions list</a>, but not in the editor.`,
    },
    activationHint:
      'Once you have finished building your workflow, publish it to have it listen all the time.',
  },
  properties: [
    {
      displayName:
        'Each item is one session: who the visitor is, as far as is known, and the actions since the item before. Sessions that act at the same time share an execution.',
      name: 'itemsNotice',
      type: 'notice',
      default: '',
    },
    options,
  ],
};
