import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { memoryCredential, STORAGE_VERSIONS } from '../shared/memory/fields';
import { getMemories } from '../shared/memory/names';
import { crispConversationTest } from './credentialTest';
import { router } from './operations';

/** What happens in a Crisp conversation: replies, activity and summaries as notes, who the visitor is. */
export class CrispConversation implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Crisp Conversation',
    name: 'crispConversation',
    icon: { light: 'file:crisp.svg', dark: 'file:crisp.dark.svg' },
    group: ['output'],
    // 1.1: Replace With Summary keeps the latest actions, and the memory's credential is asked for only if that is wanted.
    version: STORAGE_VERSIONS,
    subtitle: router.subtitle,
    description: 'Send replies, post live activity and identify visitors in Crisp conversations',
    defaults: { name: 'Crisp Conversation' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: router.outputs,
    credentials: [
      { name: 'crispConversationApi', required: true, testedBy: 'crispConversationTest' },
      {
        ...memoryCredential,
        displayOptions: {
          ...memoryCredential.displayOptions,
          show: { resource: ['activity', 'offer'] },
        },
      },
    ],
    properties: router.properties,
  };

  methods = { credentialTest: { crispConversationTest }, loadOptions: { getMemories } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await router.execute(this);
  }
}
