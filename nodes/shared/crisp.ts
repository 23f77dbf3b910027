import { createCrispApi, type CrispApi } from '../../core/crisp/api';
import { createCrispDestination } from '../../core/crisp/destination';
import type { Destination } from '../../core/delivery/destination';
import type { Gate } from '../../core/delivery/gate';
import { secretsIn } from '../../core/http/secrets';
import { baseUrlOf, callsWith, gateOf, tokenKey, type ServiceContext } from './service';

export const CRISP_CREDENTIAL = 'crispConversationApi';

/** Shorter than elsewhere: a visitor is waiting for the answer. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface Crisp {
  api: CrispApi;
  /** The token's key, by which messages are recognised as ours. */
  secret: string;
  /** See {@link DeliveryParts}. */
  gate: Gate;
  /** @param nickname who notes come from */
  destination(nickname: string): Destination;
}

/** Crisp with the node's credential. */
export async function crispFor(context: ServiceContext): Promise<Crisp> {
  const credential = await context.getCredentials(CRISP_CREDENTIAL);
  const { websiteId, tokenIdentifier, tokenKey: secret, tier, baseUrl } = asText(credential);
  const base = baseUrlOf(context, baseUrl, 'Crisp Conversation API');
  const basic = Buffer.from(`${tokenIdentifier}:${secret}`).toString('base64');
  const authentication = { Authorization: `Basic ${basic}`, 'X-Crisp-Tier': tier };
  const key = tokenKey(base, tokenIdentifier, secret);
  const secrets = [secret, basic, ...secretsIn(base)];
  const api = createCrispApi({
    baseUrl: base,
    websiteId: websiteId.trim(),
    ...callsWith(context, { key, authentication, secrets }, REQUEST_TIMEOUT_MS),
  });
  return {
    api,
    secret,
    gate: gateOf(key),
    destination: (nickname) => createCrispDestination(api, secret, nickname),
  };
}

type Field = 'websiteId' | 'tokenIdentifier' | 'tokenKey' | 'tier' | 'baseUrl';

/** The credential's fields, '' for one that is not set. */
function asText(credential: Partial<Record<Field, unknown>>): Record<Field, string> {
  const text = (field: Field) => String(credential[field] ?? '');
  return {
    websiteId: text('websiteId'),
    tokenIdentifier: text('tokenIdentifier'),
    tokenKey: text('tokenKey'),
    tier: text('tier'),
    baseUrl: text('baseUrl'),
  };
}
