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

export type ServiceContext = Pick<
  IExecuteFunctions | ILoadOptionsFunctions,
  'getNode' | 'getCredentials' | 'logger'
> & {
  helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'>;
} & Partial<Pick<IExecuteFunctions, 'addExecutionHints'>>;

/** At 200 ms a call this is more than any service here allows; more at once would only wait. */
const CALLS_AT_ONCE = 40;

/** Fewer than calls, so that a note that was written goes out at once. */
const NOTES_AT_ONCE = 25;

const paces = new Map<string, Pace>();
const gates = new Map<string, Gate>();
const healths = new Map<string, Health>();

/** A token as a key that tells it from others but does not give it away. */
export function tokenKey(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

/**
 * A credential's address without a slash at its end.
 * @throws NodeOperationError when it is none: no request could say so as clearly
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
 * A credential's token, without what was copied along before and after it.
 * @throws NodeOperationError when it holds what cannot be sent in a header; the request's own error would name that
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

/** The pace of a token: one for all nodes and executions of this process. */
function paceOf(key: string): Pace {
  return kept(paces, key, () => createPace({ clock: systemClock, maxConcurrent: CALLS_AT_ONCE }));
}

/** What a token's notes pass before they are written: one for all nodes and executions of this process. */
export function gateOf(key: string): Gate {
  return kept(gates, key, () =>
    createGate({ clock: systemClock, places: NOTES_AT_ONCE, health: healthOf(key) }),
  );
}

/** Whether the service answers a token's calls, likewise. */
function healthOf(key: string): Health {
  return kept(healths, key, () => createHealth(systemClock));
}

function kept<T>(all: Map<string, T>, key: string, create: () => T): T {
  let one = all.get(key);
  if (one === undefined) all.set(key, (one = create()));
  return one;
}

/** How calls prove whose they are. */
export interface Token {
  /** See {@link tokenKey}. */
  key: string;
  /** The headers that prove who we are. */
  authentication: Record<string, string>;
  /** What must not come back in what the service says. */
  secrets: readonly string[];
}

/** For who cannot wait: other than all that use the token do. */
export type Urgency = Partial<Pick<ServiceOptions, 'attempts' | 'pace'>>;

/**
 * What an API with this token stands on: its calls keep one pace, and tell together whether the service answers.
 * @param timeout of one request, in milliseconds
 */
export function callsWith(
  context: Pick<ServiceContext, 'helpers'>,
  token: Token,
  timeout: number,
): Pick<ServiceOptions, 'send' | 'pace' | 'clock' | 'random' | 'isAway' | 'hide'> {
  const health = healthOf(token.key);
  const hide = hideSecrets(token.secrets);
  return {
    send: reporting(sender(context, token, timeout, hide), health),
    hide,
    isAway: health.isAway,
    pace: paceOf(token.key),
    clock: systemClock,
    random: Math.random,
  };
}

/**
 * n8n's HTTP helper, which knows the proxy and the addresses n8n may not call.
 *
 * The credential's headers are given, not left to n8n's helper for authenticated requests: that reads
 * the credential from the database, decrypts it and evaluates its expressions for each single request,
 * which costs more than everything else about the request.
 */
function sender(
  { helpers }: Pick<ServiceContext, 'helpers'>,
  { authentication }: Token,
  timeout: number,
  hide: Hide,
): Send {
  return async ({ method, url, headers, body }) => {
    // The helper's own limit is one of silence: an answer that trickles in would have no end.
    const giveUp = AbortSignal.timeout(timeout);
    const options: IHttpRequestOptions = {
      method,
      url,
      json: true,
      returnFullResponse: true,
      ignoreHttpStatusErrors: true,
      timeout,
      abortSignal: giveUp,
      // To another address the token would go along, and a POST may arrive as a GET that nothing was posted by.
      disableFollowRedirect: true,
      headers: { ...headers, ...authentication },
      ...(body !== undefined && { body: body }),
    };
    const response = (await helpers.httpRequest(options).catch((error: unknown) => {
      if (giveUp.aborted) throw new TypeError(`no answer within ${timeout / 1_000} s`);
      // The HTTP client's own errors carry the whole request, its token included.
      const failure = toFetchError(error);
      failure.message = hide(failure.message);
      throw failure;
    })) as { statusCode: number; headers: Record<string, string>; body: unknown };
    const { statusCode: status, headers: answered, body: said } = response;
    return { status, headers: answered, body: said };
  };
}
