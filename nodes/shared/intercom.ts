import type { Destination } from '../../core/delivery/destination';
import type { Gate } from '../../core/delivery/gate';
import { secretsIn } from '../../core/http/secrets';
import { createIntercomApi, type IntercomApi } from '../../core/intercom/api';
import { createIntercomDestination, type Doubt } from '../../core/intercom/destination';
import {
  baseUrlOf,
  callsWith,
  gateOf,
  tokenKey,
  tokenOf,
  type ServiceContext,
  type Urgency,
} from './service';

export const INTERCOM_CREDENTIAL = 'intercomConversationApi';
const CREDENTIAL_NAME = 'Intercom Conversation API';

const REQUEST_TIMEOUT_MS = 20_000;

/** The admin each token belongs to, once it is known. */
const ownAdmins = new Map<string, string>();

/** Intercom's hosts, by the credential's region. */
const HOSTS: Record<string, string> = {
  us: 'https://api.intercom.io',
  eu: 'https://api.eu.intercom.io',
  au: 'https://api.au.intercom.io',
};

export interface Intercom {
  api: IntercomApi;
  /** The admin that notes and replies come from: the one given, or the token's own. */
  adminId(given: string): Promise<string>;
  destination(givenAdminId: string): Destination;
  /** See {@link DeliveryParts}. */
  gate: Gate;
}

/**
 * Intercom with the node's credential.
 * @throws NodeOperationError when something is entered that can never work
 */
export async function intercomFor(
  context: ServiceContext,
  options: Urgency = {},
): Promise<Intercom> {
  const { accessToken, region, baseUrl } = await context.getCredentials(INTERCOM_CREDENTIAL);
  const host = HOSTS[String(region)] ?? baseUrl;
  const base = baseUrlOf(context, host, CREDENTIAL_NAME);
  const token = tokenOf(context, accessToken, 'Access Token', CREDENTIAL_NAME);
  const key = tokenKey(base, token);
  const secrets = [token, ...secretsIn(base)];
  const authentication = { Authorization: `Bearer ${token}` };
  const api = createIntercomApi({
    baseUrl: base,
    ...callsWith(context, { key, authentication, secrets }, REQUEST_TIMEOUT_MS),
    ...options,
  });

  async function adminId(given: string): Promise<string> {
    if (given !== '') return given;
    const known = ownAdmins.get(key);
    if (known !== undefined) return known;
    // Everybody asks until one is answered: that Intercom is away shows by several calls.
    const { id } = await api.me();
    ownAdmins.set(key, id);
    return id;
  }
  return {
    api,
    adminId,
    gate: gateOf(key),
    destination: (given) =>
      createIntercomDestination(
        api,
        () => adminId(given),
        (doubt, conversationId) => tellDoubt(context, doubt, conversationId),
      ),
  };
}

const DOUBTS: Record<Doubt, string> = {
  alike:
    'Several notes of this author say the same: the newest was taken for the one just posted, and may be another of them',
  missing:
    'Intercom did not show the note that was just posted: it stays, and no summary will replace it',
};

/** Seldom, and nothing to do about it; but whoever wonders about a note finds it said. */
function tellDoubt(context: ServiceContext, doubt: Doubt, conversationId: string): void {
  const message = `${DOUBTS[doubt]} (conversation ${conversationId}).`;
  context.logger.warn(`Intercom Conversation: ${message}`);
  context.addExecutionHints?.({ message, type: 'warning' });
}
