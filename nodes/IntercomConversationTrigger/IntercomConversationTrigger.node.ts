import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';
import { isFromIntercom, readIntercomEvent } from '../../core/intercom/webhook';
import { idOrNull } from '../../core/values';
import { isSecret } from '../../core/http/signature';
import { INTERCOM_CREDENTIAL } from '../shared/intercom';
import { memoryCredential, STORAGE_VERSIONS } from '../shared/memory/fields';
import { triggerParameters } from '../shared/operations/parameters';
import { eventNames } from '../shared/panel';
import { recentCredentials } from '../shared/recentCredentials';
import { answerOnly, refuse, startOnce } from '../shared/webhook';
import { publishedWithSecret } from '../shared/webhookSecret';
import { events, properties } from './description';

/** Starts the workflow when a visitor opens an Intercom conversation or writes in one. */
// Intercom has no API to register a webhook: it is done by hand, as the notice says.
export class IntercomConversationTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Intercom Conversation Trigger',
    name: 'intercomConversationTrigger',
    icon: {
      light: 'file:../IntercomConversation/intercom.svg',
      dark: 'file:../IntercomConversation/intercom.dark.svg',
    },
    group: ['trigger'],
    // 1.1: it asks for the credential of the memory only if that is wanted.
    version: STORAGE_VERSIONS,
    subtitle: eventNames(events),
    // The node panel lists trigger and actions as one entry, with the trigger's description.
    description:
      'Post live activity, summaries and replies in Intercom conversations, and start workflows when a visitor writes',
    eventTriggerDescription: 'Waiting for a visitor to write in Intercom',
    activationMessage: 'Now enter the production URL in Intercom: see the notice in the panel.',
    defaults: { name: 'Intercom Conversation Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: INTERCOM_CREDENTIAL, required: true }, memoryCredential],
    webhooks: [
      // Intercom asks with HEAD when the URL is saved.
      {
        name: 'setup',
        httpMethod: 'HEAD',
        responseMode: 'onReceived',
        path: 'webhook',
        ndvHideUrl: true,
      },
      { name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
    ],
    properties,
  };

  webhookMethods = publishedWithSecret(async (context) =>
    isSecret(await clientSecretOf(context)) ? undefined : NO_SECRET,
  );

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    if (this.getWebhookName() === 'setup') return answerOnly(this, 200, '');

    const { rawBody } = this.getRequestObject();
    const isGenuine = await recentCredentials.checked(
      this,
      async (recent) => isFromIntercom(this.getHeaderData(), rawBody, await clientSecretOf(recent)),
      (genuine) => !genuine,
    );
    if (!isGenuine) return refuse(this);

    const event = readIntercomEvent(this.getBodyData());
    const wanted = triggerParameters(this).texts(events);
    // A ping, or a topic that was subscribed to by mistake: acknowledged, or Intercom repeats it.
    if (!event || !wanted.includes(event.topic)) return answerOnly(this, 200, 'OK');

    const { notificationId, ...fields } = event;
    const workspace_id = idOrNull(this.getBodyData().app_id);
    const json = { ...fields, workspace_id, notification_id: notificationId };
    return await startOnce(this, 'intercom', notificationId, json);
  }
}

const NO_SECRET = {
  message: 'The credential has no Client Secret, so every delivery of Intercom would be refused',
  description:
    'Fill in Client Secret in the Intercom Conversation API credential. In Intercom it is in the Developer Hub: your app → Basic information.',
};

async function clientSecretOf(context: Pick<IWebhookFunctions, 'getCredentials'>): Promise<string> {
  const { clientSecret } = await context.getCredentials(INTERCOM_CREDENTIAL);
  return String(clientSecret ?? '').trim();
}
