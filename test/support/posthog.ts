import { createPosthogApi } from '../../core/posthog/api';
import { createPosthogSimulator, type Project } from '../../simulators/posthog';
import type { ProjectApiOptions } from '../../simulators/posthog/api';
import { createRandom } from '../../simulators/random';
import { createImpatientClock } from './service';

export const project: Project = {
  id: 7,
  uuid: '01a0c44e-0000-7000-8000-000000000007',
  name: 'Northwind Boards',
  organizationId: '01a0c44e-0000-7000-8000-00000000000a',
  apiToken: 'phc_northwind',
};
export const otherProject: Project = {
  ...project,
  id: 8,
  uuid: '01a0c44e-0000-7000-8000-000000000008',
  name: 'Southwind',
  apiToken: 'phc_southwind',
};

/** Keys by what they may do. */
export const keys = {
  all: { value: 'phx_all', scopes: ['*'], userId: 1 },
  both: { value: 'phx_both', scopes: ['project:read', 'hog_function:write'], userId: 1 },
  reads: { value: 'phx_reads', scopes: ['project:read', 'hog_function:read'], userId: 1 },
  hooks: { value: 'phx_hooks', scopes: ['hog_function:write'], userId: 1 },
  project: { value: 'phx_project', scopes: ['project:read'], userId: 1 },
  other: { value: 'phx_other', scopes: ['*'], projects: [8], userId: 1 },
};

type PairOptions = ProjectApiOptions & {
  key?: string;
  projectId?: string;
  attempts?: number;
  ingestionMs?: number;
};

/** The simulated PostHog and our client of it, over real HTTP; retries do not wait. */
export async function createPosthogPair(options: PairOptions = {}) {
  const { key = keys.both.value, projectId = '', attempts, ingestionMs, ...simulated } = options;
  const { clock, waits } = createImpatientClock();
  const simulator = createPosthogSimulator({
    projects: [project, otherProject],
    keys: Object.values(keys),
    ...(ingestionMs !== undefined && { ingestionMs }),
    api: { isLimited: false, spreadMs: 0, ...simulated },
  });
  const { url } = await simulator.listen();
  const random = createRandom(7);
  const clientOf = (given: { key?: string; projectId?: string; attempts?: number } = {}) =>
    createPosthogApi({
      app: url,
      key: given.key ?? key,
      projectId: given.projectId ?? projectId,
      // Waits are over at once: only the test's own limit ends an answer that never comes.
      ...{ fetch, clock: { ...clock, after: patiently(clock.after) }, random },
      ...(attempts !== undefined && { attempts }),
      ...(given.attempts !== undefined && { attempts: given.attempts }),
    });
  return { simulator, projectApi: simulator.api, url, api: clientOf(), clientOf, waits };
}

/** A clock's timers, of which a request's own time limit never ends. */
function patiently(after: (ms: number, callback: () => void) => () => void): typeof after {
  return (ms, callback) => (ms >= 10_000 ? () => undefined : after(ms, callback));
}

export type PosthogPair = Awaited<ReturnType<typeof createPosthogPair>>;
