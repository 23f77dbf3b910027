import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type ILoadOptionsFunctions,
  type INodeExecutionData,
  type INodePropertyOptions,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { intercomFor } from '../shared/intercom';
import { memoryCredential, STORAGE_VERSIONS } from '../shared/memory/fields';
import { getMemories } from '../shared/memory/names';
import { orOneMessage } from '../shared/nodeErrors';
import { intercomConversationTest } from './credentialTest';
import { router } from './operations';

/** What happens in an Intercom conversation: activity and summaries as notes, and replies. */
export class IntercomConversation implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Intercom Conversation',
    name: 'intercomConversation',
    icon: { light: 'file:intercom.svg', dark: 'file:intercom.dark.svg' },
    group: ['output'],
    // 1.1: Replace With Summary keeps the latest actions, and the memory's credential is asked for only if that is wanted.
    version: STORAGE_VERSIONS,
    subtitle: router.subtitle,
    description: 'Post live activity, summaries and replies in Intercom conversations',
    defaults: { name: 'Intercom Conversation' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: router.outputs,
    credentials: [
      { name: 'intercomConversationApi', required: true, testedBy: 'intercomConversationTest' },
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

  methods = {
    credentialTest: { intercomConversationTest },
    loadOptions: {
      getMemories,
      async getAdmins(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
        const { api } = await intercomFor(this);
        const admins = await orOneMessage(this.getNode(), api.admins());
        const options = admins.map(({ id, name, email }) => ({
          name: email ? `${name} (${email})` : name,
          value: id,
        }));
        return [{ name: "Access Token's Own Admin", value: '' }, ...options];
      },
    },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await router.execute(this);
  }
}
