import type { Destination } from '../../core/delivery/destination';
import type { Gate } from '../../core/delivery/gate';
import { secretsIn } from '../../core/http/secrets';
import { createIntercomApi, type IntercomApi } from '../../core/intercom/api';
import {
  createIntercomEvents,
  createIntercomOffers,
  type IntercomOffersOptions,
} from '../../core/intercom/offers';
import type { OfferChannel } from '../../core/offers/channel';
import { systemClock } from '../../core/clock';
import { createConnectors, type Connectors } from '../../core/intercom/connector';
import { createConnectorApi } from '../../core/intercom/connectorApi';
import { createIntercomDestination, type Doubt, type Owner } from '../../core/intercom/destination';
import { perProcess } from './perProcess';
import {
  baseUrlOf,
  callsWith,
  tokenKey,
  tokenOf,
  type ServiceContext,
  type Urgency,
} from './service';

export const INTERCOM_CREDENTIAL = 'intercomConversationApi';
const CREDENTIAL_NAME = 'Intercom Conversation API';

const REQUEST_TIMEOUT_MS = 20_000;

/** Whose each token is, as far as that is known. */
const ownerOf = perProcess((): { known?: Owner } => ({}));

/** Intercom's hosts, by the credential's region. */
const HOSTS: Record<string, string> = {
  us: 'https://api.intercom.io',
  eu: 'https://api.eu.intercom.io',
  au: 'https://api.au.intercom.io',
};

export interface Intercom {
  api: IntercomApi;
  /** The id of the admin who writes notes and replies: the given one, or with '' the token's own. */
  adminId(given: string): Promise<string>;
  destination(givenAdminId: string): Destination;
  /** Offers in the workspace, which it may have to be asked for. */
  offers(options: OffersOptions): Promise<OfferChannel>;
  /** The workspace's data connectors. */
  connectors: Connectors;
  /** See {@link DeliveryParts}. */
  gate: Gate;
}

interface OffersOptions extends Pick<IntercomOffersOptions, 'onlyWhileThere'> {
  /** The admin who makes them; '' for the token's own. */
  adminId: string;
  /** The data event that takes the place of a message. */
  eventName?: string | undefined;
}

/**
 * Intercom with the node's credential.
 * @throws NodeOperationError if the credential contains what can never work
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
  const { parts, gate } = callsWith(context, { key, authentication, secrets }, REQUEST_TIMEOUT_MS);
  const client = { baseUrl: base, ...parts, ...options };
  const api = createIntercomApi(client);
  const owner = ownerOf(key);
  const known = () => owner.known;
  // Each caller asks until one is answered, so that several failed calls show that Intercom is away.
  const ask = async () => (owner.known = await api.me());
  const adminId = async (given: string) => (given !== '' ? given : (known() ?? (await ask())).id);

  return {
    api,
    adminId,
    connectors: createConnectors(createConnectorApi(client)),
    gate,
    async offers({ adminId: given, onlyWhileThere, eventName }) {
      const { workspace } = known() ?? (await ask());
      const author = () => adminId(given);
      const own = { author, workspace, onlyWhileThere, clock: systemClock };
      return eventName === undefined
        ? createIntercomOffers(api, own)
        : createIntercomEvents(api, { ...own, eventName });
    },
    destination: (given) =>
      createIntercomDestination(api, {
        author: () => adminId(given),
        owner: { known, ask },
        onDoubt: (doubt, conversationId) => reportDoubt(context, doubt, conversationId),
      }),
  };
}

const DOUBTS: Record<Doubt, string> = {
  alike:
    'Several notes of this author have the same words: the newest was taken for the one just posted, and may be another of them',
  missing:
    'Intercom did not show the note that was just posted: it stays, and no summary will replace it',
};

/** Rare, and nothing needs to be done; but a person who wonders about a note finds the reason. */
function reportDoubt(context: ServiceContext, doubt: Doubt, conversationId: string): void {
  const message = `${DOUBTS[doubt]} (conversation ${conversationId}).`;
  context.logger.warn(`Intercom Conversation: ${message}`);
  context.addExecutionHints?.({ message, type: 'warning' });
}
