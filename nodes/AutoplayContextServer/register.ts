import {
  NodeApiError,
  NodeOperationError,
  type IHookFunctions,
  type INodeType,
} from 'n8n-workflow';
import { finConnector, type FinKind } from '../../core/agents/finConnector';
import { isPrivate, isSamePlace } from '../../core/http/addresses';
import { OutcomeUnknownError, ServiceError } from '../../core/http/errors';
import type { KnownConnector } from '../../core/intercom/connector';
import { INTERCOM_CREDENTIAL, intercomFor } from '../shared/intercom';
import { asNodeError, operationError } from '../shared/nodeErrors';
import { triggerParameters } from '../shared/operations/parameters';
import { isStart, logWarning, said, tolerant } from '../shared/registration';
import { publishedWithSecret, type SecretFault } from '../shared/webhookSecret';
import type { AskerKind } from './asker';
import { createConnector, whoAsks } from './description';

const THING = 'the data connector in Intercom';

/** What the node reads of its parameters and credential. */
interface Asked {
  kind: AskerKind;
  fault: SecretFault | undefined;
}

/**
 * What n8n calls before it publishes or tests the webhook, and after it was unpublished. It refuses if no agent could
 * ever prove who asks. Where the node wants it, it makes Fin's data connector in Intercom when a person publishes, and
 * deletes a draft that no person has changed when it is unpublished.
 */
export function publishedWithConnector(
  readAsked: (context: IHookFunctions) => Promise<Asked>,
): NonNullable<INodeType['webhookMethods']> {
  const { checkExists } = publishedWithSecret(
    async (context) => (await readAsked(context)).fault,
  ).default!;
  return {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        await checkExists.call(this);
        return await tolerant(this, THING, inWords(this), async () => {
          // A test in the editor has an address of its own, which ends with it.
          if (!wantsConnector(this) || this.getActivationMode() === 'manual') return true;
          const { connectorId, url = '' } = kept(this);
          // What a person has deleted in Intercom does not come back when n8n starts.
          return isStart(this) && connectorId !== undefined && isSamePlace(url, urlOf(this));
        });
      },
      async create(this: IHookFunctions): Promise<boolean> {
        return await tolerant(this, THING, inWords(this), async () => {
          const { kind } = await readAsked(this);
          if (isFin(kind)) await register(this, kind);
          return true;
        });
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return await remove(this);
      },
    },
  };
}

const isFin = (kind: AskerKind): kind is FinKind => kind === 'finToken' || kind === 'finSecret';

function wantsConnector(context: IHookFunctions): boolean {
  const parameters = triggerParameters(context);
  return parameters.choice(whoAsks) === 'fin' && parameters.isOn(createConnector);
}

async function register(context: IHookFunctions, kind: FinKind): Promise<void> {
  const url = urlOf(context);
  await demandPublic(context, url);
  const { name, id } = context.getWorkflow();
  const wanted = finConnector(kind, url, name ?? String(id));
  const { connectors } = await intercomFor(context, attemptsOf(context));
  const data = kept(context);
  const { how, name: called, ...known } = await connectors.register(wanted, { ...data });
  Object.assign(data, known);
  if (how === 'moved') {
    logWarning(
      context,
      `gave the data connector “${called}” in Intercom the new address of this n8n. Look in Intercom whether the change still has to be set live`,
    );
  }
}

/** Never throws: n8n would leave the workflow half published. */
async function remove(context: IHookFunctions): Promise<boolean> {
  const data = kept(context);
  try {
    const { connectorId, url = '' } = data;
    const isKnown = connectorId !== undefined;
    // The end of a test in the editor leaves the connector of production alone.
    if (isKnown ? !isSamePlace(url, urlOf(context)) : !wantsConnector(context)) return true;
    if (!context.getNode().credentials?.[INTERCOM_CREDENTIAL]) return true;
    const { connectors } = await intercomFor(context, attemptsOf(context));
    const outcome = await connectors.remove(urlOf(context), { ...data });
    // One that is live, in use or changed by a person stays, and is found again when the workflow is published.
    if (outcome === 'left') return true;
  } catch (error) {
    const failure = said(inWords(context)(error));
    logWarning(
      context,
      `could not delete the draft of the data connector in Intercom. Delete it in Intercom if it is not needed: ${failure}`,
    );
    return false;
  }
  delete data.connectorId;
  delete data.url;
  delete data.writtenAt;
  return true;
}

/** @throws NodeOperationError if Intercom could never reach the webhook */
async function demandPublic(context: IHookFunctions, url: string): Promise<void> {
  const { region } = await context.getCredentials(INTERCOM_CREDENTIAL);
  if (region === 'custom' || !isPrivate(url)) return;
  const message = `Intercom cannot reach this n8n at ${URL.parse(url)?.origin ?? 'its address'}`;
  throw operationError(context.getNode(), message, message, {
    description:
      'Give n8n an address that the internet reaches, in its environment variable WEBHOOK_URL.',
  });
}

/** A start of n8n, or a person, waits for each call: with an Intercom that hangs, more attempts would take minutes. */
const attemptsOf = (context: IHookFunctions) => ({ attempts: isStart(context) ? 1 : 2 });

const AGAIN =
  'Try again: if the connector was made all the same, it is found, and there is no second one.';
const BY_HAND =
  'Or switch off Create the Connector in Intercom, and add the connector there by hand.';

/** Intercom's code for a valid token without the permission, with the status of an invalid one. */
const NO_PERMISSION = 'token_unauthorized';

/** Makes an error of n8n's of any other. */
function inWords(context: IHookFunctions) {
  return (error: unknown): NodeApiError | NodeOperationError => {
    if (error instanceof OutcomeUnknownError) {
      return operationError(context.getNode(), error, error.message, { description: AGAIN });
    }
    if (!(error instanceof ServiceError)) return asNodeError(context.getNode(), error);
    const { status, code } = error;
    const words = `(HTTP ${status}: ${error.message})`;
    const fault = (message: string, description: string) =>
      operationError(context.getNode(), message, `${message} ${words}`, { description });
    if (status === 403 || code === NO_PERMISSION) {
      return fault(
        'The Intercom app may not manage data connectors',
        `In Intercom, open Developer Hub → your app → Authentication, and add the permission to read and write data connectors. Intercom may make a new token then: enter it in the credential. ${BY_HAND}`,
      );
    }
    if (status === 404) {
      return fault(
        'Intercom’s API has no data connectors here',
        `Check Region and Base URL in the Intercom Conversation API credential. ${BY_HAND}`,
      );
    }
    return asNodeError(context.getNode(), error);
  };
}

function kept(context: IHookFunctions): KnownConnector {
  return context.getWorkflowStaticData('node');
}

function urlOf(context: IHookFunctions): string {
  return context.getNodeWebhookUrl('default') ?? '';
}
