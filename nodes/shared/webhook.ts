import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { openStorage } from './memory/storage';
import { memorySettings } from './memory/settings';
import { asStorageFault } from './memory/trouble';

/** Answers a delivery without starting the workflow. */
export function answerOnly(
  context: IWebhookFunctions,
  status: number,
  text: string,
): IWebhookResponseData {
  context.getResponseObject().status(status).send(text).end();
  return { noWebhookResponse: true };
}

/** Refuses a delivery that does not prove to come `from` there, and says so in the log. */
export function refuse(
  context: IWebhookFunctions,
  from = 'the chat product',
): IWebhookResponseData {
  const { name } = context.getNode();
  context.logger.warn(`${name}: a delivery that does not come from ${from} was refused`);
  return answerOnly(context, 403, 'Forbidden');
}

/**
 * Starts the workflow, unless this event started it before: chat products deliver the same again
 * when an answer was late or got lost. The answer goes out before the execution starts; they wait
 * for a few seconds only, and n8n may have to queue executions.
 *
 * @param key what the event is known by; '' if it cannot be told from others
 */
export async function startOnce(
  context: IWebhookFunctions,
  chat: string,
  key: string,
  json: IDataObject,
): Promise<IWebhookResponseData> {
  const memory = openStorage(context, await memorySettings(context));
  // The editor's test URL must not use up a delivery that the published workflow gets, too.
  const scope = `${chat} ${context.getMode()} ${context.getWorkflow().id} ${context.getNode().id}`;
  const isNew = async () =>
    await memory.firstSight(scope, key).catch((error: unknown) => {
      // Answered with an error, the chat product delivers it again.
      throw asStorageFault(context.getNode(), error);
    });
  if (key && !(await isNew())) return answerOnly(context, 200, 'OK');
  const answered = answerOnly(context, 200, 'OK');
  return { ...answered, workflowData: [[{ json: { chat, ...json } }]] };
}
