import { randomBytes } from 'node:crypto';
import {
  NodeOperationError,
  type IHookFunctions,
  type INodeType,
  type IWebhookFunctions,
} from 'n8n-workflow';
import { isPrivate } from '../../core/http/addresses';
import { fetchOverHelper } from '../../core/http/fetchOverHelper';
import { newSigningSecret, signingKey } from '../../core/http/standardWebhooks';
import { SECRET_HEADER, type DeliverySecrets } from '../../core/posthog/delivery';
import {
  createDestinations,
  isUpToDate,
  type Destinations,
  type KnownDestination,
  type WantedDestination,
} from '../../core/posthog/destination';
import { PosthogFault, posthogProblem } from '../../core/posthog/problems';
import { operationError } from '../shared/nodeErrors';
import { isStart, logWarning, tolerant } from '../shared/registration';
import { POSTHOG_CREDENTIAL, posthogApiFor, posthogFields, type PosthogFields } from './connection';

/** What the trigger keeps in n8n's static data of the node. */
interface Kept extends KnownDestination {
  /** The project that the destination is in: the key's owner may open another one in PostHog. */
  projectId?: string;
  /** Made here, where the credential has none. */
  signingSecret?: string;
}

/**
 * What a trigger wants of PostHog: a destination for these events (none: every event), one that a person makes by hand,
 * or nothing.
 */
export type Wanted = { events: string[] } | 'by hand' | undefined;

/**
 * What n8n calls before it publishes the trigger's webhook, and after it was unpublished: finds or makes the
 * destination in PostHog, and removes it. A failure is an error for a person who publishes. Where n8n starts, it is
 * logged only, because what was published before still works.
 */
export function registeredInPosthog(
  wantedBy: (context: IHookFunctions) => Wanted,
): NonNullable<INodeType['webhookMethods']> {
  return {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        return await tolerant(this, THING, inWords(this), async () => {
          const wanted = wantedBy(this);
          if (wanted === 'by hand') await demandSecret(this);
          if (wanted === undefined || wanted === 'by hand') return true;
          return await isRegistered(this, wanted.events);
        });
      },
      async create(this: IHookFunctions): Promise<boolean> {
        return await tolerant(this, THING, inWords(this), async () => {
          const wanted = wantedBy(this);
          if (typeof wanted === 'object') await register(this, wanted.events);
          return true;
        });
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return await remove(this, wantedBy);
      },
    },
  };
}

/** The secrets that a delivery to this node's webhook may prove itself with. */
export async function secretsOf(
  context: Pick<IWebhookFunctions, 'getNode' | 'getCredentials' | 'getWorkflowStaticData'>,
): Promise<DeliverySecrets> {
  const { signingSecret: made, headerSecret } = kept(context);
  const { signingSecret: entered } = await fieldsOf(context);
  const usable = signingKey(entered) ? entered : undefined;
  return {
    signing: [usable, made].filter((one) => one !== undefined),
    // A person whose PostHog cannot sign puts the secret into a header by hand.
    header: [headerSecret, usable].filter((one) => one !== undefined),
  };
}

async function isRegistered(context: IHookFunctions, events: string[]): Promise<boolean> {
  const { destinations, known, wanted } = await open(context, events);
  const found = await destinations.find(wanted.url, known);
  if (!found) return false;
  if (isStart(context) && !found.enabled) {
    logWarning(
      context,
      `the destination “${found.name}” is disabled in PostHog, so nothing arrives`,
    );
    return true;
  }
  return isUpToDate(found, wanted, known);
}

async function register(context: IHookFunctions, events: string[]): Promise<void> {
  const { destinations, known, wanted, projectId } = await open(context, events);
  const data = kept(context);
  const { headerSecret, ...registered } = await destinations.register(wanted, known);
  Object.assign(data, registered, { projectId });
  delete data.removedId;
  if (headerSecret === undefined) delete data.headerSecret;
  else data.headerSecret = headerSecret;
  if (known.functionId !== undefined && known.functionId !== registered.functionId) {
    logWarning(
      context,
      `made another destination in PostHog, because the former one (${known.functionId}) was deleted or changed by a person, or posts to a former address of this n8n. If it is still there and not needed, remove it in PostHog`,
    );
  }
}

/** Never throws: n8n would leave the workflow half published. */
async function remove(
  context: IHookFunctions,
  wantedBy: (context: IHookFunctions) => Wanted,
): Promise<boolean> {
  const data = kept(context);
  try {
    if (data.functionId === undefined && typeof wantedBy(context) !== 'object') return true;
    const fields = await fieldsOf(context);
    const destinations = destinationsOf(context, fields, data.projectId ?? fields.projectId);
    const removedId = await destinations.remove(urlOf(context), data);
    // n8n unpublishes before each publishing, and then the destination comes back. One that cannot sign does not:
    // a new one can, once PostHog is up to date.
    if (removedId !== undefined && data.headerSecret === undefined) data.removedId = removedId;
  } catch (error) {
    const { message } = posthogProblem(error);
    logWarning(
      context,
      `could not remove the destination in PostHog, which goes on sending events. Remove it in PostHog, under Data pipelines → Destinations: ${message}`,
    );
    return false;
  }
  delete data.functionId;
  return true;
}

/** Reads what registering needs, and makes the signing secret if there is none. */
async function open(
  context: IHookFunctions,
  events: string[],
): Promise<{
  destinations: Destinations;
  known: KnownDestination;
  wanted: WantedDestination;
  projectId: string;
}> {
  const fields = await fieldsOf(context);
  const data = kept(context);
  const url = urlOf(context);
  if (fields.region !== 'custom' && isPrivate(url)) {
    throw new PosthogFault(
      'refused',
      `PostHog cannot reach this n8n at ${URL.parse(url)?.origin ?? 'its address'}`,
      'Give n8n an address that the internet reaches, in its environment variable WEBHOOK_URL, or choose the source Live Stream, which needs none.',
    );
  }
  demandUsable(fields);
  if (fields.signingSecret === '') data.signingSecret ??= newSigningSecret(randomBytes);
  const projectId = await projectOf(context, fields, data);
  const known = data.projectId === projectId ? data : { headerSecret: data.headerSecret };
  const name = `n8n: ${context.getWorkflow().name ?? context.getNode().name}`;
  const signingSecret = fields.signingSecret || (data.signingSecret ?? '');
  return {
    destinations: destinationsOf(context, fields, projectId),
    known: { ...known },
    wanted: { url, name, events, signingSecret },
    projectId,
  };
}

/**
 * The credential's project. Without one, it is the project that the key's owner has open at present. While n8n starts,
 * it stays the one that the destination is in.
 */
async function projectOf(
  context: IHookFunctions,
  fields: PosthogFields,
  { projectId }: Kept,
): Promise<string> {
  if (fields.projectId !== '') return fields.projectId;
  if (isStart(context) && projectId !== undefined) return projectId;
  return (await apiFor(context, fields, '').getProject()).id;
}

function destinationsOf(context: IHookFunctions, fields: PosthogFields, projectId: string) {
  const api = apiFor(context, fields, projectId);
  return createDestinations(api, () => randomBytes(32).toString('base64url'));
}

/** A start of n8n, or a person, waits for each call: with a PostHog that hangs, more attempts would take minutes. */
function apiFor(context: IHookFunctions, fields: PosthogFields, projectId: string) {
  // n8n's helper and not the global fetch: it knows the proxy and the addresses n8n may not call.
  const fetch = fetchOverHelper(context.helpers.httpRequest);
  return posthogApiFor(fields, fetch, { projectId, attempts: isStart(context) ? 1 : 2 });
}

/** What a person makes by hand can prove itself only with a secret that the credential has, too. */
async function demandSecret(context: IHookFunctions): Promise<void> {
  const fields = await fieldsOf(context);
  if (fields.signingSecret === '') {
    throw new PosthogFault(
      'refused',
      'The credential has no Signing Secret, so every delivery of PostHog would be refused',
      `Fill in Signing Secret in the PostHog Activity API credential: the one of the destination in PostHog. If your PostHog asks for none, enter whsec_ and base64 of 32 random bytes, and add it there as the header ${SECRET_HEADER}.`,
    );
  }
  demandUsable(fields);
}

function demandUsable({ signingSecret }: PosthogFields): void {
  if (signingSecret === '' || signingKey(signingSecret)) return;
  throw new PosthogFault(
    'refused',
    'The Signing Secret in the credential is damaged, and PostHog would send nothing',
    'It is whsec_ and base64 of 24 bytes or more. Copy the whole of it into the PostHog Activity API credential.',
  );
}

const THING = 'the destination in PostHog';

/** Makes an error of n8n's of any other. */
function inWords(context: IHookFunctions) {
  return (error: unknown): NodeOperationError => {
    if (error instanceof NodeOperationError) return error;
    const { message, advice } = posthogProblem(error);
    return operationError(context.getNode(), message, message, { description: advice });
  };
}

function kept(context: Pick<IWebhookFunctions, 'getWorkflowStaticData'>): Kept {
  return context.getWorkflowStaticData('node');
}

function urlOf(context: IHookFunctions): string {
  return context.getNodeWebhookUrl('default') ?? '';
}

/** Empty fields where no credential is chosen. */
async function fieldsOf(
  context: Pick<IWebhookFunctions, 'getNode' | 'getCredentials'>,
): Promise<PosthogFields> {
  if (!context.getNode().credentials?.[POSTHOG_CREDENTIAL]) return posthogFields({});
  return posthogFields(await context.getCredentials(POSTHOG_CREDENTIAL));
}
