import { apiError } from '../http/apiError';
import type { Manners } from '../http/handler';
import { errorBody } from './errors';
import type { RateLimit } from './rateLimit';
import { USUAL_VERSION } from './versions';

/** How Intercom answers, whatever is asked. */
export function createManners(rateLimit: RateLimit): Manners {
  return {
    admit() {
      const { allowed, headers } = rateLimit.admit();
      if (allowed) return { headers };
      const text = `Exceeded rate limit of ${rateLimit.perWindow} in 10_seconds`;
      return { headers, refusal: apiError(429, 'rate_limit_exceeded', text) };
    },
    headers: ({ headers }, requestId) => ({
      'X-Request-Id': requestId,
      'Intercom-Version': String(headers['intercom-version'] ?? USUAL_VERSION),
    }),
    errorBody,
    codeOf(status) {
      if (status === 429) return 'rate_limit_exceeded';
      return status >= 500 ? 'server_error' : 'client_error';
    },
  };
}
