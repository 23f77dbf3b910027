import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import type { Filter } from '../../core/filter/filter';
import type { SessionMemory } from '../../core/memory/types';
import type { SessionBatch, SessionItem } from '../../core/payload/types';
import { summaryIdentity } from '../../core/payload/fingerprint';
import { withoutQueries } from '../../core/payload/urls';
import { isFromConnector, readPush } from '../../core/push/push';
import { asError } from '../../core/values';
import { toN8nItems } from '../shared/batching/executions';
import { openMemory, withoutItems } from '../shared/memory/open';
import { triggerParameters } from '../shared/operations/parameters';
import { recentCredentials } from '../shared/recentCredentials';
import { queryStringsOption } from '../shared/queryStrings';
import { answerOnly, refuse } from '../shared/webhook';
import { pushIntakes } from './intake';
import { filterOf } from '../shared/batching/nodeFilter';

const PUSH_CREDENTIAL = 'autoplayPushApi';

/**
 * Answers one push: 403 when it does not prove that it comes from the connector, 503 when it could not be remembered,
 * so that the connector repeats it, and 200 for everything else.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  // n8n keeps no raw form of a body that it takes apart itself, such as a form with files.
  const rawBody: Buffer = context.getRequestObject().rawBody ?? Buffer.alloc(0);
  const headers = context.getHeaderData();
  let isGenuine: boolean;
  try {
    isGenuine = await recentCredentials.checked(
      context,
      async (recent) => isFromConnector(headers, rawBody, await secretOf(recent)),
      (genuine) => !genuine,
    );
  } catch (error) {
    return repeatLater(context, `cannot read the credential: ${asError(error).message}`);
  }
  if (!isGenuine) return refuse(context, 'the connector');
  const { batches, skipped } = readPush(rawBody, systemClock.now() / 1_000);
  const reasons = Object.keys(skipped).join(', ');
  if (reasons) {
    const { name } = context.getNode();
    context.logger.info(`${name}: skipping what cannot be used (${reasons})`);
  }
  let filter: Filter | undefined;
  try {
    filter = filterOf(context);
  } catch (error) {
    return repeatLater(context, asError(error).message);
  }
  // Before anything is stored.
  const left = filter ? batches.flatMap((batch) => filter.apply(batch) ?? []) : batches;
  // Acknowledged, because a repetition would be no better.
  if (left.length === 0) return answerOnly(context, 200, 'OK');
  const withCount = (items: SessionBatch[]) => counted(items, filter?.take() ?? 0);
  // A test in the editor only shows what came: what it stores would be no news for the published workflow.
  if (context.getMode() === 'manual') return start(context, withCount(left));

  let fresh: SessionBatch[];
  try {
    fresh = await remember(context, left);
  } catch (error) {
    for (const batch of left) filter?.notStored(batch);
    pushIntakes.of(context)?.storage(asError(error));
    return repeatLater(context, `cannot remember what was pushed: ${asError(error).message}`);
  }
  const intake = pushIntakes.of(context);
  intake?.storage();
  if (fresh.length === 0) return answerOnly(context, 200, 'OK');
  if (!intake) return start(context, withCount(fresh));
  for (const batch of fresh) intake.add(batch);
  return answerOnly(context, 200, 'OK');
}

/** The items, of which the first says how many actions were left out since the last ones. */
function counted(batches: SessionBatch[], count: number): SessionItem[] {
  const [first, ...others] = batches;
  return first && count > 0 ? [{ ...first, left_out_actions: count }, ...others] : batches;
}

/** Has the connector repeat the push. An error would make n8n start an execution for each request, forged ones included. */
function repeatLater(context: IWebhookFunctions, reason: string): IWebhookResponseData {
  context.logger.error(`${context.getNode().name}: ${reason}`);
  return answerOnly(context, 503, 'Service Unavailable');
}

/** Answers, then starts an execution for this push alone. */
function start(context: IWebhookFunctions, batches: SessionBatch[]): IWebhookResponseData {
  const answered = answerOnly(context, 200, 'OK');
  return { ...answered, workflowData: [toN8nItems(batches)] };
}

/** Stores the batches; returns those that contain something new. */
async function remember(
  context: IWebhookFunctions,
  batches: SessionBatch[],
): Promise<SessionBatch[]> {
  const { storage, memoryOf } = await openMemory(withoutItems(recentCredentials.of(context)));
  const memory = memoryOf(0);
  const keepsQueries = triggerParameters(context).options.isOn(queryStringsOption);
  const stored = keepsQueries ? batches : batches.map(withoutQueries);
  const remembered = await memory.remember(stored);
  const isNew = await Promise.all(
    batches.map(
      async (batch, i) =>
        (remembered[i]?.added ?? 0) > 0 || (await isNews(storage, memory.name, batch)),
    ),
  );
  return batches.filter((_, i) => isNew[i]);
}

/**
 * Whether summaries come for the first time; the memory counts only actions. Asked after they were stored: a process
 * that dies between the two steps must not leave unstored summaries that count as known. If the memory cannot be
 * asked they count as new, because a repetition would find everything stored.
 */
async function isNews(storage: SessionMemory, name: string, batch: SessionBatch): Promise<boolean> {
  const { product_id, session_id, summaries = [] } = batch;
  if (summaries.length === 0) return false;
  const key = JSON.stringify([product_id, session_id, ...summaries.map(summaryIdentity)]);
  return await storage.firstSight(`push ${name}`, key).catch(() => true);
}

/** '' where no credential is chosen, or no secret in it. */
export async function secretOf(
  context: Pick<IWebhookFunctions, 'getNode' | 'getCredentials'>,
): Promise<string> {
  if (!context.getNode().credentials?.[PUSH_CREDENTIAL]) return '';
  const { secret } = await context.getCredentials<{ secret?: unknown }>(PUSH_CREDENTIAL);
  return String(secret ?? '').trim();
}
