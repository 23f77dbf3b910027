import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { openStorage } from './memory/storage';
import { memorySettings } from './memory/settings';
import { asStorageFault } from './memory/trouble';
import { recentCredentials } from './recentCredentials';

/** Answers a delivery without starting the workflow. */
export function answerOnly(
  context: IWebhookFunctions,
  status: number,
  text: string,
): IWebhookResponseData {
  context.getResponseObject().status(status).send(text).end();
  return { noWebhookResponse: true };
}

/** Refuses a delivery that does not prove that it comes `from` there, and logs it. */
export function refuse(
  context: IWebhookFunctions,
  from = 'the chat product',
): IWebhookResponseData {
  const { name } = context.getNode();
  context.logger.warn(`${name}: a delivery that does not come from ${from} was refused`);
  return answerOnly(context, 403, 'Forbidden');
}

/**
 * Starts the workflow, unless this event has started it before: chat products repeat a delivery when the answer was
 * late or lost. The answer leaves before the execution starts, because they wait only a few seconds for it and n8n may
 * queue executions.
 *
 * @param key identifies the event; '' if nothing does
 * @param items what the execution starts with
 */
export async function startOnce(
  context: IWebhookFunctions,
  chat: string,
  key: string,
  ...items: IDataObject[]
): Promise<IWebhookResponseData> {
  const memory = openStorage(context, await memorySettings(recentCredentials.of(context)));
  // The published workflow may get the same delivery as the editor's test URL, and must not miss it.
  const scope = `${chat} ${context.getMode()} ${context.getWorkflow().id} ${context.getNode().id}`;
  const isNew = async () =>
    await memory.firstSight(scope, key).catch((error: unknown) => {
      // The error becomes the answer, after which the chat product repeats the delivery.
      throw asStorageFault(context.getNode(), error);
    });
  if (key && !(await isNew())) return answerOnly(context, 200, 'OK');
  const answered = answerOnly(context, 200, 'OK');
  return { ...answered, workflowData: [items.map((json) => ({ json: { chat, ...json } }))] };
}
