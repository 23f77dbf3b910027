import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';
import { INTERCOM_TOPICS, isFromIntercom, readIntercomEvent } from '../../core/intercom/webhook';
import { INTERCOM_CREDENTIAL } from '../shared/intercom';
import { memoryCredential } from '../shared/memory';
import { answerOnly, refuse, startOnce } from '../shared/webhook';

const [CREATED, REPLIED] = INTERCOM_TOPICS;

/** Starts the workflow when a visitor opens an Intercom conversation or writes in one. */
// Intercom has no API to register a webhook: it is done by hand, as the notice says.
// eslint-disable-next-line @n8n/community-nodes/webhook-lifecycle-complete
export class IntercomConversationTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Intercom Conversation Trigger',
    name: 'intercomConversationTrigger',
    icon: {
      light: 'file:../IntercomConversation/intercom.svg',
      dark: 'file:../IntercomConversation/intercom.dark.svg',
    },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter.events.length === 1 ? $parameter.events[0] : "" }}',
    description: 'Starts when a visitor opens an Intercom conversation or writes in one',
    eventTriggerDescription: 'Waiting for a visitor to write in Intercom',
    activationMessage: 'Intercom must know the production URL: see the notice in the panel.',
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
    properties: [
      {
        displayName:
          "Open <b>Webhook URLs</b> above and choose <b>Production URL</b>. In Intercom, open Developer Hub → your app → Webhooks, enter that URL as the endpoint, and add the topics <b>conversation.user.created</b> and <b>conversation.user.replied</b>. The app's client secret belongs in the credential: without it every delivery is refused.",
        name: 'setupNotice',
        type: 'notice',
        default: '',
      },
      {
        displayName: 'Events',
        name: 'events',
        type: 'multiOptions',
        required: true,
        options: [
          {
            name: 'Conversation Started',
            value: CREATED,
            description: 'A visitor opened a new conversation',
          },
          {
            name: 'Visitor Replied',
            value: REPLIED,
            description: 'A visitor wrote in a conversation',
          },
        ],
        default: [CREATED, REPLIED],
        description: 'What starts the workflow',
      },
    ],
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    if (this.getWebhookName() === 'setup') return answerOnly(this, 200, '');

    const { clientSecret } = await this.getCredentials(INTERCOM_CREDENTIAL);
    const { rawBody } = this.getRequestObject();
    const secret = String(clientSecret ?? '');
    if (!isFromIntercom(this.getHeaderData(), rawBody, secret)) return refuse(this);

    const event = readIntercomEvent(this.getBodyData());
    const wanted = this.getNodeParameter('events') as string[];
    // A ping, or a topic somebody subscribed to by mistake: acknowledged, or Intercom repeats it.
    if (!event || !wanted.includes(event.topic)) return answerOnly(this, 200, 'OK');

    const { notificationId, ...fields } = event;
    const json = { ...fields, notification_id: notificationId };
    return await startOnce(this, 'intercom', notificationId, json);
  }
}
