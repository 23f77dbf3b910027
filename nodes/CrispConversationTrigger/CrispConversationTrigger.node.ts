import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import {
  eventKey,
  isFromCrisp,
  offerReports,
  readCrispEvent,
  reportKey,
  startsWorkflow,
} from '../../core/crisp/webhook';
import { fields } from '../../core/values';
import { CRISP_CREDENTIAL, crispFields, hookSecretFault } from '../shared/crisp';
import { memoryCredential, STORAGE_VERSIONS } from '../shared/memory/fields';
import { triggerParameters } from '../shared/operations/parameters';
import { eventNames } from '../shared/panel';
import { recentCredentials } from '../shared/recentCredentials';
import { answerOnly, refuse, startOnce } from '../shared/webhook';
import { publishedWithSecret } from '../shared/webhookSecret';
import { events, messageTypes, properties } from './description';

/** Starts the workflow when a visitor writes in the Crisp chatbox. */
// Website Hooks are set up by hand, as the notice says; Plugin Hooks belong to the plugin.
export class CrispConversationTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Crisp Conversation Trigger',
    name: 'crispConversationTrigger',
    icon: {
      light: 'file:../CrispConversation/crisp.svg',
      dark: 'file:../CrispConversation/crisp.dark.svg',
    },
    group: ['trigger'],
    // 1.1: it asks for the credential of the memory only if that is wanted.
    version: STORAGE_VERSIONS,
    subtitle: eventNames(events),
    // The node panel lists trigger and actions as one entry, with the trigger's description.
    description:
      'Send replies, post live activity and identify visitors in Crisp conversations, and start workflows when a visitor writes',
    eventTriggerDescription: 'Waiting for a visitor to write in Crisp',
    activationMessage: 'Now enter the production URL in Crisp: see the notice in the panel.',
    defaults: { name: 'Crisp Conversation Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: CRISP_CREDENTIAL, required: true }, memoryCredential],
    webhooks: [
      { name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
    ],
    properties,
  };

  webhookMethods = publishedWithSecret(async (context) =>
    hookSecretFault(crispFields(await context.getCredentials(CRISP_CREDENTIAL))),
  );

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const { rawBody, originalUrl: url } = this.getRequestObject();
    const query = fields(this.getQueryData());
    const delivery = { headers: this.getHeaderData(), query, url, rawBody };
    const credential = await recentCredentials.checked(
      this,
      async (recent) => {
        const read = crispFields(await recent.getCredentials(CRISP_CREDENTIAL));
        return isFromCrisp(delivery, read.webhookSecret, systemClock.now()) ? read : undefined;
      },
      (proven) => proven === undefined,
    );
    if (!credential) return refuse(this);
    const { websiteId, tokenKey } = credential;
    const event = readCrispEvent(this.getBodyData());
    const parameters = triggerParameters(this);
    const wanted = {
      events: parameters.texts(events),
      messageTypes: parameters.texts(messageTypes),
      websiteId,
      tokenKey,
    };
    // Acknowledged all the same, or Crisp repeats it.
    if (!event) return answerOnly(this, 200, 'OK');
    const { data, ...json } = event;
    const reports = offerReports(event, wanted);
    if (reports.length > 0) {
      const items = reports.map((report) => ({ ...json, ...report }));
      return await startOnce(this, 'crisp', reportKey(event, reports), ...items);
    }
    if (!startsWorkflow(event, wanted)) return answerOnly(this, 200, 'OK');
    const isText = event.message_type === 'text';
    return await startOnce(this, 'crisp', eventKey(event), isText ? json : { ...json, data });
  }
}
