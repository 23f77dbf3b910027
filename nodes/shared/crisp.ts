import { createCrispApi, type CrispApi } from '../../core/crisp/api';
import { createCrispDestination } from '../../core/crisp/destination';
import { createCrispOffers, type CrispOffersOptions } from '../../core/crisp/offers';
import { crisp } from '../../core/crisp/product';
import { systemClock } from '../../core/clock';
import type { OfferChannel } from '../../core/offers/channel';
import type { Destination } from '../../core/delivery/destination';
import { chatKey } from '../../core/memory/chatKey';
import type { Gate } from '../../core/delivery/gate';
import { secretsIn } from '../../core/http/secrets';
import { isSecret } from '../../core/http/signature';
import { credentialFields } from './credentialFields';
import { baseUrlOf, callsWith, tokenKey, type ServiceContext, type Urgency } from './service';
import type { SecretFault } from './webhookSecret';

export const CRISP_CREDENTIAL = 'crispConversationApi';

/** Shorter than Intercom's: a visitor is waiting for the answer. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface Crisp {
  api: CrispApi;
  /** The token's key, which identifies our own messages. */
  secret: string;
  /** See {@link DeliveryParts}. */
  gate: Gate;
  /** @param nickname the author of the notes */
  destination(nickname: string): Destination;
  offers(options: Omit<CrispOffersOptions, 'chat' | 'secret' | 'clock'>): OfferChannel;
}

/**
 * Crisp with the node's credential.
 * @throws NodeOperationError if the credential contains what can never work
 */
export async function crispFor(context: ServiceContext, options: Urgency = {}): Promise<Crisp> {
  const credential = crispFields(await context.getCredentials(CRISP_CREDENTIAL));
  const { websiteId, tokenIdentifier, tokenKey: secret, tier, baseUrl } = credential;
  const base = baseUrlOf(context, baseUrl, 'Crisp Conversation API');
  const basic = Buffer.from(`${tokenIdentifier}:${secret}`).toString('base64');
  const authentication = { Authorization: `Basic ${basic}`, 'X-Crisp-Tier': tier };
  const key = tokenKey(base, tokenIdentifier, secret);
  const secrets = [secret, basic, ...secretsIn(base)];
  const { parts, gate } = callsWith(context, { key, authentication, secrets }, REQUEST_TIMEOUT_MS);
  const api = createCrispApi({ baseUrl: base, websiteId, ...parts, ...options });
  // The API reaches no conversation of another website.
  const chat = chatKey(crisp.chat, websiteId);
  return {
    api,
    secret,
    gate,
    destination: (nickname) => ({ ...createCrispDestination(api, secret, nickname), chat }),
    offers: (options) => createCrispOffers(api, { ...options, chat, secret, clock: systemClock }),
  };
}

export const crispFields = credentialFields(
  'websiteId',
  'tokenIdentifier',
  'tokenKey',
  'tier',
  'webhookSecret',
  'baseUrl',
);

/** Why no hook could ever be accepted with the credential's secret; undefined if one can. */
export function hookSecretFault({
  webhookSecret,
  tier,
}: ReturnType<typeof crispFields>): SecretFault | undefined {
  if (!isSecret(webhookSecret)) {
    return {
      message: 'The credential has no Webhook Secret, so every delivery of Crisp would be refused',
      description:
        "Fill in Webhook Secret in the Crisp Conversation API credential: with a website token a long random text, which you put as ?key=… at the end of the hook's URL; with a plugin its signing secret.",
    };
  }
  if (tier === 'plugin' || !webhookSecret.includes('#')) return undefined;
  return {
    message: "The Webhook Secret has a # in it, which ends the hook's URL before the secret does",
    description:
      'Make up another one, of letters and digits, for the Crisp Conversation API credential and the URL in Crisp.',
  };
}
