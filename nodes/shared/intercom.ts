import { createHash } from 'node:crypto';
import type { IExecuteFunctions, IHttpRequestOptions, ILoadOptionsFunctions } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import type { Destination } from '../../core/delivery/destination';
import { createPace, type Pace } from '../../core/http/pace';
import type { Send } from '../../core/http/service';
import { createIntercomApi, type IntercomApi } from '../../core/intercom/api';
import { createIntercomDestination } from '../../core/intercom/destination';

export const INTERCOM_CREDENTIAL = 'intercomConversationApi';

type Context = IExecuteFunctions | ILoadOptionsFunctions;

/** An access token, wherever it is used: all its callers keep one pace, and its admin is asked for once. */
interface Account {
  pace: Pace;
  ownAdminId?: Promise<string>;
}

/** Intercom allows about 166 calls a second; at 100 ms each, more at once would only wait. */
const CALLS_AT_ONCE = 20;
const REQUEST_TIMEOUT_MS = 20_000;

const accounts = new Map<string, Account>();

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
  destination(givenAdminId: string): Promise<Destination>;
}

/** Intercom with the node's credential. */
export async function intercomFor(context: Context): Promise<Intercom> {
  const { accessToken, region, baseUrl } = await context.getCredentials(INTERCOM_CREDENTIAL);
  const base = (HOSTS[String(region)] ?? String(baseUrl)).replace(/\/+$/, '');
  const account = accountOf(`${base} ${String(accessToken)}`);
  const api = createIntercomApi({
    baseUrl: base,
    send: sender(context),
    pace: account.pace,
    clock: systemClock,
    random: Math.random,
  });

  async function adminId(given: string): Promise<string> {
    if (given !== '') return given;
    if (!account.ownAdminId) {
      account.ownAdminId = api.me().then(({ id }) => id);
      // The next execution asks again.
      account.ownAdminId.catch(() => delete account.ownAdminId);
    }
    return await account.ownAdminId;
  }
  return {
    api,
    adminId,
    destination: async (given) => createIntercomDestination(api, await adminId(given)),
  };
}

function accountOf(secret: string): Account {
  // Hashed, so that the token itself is not kept.
  const key = createHash('sha256').update(secret).digest('base64');
  let account = accounts.get(key);
  if (!account) {
    account = { pace: createPace({ clock: systemClock, maxConcurrent: CALLS_AT_ONCE }) };
    accounts.set(key, account);
  }
  return account;
}

/** n8n's HTTP helper: it knows the credential, the proxy and the addresses n8n may not call. */
function sender(context: Context): Send {
  return async ({ method, url, headers, body }) => {
    const options: IHttpRequestOptions = {
      method,
      url,
      json: true,
      returnFullResponse: true,
      ignoreHttpStatusErrors: true,
      timeout: REQUEST_TIMEOUT_MS,
      ...(headers && { headers }),
      ...(body !== undefined && { body: body }),
    };
    const response = (await context.helpers.httpRequestWithAuthentication.call(
      context,
      INTERCOM_CREDENTIAL,
      options,
    )) as { statusCode: number; headers: Record<string, string>; body: unknown };
    return { status: response.statusCode, headers: response.headers, body: response.body };
  };
}
