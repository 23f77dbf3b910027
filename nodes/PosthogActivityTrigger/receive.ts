import { hash } from 'node:crypto';
import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { isFromPosthog, readDelivery, type PosthogDelivery } from '../../core/posthog/delivery';
import { usedProperties } from '../../core/posthog/liveStream';
import { createTranslator } from '../../core/posthog/translator';
import type { WantedEvents } from '../../core/posthog/types';
import { bareAddressesIn } from '../../core/payload/urls';
import { asError, text } from '../../core/values';
import { toN8nItems } from '../shared/batching/executions';
import { openMemory, withoutItems } from '../shared/memory/open';
import { triggerParameters } from '../shared/operations/parameters';
import { recentCredentials } from '../shared/recentCredentials';
import { queryStringsOption } from '../shared/queryStrings';
import { answerOnly, refuse } from '../shared/webhook';
import { readEvents } from './events';
import { inboxOf, posthogIntakes, projectOf } from './inbox';
import { secretsOf } from './register';

/**
 * Answers one delivery: 403 when it does not prove that it comes from PostHog, 503 when it could not be stored, so that
 * PostHog repeats it, and 200 for everything else. The trigger works on it later.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  // n8n keeps no raw form of a body that it takes apart itself, such as a form with files.
  const rawBody: Buffer = context.getRequestObject().rawBody ?? Buffer.alloc(0);
  try {
    const headers = context.getHeaderData();
    const isGenuine = await recentCredentials.checked(
      context,
      async (recent) => isFromPosthog(headers, rawBody, await secretsOf(recent), systemClock.now()),
      (genuine) => !genuine,
    );
    if (!isGenuine) return refuse(context, 'PostHog');
    const delivery = readDelivery(rawBody);
    const events = readEvents(context);
    const keepsQueries = triggerParameters(context).options.isOn(queryStringsOption);
    const entry = delivery && entryOf(delivery, events, keepsQueries);
    // Acknowledged, because a repetition would be no better.
    if (!entry) return answerOnly(context, 200, 'OK');
    // A test in the editor only shows what came: what it stores would be no news for the published workflow.
    if (context.getMode() === 'manual') return show(context, delivery, events);
    const { storage } = await openMemory(withoutItems(recentCredentials.of(context)));
    await storage.keepIncoming(inboxOf(context), [entry]);
  } catch (error) {
    const cause = asError(error);
    posthogIntakes.of(context)?.failed(cause);
    context.logger.error(`${context.getNode().name}: cannot store an event: ${cause.message}`);
    return answerOnly(context, 503, 'Service Unavailable');
  }
  posthogIntakes.of(context)?.arrived();
  return answerOnly(context, 200, 'OK');
}

/** What is kept of a delivery: nothing of an event that becomes no action, and no more of others than is read. */
function entryOf(delivery: PosthogDelivery, events: WantedEvents, keepsQueries: boolean) {
  const translator = translatorFor(events);
  if (translator.read(delivery).length === 0) return undefined;
  const others = events.custom.flatMap(({ properties }) => properties);
  const properties = usedProperties(delivery.properties, others);
  const url = text(properties.$current_url);
  if (url && !keepsQueries) properties.$current_url = bareAddressesIn(url);
  const kept = { ...delivery, properties };
  const body = JSON.stringify(kept);
  return { key: delivery.uuid || hash('sha256', body, 'base64url'), body };
}

function translatorFor(events: WantedEvents) {
  return createTranslator({ project: projectOf, events, clock: systemClock });
}

/** Starts an execution with what this delivery alone says. */
function show(
  context: IWebhookFunctions,
  delivery: PosthogDelivery,
  events: WantedEvents,
): IWebhookResponseData {
  const translator = translatorFor(events);
  const items = translator.read(delivery).map((batch) => translator.settle(batch) ?? batch);
  const answered = answerOnly(context, 200, 'OK');
  return { ...answered, workflowData: [toN8nItems(items)] };
}
