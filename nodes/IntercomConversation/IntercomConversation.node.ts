import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type ILoadOptionsFunctions,
  type INodeExecutionData,
  type INodeProperties,
  type INodePropertyOptions,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { outputsOf, runAction } from '../shared/actions';
import { activityOutputs } from '../shared/activity';
import { intercomFor } from '../shared/intercom';
import { memoryCredential } from '../shared/memory/fields';
import { orOneMessage } from '../shared/nodeErrors';
import { inPanelOrder } from '../shared/panel';
import { actions } from './actions';
import { intercomConversationTest } from './credentialTest';

const author: INodeProperties = {
  displayName: 'Author Name or ID',
  name: 'adminId',
  type: 'options',
  typeOptions: { loadOptionsMethod: 'getAdmins' },
  displayOptions: { hide: { operation: ['redact'] } },
  default: '',
  description:
    'Whom notes and replies come from; left empty, the admin the access token belongs to. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

/** What happens in an Intercom conversation: activity and summaries as notes, and replies. */
export class IntercomConversation implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Intercom Conversation',
    name: 'intercomConversation',
    icon: { light: 'file:intercom.svg', dark: 'file:intercom.dark.svg' },
    group: ['output'],
    version: 1,
    subtitle:
      '={{ ({ deliver: "Deliver Activity", replaceWithSummary: "Replace With Summary", post: "Post Note", redact: "Redact Note", reply: "Reply" })[$parameter.operation] }}',
    description:
      'Notes with live activity, summaries and replies in an Intercom conversation, and a trigger for when a visitor writes',
    defaults: { name: 'Intercom Conversation' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: outputsOf(activityOutputs),
    credentials: [
      { name: 'intercomConversationApi', required: true, testedBy: 'intercomConversationTest' },
      {
        ...memoryCredential,
        displayOptions: { show: { resource: ['activity'] } },
      },
    ],
    properties: [
      {
        displayName: 'Resource',
        name: 'resource',
        type: 'options',
        noDataExpression: true,
        options: [
          { name: 'Activity', value: 'activity' },
          { name: 'Message', value: 'message' },
          { name: 'Note', value: 'note' },
        ],
        default: 'activity',
      },
      ...Object.values(actions).map(({ operations }) => operations),
      ...inPanelOrder([...Object.values(actions).flatMap(({ fields }) => fields), author]),
    ],
  };

  methods = {
    credentialTest: { intercomConversationTest },
    loadOptions: {
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
    return await runAction(this, actions);
  }
}
