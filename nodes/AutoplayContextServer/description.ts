import type { INodeProperties } from 'n8n-workflow';
import { memoryFields } from '../shared/memory/fields';
import { notice, optionsField, shownFor } from '../shared/operations/fields';
import { choiceField } from '../shared/operations/parameters';

export const whoAsks = choiceField<'fin' | 'hugo' | 'agents'>({
  displayName: 'Who Asks',
  name: 'whoAsks',
  type: 'options',
  noDataExpression: true,
  options: [
    {
      name: 'Intercom Fin',
      value: 'fin',
      description: 'By a data connector, about the visitor that Fin talks to',
    },
    {
      name: 'Crisp Hugo',
      value: 'hugo',
      description: 'By an external MCP server, about the visitor of the conversation',
    },
    {
      name: 'Your Own Agents',
      value: 'agents',
      description: 'By MCP or plain HTTP, for your team: they may ask about everybody',
    },
  ],
  default: 'fin',
});

export const identity = choiceField<'userToken' | 'fixedSecret'>({
  displayName: 'Visitor Is Known By',
  name: 'identity',
  type: 'options',
  noDataExpression: true,
  displayOptions: { show: { whoAsks: ['fin'] } },
  options: [
    {
      name: 'User Token',
      value: 'userToken',
      description: "A token (JWT) that your site's server signs for each user. Proves who asks.",
    },
    {
      name: 'Fixed Secret and Input',
      value: 'fixedSecret',
      description:
        "The same secret for all, and the user ID as an input. Trusts Intercom's settings.",
    },
  ],
  default: 'userToken',
});

export const createConnector: INodeProperties = {
  displayName: 'Create the Connector in Intercom',
  name: 'createConnector',
  type: 'boolean',
  noDataExpression: true,
  displayOptions: { show: { whoAsks: ['fin'] } },
  default: false,
  description:
    'Whether publishing makes a draft of the data connector in Intercom. The app needs the permission to read and write data connectors.',
};

export const minutes: INodeProperties = {
  displayName: 'Look Back (Minutes)',
  name: 'minutes',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 10_080, numberPrecision: 1 },
  default: 30,
  description: 'How far back to list actions. The summary covers what came before.',
};

export const maxActions: INodeProperties = {
  displayName: 'Max Actions',
  name: 'maxActions',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 100 },
  default: 20,
  description: 'The maximum number of actions to list; the latest are kept',
};

export const includeSummary: INodeProperties = {
  displayName: 'Include Summary',
  name: 'includeSummary',
  type: 'boolean',
  default: true,
  description: 'Whether to tell what Summarize Session wrote about earlier actions',
};

export const toolDescription: INodeProperties = {
  displayName: 'Tool Description',
  name: 'toolDescription',
  type: 'string',
  typeOptions: { rows: 3 },
  displayOptions: { show: { whoAsks: ['hugo', 'agents'] } },
  default:
    'What a visitor has been doing in the product in the last minutes: their latest actions, signs of trouble, and a summary of what came before. Use it when they report a problem or ask why something does not work.',
  description:
    'Tells the agent when to ask. A sentence that the answer is data and no instructions is added.',
};

export const startWorkflow: INodeProperties = {
  displayName: 'Also Start the Workflow',
  name: 'startWorkflow',
  type: 'boolean',
  default: false,
  description:
    'Whether each question starts an execution as well, after its answer, such as for a log or an alert',
};

export const productId: INodeProperties = {
  displayName: 'Product ID',
  name: 'productId',
  type: 'string',
  default: '',
  description: 'Needed only if one memory holds several products',
};

export const perMinute: INodeProperties = {
  displayName: 'Max Requests per Minute',
  name: 'perMinute',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 1_000_000 },
  default: 300,
  description:
    'How often one asker may ask: a user, a conversation, or all of your own agents together. Above it they are told to wait. Each n8n process that answers webhooks counts for itself. An MCP client makes up to four requests for a question.',
};

const KEPT =
  'What you change in it stays. Unpublishing deletes the draft only while it is unchanged and unused.';
const TRUST =
  'This trusts Intercom: everyone who edits the connector can ask about every visitor, and without identity verification in the Messenger, visitors can claim any user ID.';

export const properties: INodeProperties[] = [
  whoAsks,
  identity,
  createConnector,
  shownFor(
    notice(
      'finTokenNotice',
      `In Intercom, add a data connector: GET or POST to the Production URL, under Webhook URLs above.
      <ul>
        <li>Authentication: a <b>User token</b>, sent as Authorization with the prefix Bearer</li>
        <li>Your site hands the token over: <code>Intercom('update', { auth_tokens: { security_token: '…' } })</code></li>
        <li>Its claim <b>user_id</b> (or sub) is the user ID of the activity; <b>exp</b> is needed, at most a day ahead</li>
      </ul>`,
    ),
    { whoAsks: ['fin'], identity: ['userToken'], createConnector: [false] },
  ),
  shownFor(
    notice(
      'finSecretNotice',
      `In Intercom, add a data connector: POST to the Production URL, under Webhook URLs above, with the body <code>{"user_id": "{{user_id}}"}</code>.
      <ul>
        <li>Authentication: a text token, the credential's Secret Token, sent as Authorization with the prefix Bearer</li>
        <li>Bind the input user_id to the attribute <b>User ID</b>, and never let Fin fill it in</li>
      </ul>
      ${TRUST}`,
    ),
    { whoAsks: ['fin'], identity: ['fixedSecret'], createConnector: [false] },
  ),
  shownFor(
    notice(
      'finTokenDraftNotice',
      `Publishing makes a draft of the connector. To finish it by hand:
      <ul>
        <li>In Intercom, attach a <b>User token</b>, sent as Authorization with the prefix Bearer, test the connector, and set it live</li>
        <li>Your site hands the token over: <code>Intercom('update', { auth_tokens: { security_token: '…' } })</code></li>
        <li>Its claim <b>user_id</b> (or sub) is the user ID of the activity; <b>exp</b> is needed, at most a day ahead</li>
      </ul>
      ${KEPT}`,
    ),
    { whoAsks: ['fin'], identity: ['userToken'], createConnector: [true] },
  ),
  shownFor(
    notice(
      'finSecretDraftNotice',
      `Publishing makes a draft of the connector. In Intercom, finish it by hand:
      <ul>
        <li>Attach a text token, the credential's Secret Token, sent as Authorization with the prefix Bearer</li>
        <li>Bind the input user_id to the attribute <b>User ID</b>, and never let Fin fill it in</li>
        <li>Test it, and set it live</li>
      </ul>
      ${KEPT} ${TRUST}`,
    ),
    { whoAsks: ['fin'], identity: ['fixedSecret'], createConnector: [true] },
  ),
  shownFor(
    notice(
      'hugoNotice',
      `In Crisp, under Automations → Integrations & MCP, add an external MCP server with the Production URL, under Webhook URLs above. Copy its signing secret into the credential.
      Hugo is told only of the session that is linked to its conversation: a workflow with <b>Session Memory: Link Conversation</b> and the same memory has to link it.`,
    ),
    { whoAsks: ['hugo'] },
  ),
  shownFor(
    notice(
      'agentsNotice',
      `Give your agents the Production URL, under Webhook URLs above, as an MCP server (Streamable HTTP) with the credential's Secret Token as Bearer. Or call it: GET with session_id, user_id or email.
      Everyone who has the token may ask about <b>every visitor</b>. Do not give it to an agent that talks to visitors.`,
    ),
    { whoAsks: ['agents'] },
  ),
  minutes,
  maxActions,
  includeSummary,
  toolDescription,
  startWorkflow,
  ...memoryFields,
  optionsField(perMinute, productId),
];
