import {
  NodeConnectionTypes,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';
import { isOwnFingerprint } from '../../core/crisp/fingerprint';
import { eventKey, isFromCrisp, readCrispEvent, type CrispEvent } from '../../core/crisp/webhook';
import { CRISP_CREDENTIAL } from '../shared/crisp';
import { memoryCredential } from '../shared/memory';
import { answerOnly, refuse, startOnce } from '../shared/webhook';
import { properties } from './description';

/** Starts the workflow when a visitor writes in the Crisp chatbox. */
// Website Hooks are set up by hand, as the notice says; Plugin Hooks belong to the plugin.
// eslint-disable-next-line @n8n/community-nodes/webhook-lifecycle-complete
export class CrispConversationTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Crisp Conversation Trigger',
    name: 'crispConversationTrigger',
    icon: {
      light: 'file:../CrispConversation/crisp.svg',
      dark: 'file:../CrispConversation/crisp.dark.svg',
    },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter.events.length === 1 ? $parameter.events[0] : "" }}',
    description: 'Starts when a visitor writes in the Crisp chatbox',
    eventTriggerDescription: 'Waiting for a visitor to write in Crisp',
    activationMessage: 'Crisp must know the production URL: see the notice in the panel.',
    defaults: { name: 'Crisp Conversation Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: CRISP_CREDENTIAL, required: true }, memoryCredential],
    webhooks: [
      { name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
    ],
    properties,
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    const credential = await this.getCredentials(CRISP_CREDENTIAL);
    const { rawBody } = this.getRequestObject();
    const delivery = { headers: this.getHeaderData(), query: fields(this.getQueryData()), rawBody };
    if (!isFromCrisp(delivery, String(credential.webhookSecret ?? ''), Date.now())) {
      return refuse(this);
    }
    const event = readCrispEvent(this.getBodyData());
    const wanted = this.getNodeParameter('events') as string[];
    const types = this.getNodeParameter('messageTypes', []) as string[];
    const starts =
      event &&
      wanted.includes(event.event) &&
      // A plugin's hooks tell of every website that installed it.
      event.website_id === String(credential.websiteId).trim() &&
      isWanted(event, types, String(credential.tokenKey));
    // Acknowledged all the same, or Crisp repeats it.
    if (!starts) return answerOnly(this, 200, 'OK');
    const { data, ...json } = event;
    const isText = event.message_type === 'text';
    return await startOnce(this, 'crisp', eventKey(event), isText ? json : { ...json, data });
  }
}

/** Messages of the wanted types; new ones only by people, for a bot that answers bots never stops. */
function isWanted(event: CrispEvent, types: string[], tokenKey: string): boolean {
  if (!event.event.startsWith('message:')) return true;
  if (event.event === 'message:send' && event.from !== 'user') return false;
  const isOwn = event.automated || isOwnFingerprint(event.fingerprint ?? 0, tokenKey);
  // What a visitor chose in a message of ours is the visitor speaking.
  if (isOwn && event.event !== 'message:updated') return false;
  return types.includes(event.message_type ?? '');
}

function fields(value: unknown): Record<string, unknown> {
  return (value ?? {}) as Record<string, unknown>;
}
