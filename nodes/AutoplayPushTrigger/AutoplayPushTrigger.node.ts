import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type ITriggerFunctions,
  type ITriggerResponse,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { isSecret } from '../../core/http/signature';
import { FILTER_VERSIONS } from '../shared/batching/filters';
import { memoryCredential } from '../shared/memory/fields';
import { getMemories } from '../shared/memory/names';
import { answerOnly } from '../shared/webhook';
import { publishedWithSecret } from '../shared/webhookSecret';
import { autoplayPushTest } from './credentialTest';
import { properties } from './description';
import { listen } from './listen';
import { receive, secretOf } from './receive';

/**
 * Receives what an Autoplay connector in push mode delivers. The webhook stores it and answers; the trigger beside it
 * starts executions, so that many deliveries share one.
 */
// The URL is registered in Autoplay by hand, as the notice says.
export class AutoplayPushTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Autoplay Push Trigger',
    name: 'autoplayPushTrigger',
    icon: { light: 'file:push.svg', dark: 'file:push.dark.svg' },
    group: ['trigger'],
    version: FILTER_VERSIONS,
    subtitle: 'Pushed visitor activity',
    description:
      'Starts the workflow when Autoplay pushes visitor activity to a webhook. Only for products set to push; most use the Stream Trigger.',
    eventTriggerDescription: 'Waiting for Autoplay to push activity to the test URL',
    activationMessage: 'Now enter the production URL in Autoplay: see the notice in the panel.',
    defaults: { name: 'Autoplay Push Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'autoplayPushApi', required: true, testedBy: 'autoplayPushTest' },
      memoryCredential,
    ],
    webhooks: [
      // For people who open the URL to see whether it is right.
      {
        name: 'setup',
        httpMethod: 'HEAD',
        responseMode: 'onReceived',
        path: 'webhook',
        ndvHideUrl: true,
      },
      {
        name: 'setup',
        httpMethod: 'GET',
        responseMode: 'onReceived',
        path: 'webhook',
        ndvHideUrl: true,
      },
      { name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
    ],
    properties,
  };

  methods = { credentialTest: { autoplayPushTest }, loadOptions: { getMemories } };

  webhookMethods = publishedWithSecret(async (context) =>
    isSecret(await secretOf(context)) ? undefined : NO_SECRET,
  );

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    if (this.getWebhookName() === 'setup') return answerOnly(this, 200, 'OK');
    return await receive(this);
  }

  async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
    return await listen(this, systemClock);
  }

  /** Passes on the items of webhook or trigger. Without it, a test in the editor would start `trigger` and wait. */
  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [this.getInputData()];
  }
}

const NO_SECRET = {
  message: 'The credential has no Secret, so everything that Autoplay pushes would be refused',
  description:
    'Fill in Secret in the Autoplay Push API credential: the same as is set for the product in Autoplay.',
};
