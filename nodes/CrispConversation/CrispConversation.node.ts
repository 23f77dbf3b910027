import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeProperties,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { outputsOf, runAction } from '../shared/actions';
import { activityOutputs } from '../shared/activity';
import { memoryCredential } from '../shared/memory/fields';
import { inPanelOrder } from '../shared/panel';
import { actions } from './actions';
import { checkOutputs } from './actions/message';
import { crispConversationTest } from './credentialTest';

const author: INodeProperties = {
  displayName: 'Author Nickname',
  name: 'noteNickname',
  type: 'string',
  displayOptions: {
    show: {
      resource: ['activity', 'note'],
      operation: ['deliver', 'replaceWithSummary', 'post'],
    },
  },
  default: 'Autoplay',
  description: 'Whom notes come from; left empty, the website',
};

/** What happens in a Crisp conversation: replies, activity and summaries as notes, who the visitor is. */
export class CrispConversation implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Crisp Conversation',
    name: 'crispConversation',
    icon: { light: 'file:crisp.svg', dark: 'file:crisp.dark.svg' },
    group: ['output'],
    version: 1,
    subtitle:
      '={{ ({ deliver: "Deliver Activity", replaceWithSummary: "Replace With Summary", checkForOperator: "Check for Operator", sendOperatorReply: "Send Operator Reply", showTyping: $parameter.typing === "stop" ? "Stop Typing" : "Show Typing", post: "Post Note", delete: "Delete Note", get: "Get Visitor" })[$parameter.operation] }}',
    description:
      'Replies, notes with live activity and summaries in a Crisp conversation, and a trigger for when a visitor writes',
    defaults: { name: 'Crisp Conversation' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: outputsOf(activityOutputs, checkOutputs),
    credentials: [
      { name: 'crispConversationApi', required: true, testedBy: 'crispConversationTest' },
      { ...memoryCredential, displayOptions: { show: { resource: ['activity'] } } },
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
          { name: 'Visitor', value: 'visitor' },
        ],
        default: 'message',
      },
      ...Object.values(actions).map(({ operations }) => operations),
      ...inPanelOrder([...Object.values(actions).flatMap(({ fields }) => fields), author]),
    ],
  };

  methods = { credentialTest: { crispConversationTest } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runAction(this, actions);
  }
}
