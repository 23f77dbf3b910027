import type { IncomingHttpHeaders } from 'node:http';

import type { Clock } from '../../../core/clock';
import type { PersonalKey, Project } from '../types';
import { AUDIENCE, type LiveClaims, readToken, signToken } from './token';

const DAY_MS = 86_400_000;
const LIFETIME_MS = 7 * DAY_MS;

/** Who may read a live stream. */
export type LiveAccess = ReturnType<typeof createAccess>;

/** @param secret the key that tokens are signed with */
export function createAccess(projects: readonly Project[], secret: string, clock: Clock) {
  const issued = new Map<string, { token: string; at: number }>();
  const revoked = new Set<number>();
  let offered = true;
  let lifetimeMs = LIFETIME_MS;

  return {
    /** The token for a person's key: the same one for 24 hours, and valid for 7 days. Null without a live stream. */
    issue(project: Project, { userId }: PersonalKey): string | null {
      if (!offered) return null;
      const holder = `${project.id}:${userId}`;
      const known = issued.get(holder);
      if (known && clock.now() - known.at < Math.min(DAY_MS, lifetimeMs)) return known.token;
      const claims: LiveClaims = {
        aud: AUDIENCE,
        team_id: project.id,
        api_token: project.apiToken,
        user_id: userId,
        organization_id: project.organizationId,
        exp: Math.floor((clock.now() + lifetimeMs) / 1_000),
      };
      const token = signToken(claims, secret);
      issued.set(holder, { token, at: clock.now() });
      return token;
    },
    /** The claims of a request's bearer token, or undefined. Exactly one space stands behind "Bearer". */
    claimsOf({ authorization = '' }: IncomingHttpHeaders): LiveClaims | undefined {
      const token = /^Bearer ([^ ]+)$/.exec(authorization)?.[1];
      try {
        return token === undefined ? undefined : readToken(token, secret, clock.now());
      } catch {
        return undefined;
      }
    },
    /** Whether the holder of a token that is valid may still read: not if access was taken, or the project's token is another. */
    mayRead: ({ user_id, team_id, api_token }: LiveClaims): boolean =>
      !revoked.has(user_id) &&
      projects.some(({ id, apiToken }) => id === team_id && apiToken === api_token),
    /** Takes a person's access. Their open streams end within 30 s, and new ones are refused. */
    revoke: (userId: number): void => void revoked.add(userId),
    restore: (userId: number): void => void revoked.delete(userId),
    /** Forgets issued tokens, so that the next request gets a new one; those already given stay valid. */
    renew: (): void => issued.clear(),
    /** How long tokens are valid from now on, in milliseconds. Default 7 days. */
    setLifetime(ms: number): void {
      lifetimeMs = ms;
      issued.clear();
    },
    /** Whether projects have a token at all. */
    offer: (isOffered: boolean): void => void (offered = isOffered),
  };
}
