import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { memoryCredential, memoryFields } from '../shared/memory/fields';
import { getMemories } from '../shared/memory/names';
import { asNodeError } from '../shared/nodeErrors';
import { notice } from '../shared/operations/fields';
import { detectMoments } from './detect';
import { rulesField } from './rules';

/** Notices when a visitor gets stuck, or does something else that calls for help. */
// An agent that called it as its tool would use up the moments of the flow.
// eslint-disable-next-line @n8n/community-nodes/node-usable-as-tool
export class AutoplayDetectMoments implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Detect Moments',
    name: 'autoplayDetectMoments',
    icon: { light: 'file:moments.svg', dark: 'file:moments.dark.svg' },
    group: ['transform'],
    // The version whose fields the other nodes have.
    version: 1.1,
    subtitle:
      '={{ ($parameter.rules?.rule ?? []).length + (($parameter.rules?.rule ?? []).length === 1 ? " rule" : " rules") }}',
    description:
      'Notice when a visitor gets stuck, goes in circles or gives up: one item for each moment',
    defaults: { name: 'Autoplay Detect Moments' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [{ type: NodeConnectionTypes.Main, displayName: 'Moments' }],
    credentials: [memoryCredential],
    properties: [
      notice(
        'momentsNotice',
        'Comes after <b>Session Memory: Remember</b>, and also fires while nobody acts. Each rule fires once per session, and each moment is an item. Next, let <b>Make an Offer</b> decide whether to offer help.',
      ),
      rulesField,
      ...memoryFields,
    ],
  };

  methods = { loadOptions: { getMemories } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    try {
      return [await detectMoments(this)];
    } catch (error) {
      throw asNodeError(this.getNode(), error);
    }
  }
}
