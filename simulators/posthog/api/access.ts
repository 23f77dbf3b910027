import type { IncomingHttpHeaders } from 'node:http';

import type { Backend, PersonalKey, Project } from '../types';
import { denied, missingScope, notAuthenticated, notFound, wrongKey } from './errors';

/** What a request may do: read, or write and so read as well. */
type Right = 'read' | 'write';

/** Which key a request comes with, and what it opens. */
export function createAccess({ projects, keys }: Pick<Backend, 'projects' | 'keys'>) {
  /** The project that each person has open in PostHog, by their id. */
  const open = new Map<number, number>();

  return {
    /** Sets the project that a person has open, which `@current` stands for. Default: the first one. */
    openProject: (userId: number, projectId: number): void => void open.set(userId, projectId),
    /** @throws ApiError 401 for a request without a known key */
    keyOf(headers: IncomingHttpHeaders): PersonalKey {
      const given = /^Bearer\s+(\S.*)$/i.exec(headers.authorization ?? '')?.[1]?.trim();
      if (!given) throw notAuthenticated();
      const key = keys.find(({ value }) => value === given);
      if (!key) throw wrongKey();
      return key;
    },
    /** @throws ApiError 403 for a key without the scope. `*` has all of them. */
    demand({ scopes }: PersonalKey, object: string, right: Right): void {
      const enough = [`${object}:write`, '*', ...(right === 'read' ? [`${object}:read`] : [])];
      if (!scopes.some((scope) => enough.includes(scope))) throw missingScope(`${object}:${right}`);
    },
    /** @throws ApiError 404 for a project that does not exist, 403 for one that the key is not meant for */
    projectOf(name: string, key: PersonalKey): Project {
      const id = name === '@current' ? (open.get(key.userId) ?? projects[0]?.id) : Number(name);
      const project = projects.find((one) => one.id === id);
      if (!project) throw notFound('Project not found.');
      if (key.projects && !key.projects.includes(project.id)) {
        throw denied(`API key does not have access to the requested project: ID ${project.id}.`);
      }
      return project;
    },
    /** @throws ApiError 403 for a key that is limited to some projects, where none is named */
    allProjects(key: PersonalKey): readonly Project[] {
      if (!key.projects) return projects;
      throw denied('API keys with scoped projects are only supported on project-based endpoints.');
    },
  };
}
