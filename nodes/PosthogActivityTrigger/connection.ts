import { systemClock } from '../../core/clock';
import { createPosthogApi, type PosthogApi } from '../../core/posthog/api';
import { hostsOf } from '../../core/posthog/hosts';

export const POSTHOG_CREDENTIAL = 'posthogActivityApi';

const FIELDS = [
  'region',
  'baseUrl',
  'liveUrl',
  'projectId',
  'personalApiKey',
  'signingSecret',
] as const;

/** The credential's fields without white space around them, '' for one that is not set. */
export type PosthogFields = Record<(typeof FIELDS)[number], string>;

export function posthogFields(credential: object): PosthogFields {
  const given = credential as Partial<Record<string, unknown>>;
  const texts = FIELDS.map((field) => [field, String(given[field] ?? '').trim()]);
  return Object.fromEntries(texts) as PosthogFields;
}

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
