import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';
import { INTERCOM_CREDENTIAL } from '../shared/intercom';
import { memoryCredential } from '../shared/memory/fields';
import { getMemories } from '../shared/memory/names';
import { askerFault, readAsker } from './asker';
import { autoplayContextTest } from './credentialTest';
import { properties } from './description';
import { publishedWithConnector } from './register';
import { respond } from './respond';

/** Tells AI agents what a visitor has been doing, straight from the memory. */
// Except for Fin's connector, the URL is entered at the vendors by hand, as the notices say.
export class AutoplayContextServer implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Context Server',
    name: 'autoplayContextServer',
    icon: { light: 'file:context.svg', dark: 'file:context.dark.svg' },
    group: ['trigger'],
    // The version whose fields the other triggers have.
    version: 1.1,
    subtitle:
      '={{ ({ fin: "Intercom Fin", hugo: "Crisp Hugo", agents: "Your Own Agents" })[$parameter["whoAsks"]] }}',
    description:
      'Answers Intercom Fin, Crisp Hugo and AI agents of your own when they ask what a visitor has been doing',
    eventTriggerDescription: 'Waiting for a question at the test URL',
    activationMessage:
      'Now enter the production URL where the agent asks: see the notice in the panel.',
    defaults: { name: 'Autoplay Context Server' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'autoplayContextApi', required: true, testedBy: 'autoplayContextTest' },
      {
        name: INTERCOM_CREDENTIAL,
        required: true,
        displayOptions: { show: { whoAsks: ['fin'], createConnector: [true] } },
      },
      memoryCredential,
    ],
    webhooks: [
      { name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
      // Fin may ask by GET; MCP clients try GET and DELETE, and want to hear that there is none.
      ...(['GET', 'HEAD', 'DELETE'] as const).map((method) => ({
        name: 'setup' as const,
        httpMethod: method,
        responseMode: 'onReceived' as const,
        path: 'webhook',
        ndvHideUrl: true,
      })),
    ],
    properties,
  };

  methods = {
    credentialTest: { autoplayContextTest },
    loadOptions: { getMemories },
  };

  webhookMethods = publishedWithConnector(async (context) => {
    const asker = await readAsker(context);
    return { kind: asker.kind, fault: await askerFault(asker) };
  });

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await respond(this);
  }
}
