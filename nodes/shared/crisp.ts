import { systemClock } from '../../core/clock';
import { createCrispApi, type CrispApi } from '../../core/crisp/api';
import { createCrispDestination } from '../../core/crisp/destination';
import type { Destination } from '../../core/delivery/destination';
import { paceOf, sender, tokenKey, type ServiceContext } from './service';

export const CRISP_CREDENTIAL = 'crispConversationApi';

/** Shorter than elsewhere: a visitor is waiting for the answer. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface Crisp {
  api: CrispApi;
  /** The token's key, by which messages are recognised as ours. */
  secret: string;
  /** @param nickname who notes come from */
  destination(nickname: string): Destination;
}

/** Crisp with the node's credential. */
export async function crispFor(context: ServiceContext): Promise<Crisp> {
  const credential = await context.getCredentials(CRISP_CREDENTIAL);
  const { websiteId, tokenIdentifier, tokenKey: secret } = credential as Record<string, string>;
  const baseUrl = String(credential.baseUrl).replace(/\/+$/, '');
  const api = createCrispApi({
    baseUrl,
    websiteId: String(websiteId).trim(),
    send: sender(context, CRISP_CREDENTIAL, REQUEST_TIMEOUT_MS),
    pace: paceOf(tokenKey(baseUrl, String(tokenIdentifier), String(secret))),
    clock: systemClock,
    random: Math.random,
  });
  return {
    api,
    secret: String(secret),
    destination: (nickname) => createCrispDestination(api, String(secret), nickname),
  };
}
