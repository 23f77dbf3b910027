import { systemClock } from '../../core/clock';
import { createPosthogApi, type PosthogApi } from '../../core/posthog/api';
import { hostsOf } from '../../core/posthog/hosts';
import { credentialFields } from '../shared/credentialFields';

export const POSTHOG_CREDENTIAL = 'posthogActivityApi';

export const posthogFields = credentialFields(
  'region',
  'baseUrl',
  'liveUrl',
  'projectId',
  'personalApiKey',
  'signingSecret',
);
export type PosthogFields = ReturnType<typeof posthogFields>;

/** Overrides of the credential, and of how often a request is sent. */
interface ApiOverrides {
  projectId?: string | undefined;
  attempts?: number;
}

/**
 * A client for the credential's project.
 * @throws PosthogFault if the credential contains what can never work
 */
export function posthogApiFor(
  fields: PosthogFields,
  fetch: typeof globalThis.fetch,
  { projectId = fields.projectId, attempts }: ApiOverrides = {},
): PosthogApi {
  return createPosthogApi({
    app: hostsOf(fields).app,
    key: fields.personalApiKey,
    projectId,
    ...{ fetch, clock: systemClock, random: Math.random },
    ...(attempts !== undefined && { attempts }),
  });
}
