import type { CarryOut } from '../../http/handler';
import { jsonBody } from '../../http/jsonBody';
import { differences } from '../../http/shape';
import type { Backend, ProjectApi } from '../types';
import { createAccess } from './access';
import { createDeliveries, type Deliveries } from './delivery';
import { documented } from './documented';
import { invalid, notFound } from './errors';
import { createFunctions, type FunctionOptions, type StoredFunction } from './functions';
import { createManners } from './rateLimit';
import { projectView, route } from './routes';

export { STATE, type StoredFunction } from './functions';
export { signatureHeaders } from './signing';
export type { Attempt, Deliveries, DeliveryCounts } from './delivery';

export interface ProjectApiOptions extends FunctionOptions {
  /** Whether a key has a limit of requests. Default true. */
  isLimited?: boolean;
  /** Deliveries of one moment are this far apart at most, in milliseconds. Default 200. */
  spreadMs?: number;
  /** How long a delivery waits for its answer, in milliseconds. Default 10 000. */
  patienceMs?: number;
}

export interface SimulatedProjectApi extends ProjectApi {
  readonly deliveries: Deliveries;
  /** The functions of a project, deleted ones included, oldest first. They may be changed. */
  functions(projectId: number): StoredFunction[];
  /** A function that a person makes in PostHog's pages. @param body as the API takes it */
  makeFunction(projectId: number, body: Record<string, unknown>): StoredFunction;
  /** Sets the project that a person has open in PostHog: the one that `@current` stands for. */
  openProject(userId: number, projectId: number): void;
}

const PROJECTS = /^\/api\/projects\/?$/;
/** Environments are an older name for the same. */
const BELOW_PROJECT = /^\/api\/(?:projects|environments)\/([^/]+)\/?(.*?)\/?$/;

/** PostHog's API of projects and their hog functions, and what these deliver. */
export function createProjectApi(
  backend: Backend,
  options: ProjectApiOptions = {},
): SimulatedProjectApi {
  const { clock, random, siteUrl, projects } = backend;
  const access = createAccess(backend);
  const functions = createFunctions(clock, random, options);
  const { deliveries, stop } = createDeliveries({
    ...{ clock, random, siteUrl, functionsOf: functions.of },
    ...{ spreadMs: options.spreadMs, patienceMs: options.patienceMs },
  });
  const unlisten = backend.onProcessed((event, project) => deliveries.repeat(event, project));
  const projectNamed = (id: number) => {
    const project = projects.find((one) => one.id === id);
    if (!project) throw new Error(`The simulated PostHog has no project ${id}`);
    return project;
  };

  const carryOut: CarryOut = (request, rawBody, query) => {
    const { method, path, headers } = request;
    const key = access.keyOf(headers);
    if (method === 'GET' && PROJECTS.test(path)) {
      access.demand(key, 'project', 'read');
      const results = access.allProjects(key).map(projectView);
      return JSON.stringify({ count: results.length, next: null, previous: null, results });
    }
    const [, name, below] = BELOW_PROJECT.exec(path) ?? [];
    if (name === undefined || below === undefined) throw notFound();
    const { handle, object, right, status = 200, id } = route(method, below);
    access.demand(key, object, right);
    const project = access.projectOf(name, key);
    for (const detail of differences(documented, { ...request, path: below, query })) {
      backend.note(method, path, detail);
    }
    const refuse = (detail: string) => invalid('body', detail);
    const body = method === 'GET' ? {} : jsonBody(request, rawBody, () => undefined, refuse);
    const call = { backend, functions, project, key, body, query, path, id };
    return { status, json: JSON.stringify(handle(call)) };
  };

  return {
    carryOut,
    manners: createManners(clock, options.isLimited ?? true),
    stop() {
      unlisten();
      stop();
    },
    deliveries,
    functions: (projectId) => functions.of(projectNamed(projectId)),
    makeFunction: (projectId, body) => functions.create(projectNamed(projectId), body, 1),
    openProject: access.openProject,
  };
}
