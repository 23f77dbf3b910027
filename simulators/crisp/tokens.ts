import type { IncomingHttpHeaders } from 'node:http';

import type { Clock } from '../../core/clock';
import { apiError } from '../http/apiError';
import type { Manners } from '../http/handler';
import { errorBody } from './errors';
import type { Permission } from './scopes';

export interface Token {
  tier: 'plugin' | 'website';
  identifier: string;
  key: string;
  /** Of a plugin's token in production. Missing for one that may do everything. */
  scopes?: readonly Permission[];
}

const DAY_MS = 86_400_000;
/** Requests a day that the vendor grants a token; a plugin's may be raised. */
const QUOTAS: Record<Token['tier'], number> = { website: 10_000, plugin: 5_000 };

/**
 * The token a request comes with: `Authorization: Basic` of identifier and key, and its tier in a
 * header of its own. Undefined for none, an unknown one, or one of another tier.
 */
export function tokenOf(headers: IncomingHttpHeaders, tokens: readonly Token[]): Token | undefined {
  const basic = /^Basic\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  const pair = Buffer.from(basic, 'base64').toString('utf8');
  const ofTier = tokens.filter(({ tier }) => tier === headers['x-crisp-tier']);
  return ofTier.find(({ identifier, key }) => `${identifier}:${key}` === pair);
}

/**
 * How Crisp answers, whatever is asked. Each token has its requests of a day. The vendor does not
 * document when a day begins, nor headers that tell what is left of it: it begins at midnight UTC
 * here, and there are none.
 *
 * @param dailyQuota instead of the tier's own; false lifts it
 */
export function createManners(
  tokens: readonly Token[],
  dailyQuota: number | false | undefined,
  clock: Clock,
): Manners {
  const used = new Map<Token, number>();
  let day = -1;
  return {
    admit({ headers }) {
      const token = tokenOf(headers, tokens);
      if (!token || dailyQuota === false) return {};
      const today = Math.floor(clock.now() / DAY_MS);
      if (today !== day) used.clear();
      day = today;
      const count = (used.get(token) ?? 0) + 1;
      used.set(token, count);
      if (count <= (dailyQuota ?? QUOTAS[token.tier])) return {};
      return { refusal: apiError(429, 'rate_limited', 'The quota of this day is used up') };
    },
    headers: () => ({}),
    errorBody,
    codeOf(status) {
      if (status === 429 || status === 420) return 'rate_limited';
      return status >= 500 ? 'server_error' : 'invalid_data';
    },
  };
}
