import { createHash } from 'node:crypto';
import type { IExecuteFunctions, IHttpRequestOptions, ILoadOptionsFunctions } from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { createPace, type Pace } from '../../core/http/pace';
import type { Send } from '../../core/http/service';

export type ServiceContext = IExecuteFunctions | ILoadOptionsFunctions;

/** At 100 ms a call this is more than any service here allows; more at once would only wait. */
const CALLS_AT_ONCE = 20;

const paces = new Map<string, Pace>();

/** A token as a key that tells it from others but does not give it away. */
export function tokenKey(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

/** The pace of a token: one for all nodes and executions of this process. */
export function paceOf(key: string): Pace {
  let pace = paces.get(key);
  if (!pace)
    paces.set(key, (pace = createPace({ clock: systemClock, maxConcurrent: CALLS_AT_ONCE })));
  return pace;
}

/**
 * n8n's HTTP helper: it knows the credential, the proxy and the addresses n8n may not call.
 *
 * @param timeout of one request, in milliseconds
 */
export function sender(context: ServiceContext, credential: string, timeout: number): Send {
  return async ({ method, url, headers, body }) => {
    const options: IHttpRequestOptions = {
      method,
      url,
      json: true,
      returnFullResponse: true,
      ignoreHttpStatusErrors: true,
      timeout,
      ...(headers && { headers }),
      ...(body !== undefined && { body: body }),
    };
    const response = (await context.helpers.httpRequestWithAuthentication.call(
      context,
      credential,
      options,
    )) as { statusCode: number; headers: Record<string, string>; body: unknown };
    return { status: response.statusCode, headers: response.headers, body: response.body };
  };
}
