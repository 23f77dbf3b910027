import { createHash } from 'node:crypto';
import {
  NodeOperationError,
  type IExecuteFunctions,
  type IHttpRequestOptions,
  type ILoadOptionsFunctions,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { createGate, type Gate } from '../../core/delivery/gate';
import { toFetchError } from '../../core/http/fetchErrors';
import { hideSecrets, isSendable, type Hide } from '../../core/http/secrets';
import { createHealth, reporting, type Health } from '../../core/http/health';
import { createPace, type Pace } from '../../core/http/pace';
import type { Send, ServiceOptions } from '../../core/http/service';
import { perProcess } from './perProcess';

export type ServiceContext = Pick<
  IExecuteFunctions | ILoadOptionsFunctions,
  'getNode' | 'getCredentials' | 'logger'
> & {
  helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'>;
} & Partial<Pick<IExecuteFunctions, 'addExecutionHints'>>;

/** At 200 ms a call, this is more than any service here allows. More calls at once would only wait there. */
const CALLS_AT_ONCE = 40;

/** Fewer than the calls, so that a note that has been written leaves at once. */
const NOTES_AT_ONCE = 25;

/** What all calls with one token share: who may write a note next, who may call next, and whether the service answers. */
interface Traffic {
  gate: Gate;
  pace: Pace;
  health: Health;
}

const trafficOf = perProcess<Traffic>(() => {
  const clock = systemClock;
  const health = createHealth(clock);
  return {
    gate: createGate({ clock, places: NOTES_AT_ONCE, health }),
    pace: createPace({ clock, maxConcurrent: CALLS_AT_ONCE }),
    health,
  };
});

/** A key that identifies a token and does not reveal it. */
export function tokenKey(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

/**
 * A credential's address without a slash at its end.
 * @throws NodeOperationError if it is no URL, which the error of a request would not say as clearly
 */
export function baseUrlOf(
  context: Pick<ServiceContext, 'getNode'>,
  given: unknown,
  credential: string,
): string {
  const base = String(given ?? '')
    .trim()
    .replace(/\/+$/, '');
  if (/^https?:$/.test(URL.parse(base)?.protocol ?? '')) return base;
  throw new NodeOperationError(context.getNode(), 'The Base URL in the credential is no URL', {
    description: `Correct Base URL in the ${credential} credential: it starts with https://.`,
  });
}

/**
 * A credential's token without white space around it.
 * @throws NodeOperationError if it contains what no header can; the request's own error would quote that
 */
export function tokenOf(
  context: Pick<ServiceContext, 'getNode'>,
  given: unknown,
  field: string,
  credential: string,
): string {
  const token = String(given ?? '').trim();
  if (isSendable(token)) return token;
  throw new NodeOperationError(context.getNode(), `The ${field} in the credential is damaged`, {
    description: `Copy ${field} into the ${credential} credential again: it contains a character that no token has, such as a space, a line break or “…”.`,
  });
}

export interface Token {
  /** See {@link tokenKey}. */
  key: string;
  /** The headers that carry the token. */
  authentication: Record<string, string>;
  /** What an error must not show, though the service may quote it. */
  secrets: readonly string[];
}

/** Overrides for callers that must not queue behind other users of the token, such as credential tests. */
export type Urgency = Partial<Pick<ServiceOptions, 'attempts' | 'pace'>>;

/** What a chat product's client and its deliveries need, for one token. */
export interface Calls {
  /** What the client is made of. */
  parts: Pick<ServiceOptions, 'send' | 'pace' | 'clock' | 'random' | 'isAway' | 'hide'>;
  /** See {@link DeliveryParts}. */
  gate: Gate;
}

/**
 * Calls with this token. All of them in this process share one pace, and together they show whether the service answers.
 * @param timeout of one request, in milliseconds
 */
export function callsWith(
  context: Pick<ServiceContext, 'helpers'>,
  token: Token,
  timeout: number,
): Calls {
  const { gate, pace, health } = trafficOf(token.key);
  const hide = hideSecrets(token.secrets);
  const parts = {
    send: reporting(sender(context, token, timeout, hide), health),
    hide,
    isAway: health.isAway,
    pace,
    clock: systemClock,
    random: Math.random,
  };
  return { parts, gate };
}

/**
 * Sends by n8n's HTTP helper, which knows the proxy and the addresses that n8n may not call.
 *
 * The credential's headers are given to it. n8n's helper for authenticated requests would read the credential from the
 * database, decrypt it and evaluate its expressions for each request, which costs more than the rest of the request.
 */
function sender(
  { helpers }: Pick<ServiceContext, 'helpers'>,
  { authentication }: Token,
  timeout: number,
  hide: Hide,
): Send {
  return async ({ method, url, headers, body }) => {
    // The helper's own timeout limits silence: an answer that trickles in would never end.
    const giveUp = AbortSignal.timeout(timeout);
    const options: IHttpRequestOptions = {
      method,
      url,
      json: true,
      returnFullResponse: true,
      ignoreHttpStatusErrors: true,
      timeout,
      abortSignal: giveUp,
      // The token would go to the other address as well, and a POST may arrive there as a GET, which posts nothing.
      disableFollowRedirect: true,
      headers: { ...headers, ...authentication },
      ...(body !== undefined && { body: body }),
    };
    const response = (await helpers.httpRequest(options).catch((error: unknown) => {
      if (giveUp.aborted) throw new TypeError(`no answer within ${timeout / 1_000} s`);
      // The HTTP client's errors contain the whole request with its token.
      const failure = toFetchError(error);
      failure.message = hide(failure.message);
      throw failure;
    })) as { statusCode: number; headers: Record<string, string>; body: unknown };
    const { statusCode: status, headers: answered, body: said } = response;
    return { status, headers: answered, body: said };
  };
}
