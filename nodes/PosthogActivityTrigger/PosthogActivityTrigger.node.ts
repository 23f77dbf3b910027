import {
  NodeConnectionTypes,
  WEBHOOK_RESOLVERS,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeParameters,
  type INodeType,
  type INodeTypeDescription,
  type ITriggerFunctions,
  type ITriggerResponse,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { memoryCredential } from '../shared/memory/fields';
import { getMemories } from '../shared/memory/names';
import { triggerParameters } from '../shared/operations/parameters';
import { answerOnly } from '../shared/webhook';
import { posthogActivityTest } from './credentialTest';
import { properties, registration, source } from './description';
import { namesOf, readEvents } from './events';
import { listenToInbox } from './inbox';
import { follow, waitForActivity } from './live';
import { receive } from './receive';
import { registeredInPosthog } from './register';

/**
 * A method by an expression: '' registers no webhook, which a live stream does not need. n8n looks at all methods with
 * each request, and evaluating expressions takes longer than the rest of it. A newer n8n calls the function instead.
 */
function onlyForWebhook(method: string) {
  const template = `={{ $parameter["source"] === "webhook" ? "${method}" : "" }}`;
  const resolve = ({ source: chosen }: INodeParameters) => (chosen === 'webhook' ? method : '');
  // An older n8n has no such key.
  const key = WEBHOOK_RESOLVERS as typeof WEBHOOK_RESOLVERS | undefined;
  return { httpMethod: template, ...(key && { [key]: { httpMethod: { template, resolve } } }) };
}
const HIDDEN = '={{ $parameter["source"] !== "webhook" }}';

/**
 * Brings what visitors do as PostHog records it, in the form in which Autoplay streams it, so that every node and
 * workflow goes on as with the Stream Trigger.
 */
export class PosthogActivityTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'PostHog Activity Trigger',
    name: 'posthogActivityTrigger',
    icon: { light: 'file:posthog.svg', dark: 'file:posthog.dark.svg' },
    group: ['trigger'],
    // The version whose fields the other triggers have.
    version: 1.1,
    subtitle: '={{ $parameter["source"] === "webhook" ? "Webhook" : "Live visitor activity" }}',
    description:
      'Starts the workflow when visitors act in your product, straight from PostHog. In the place of the Stream Trigger for teams without Autoplay.',
    eventTriggerDescription: 'Waiting for PostHog to send an event to the test URL',
    activationMessage:
      'The workflow now follows what visitors do in your product. Click around in it to see executions.',
    defaults: { name: 'PostHog Activity Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'posthogActivityApi', required: true, testedBy: 'posthogActivityTest' },
      memoryCredential,
    ],
    webhooks: [
      {
        name: 'default',
        ...onlyForWebhook('POST'),
        responseMode: 'onReceived',
        path: 'webhook',
        ndvHideUrl: HIDDEN,
      },
      // For people who open the URL to see whether it is right.
      ...(['HEAD', 'GET'] as const).map((method) => ({
        name: 'setup' as const,
        ...onlyForWebhook(method),
        responseMode: 'onReceived' as const,
        path: 'webhook',
        ndvHideUrl: true,
      })),
    ],
    properties,
  };

  methods = {
    credentialTest: { posthogActivityTest },
    loadOptions: { getMemories },
  };

  webhookMethods = registeredInPosthog((context) => {
    const parameters = triggerParameters(context);
    if (parameters.choice(source) === 'stream') return undefined;
    if (parameters.choice(registration) === 'byHand') return 'by hand';
    return { events: namesOf(readEvents(context)) };
  });

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    if (this.getWebhookName() === 'setup') return answerOnly(this, 200, 'OK');
    return await receive(this);
  }

  async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
    const isStream = triggerParameters(this).choice(source) === 'stream';
    return await (isStream ? follow(this) : listenToInbox(this, systemClock));
  }

  /** Passes on the items of webhook or trigger. A test in the editor starts here without any, and waits for some. */
  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const items = this.getInputData();
    if (items.some(({ json }) => json.type !== undefined)) return [items];
    return [await waitForActivity(this)];
  }
}
