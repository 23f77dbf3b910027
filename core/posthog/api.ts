import type { Clock } from '../clock';
import { createPace } from '../http/pace';
import { hideSecrets, isSendable } from '../http/secrets';
import { sendOverFetch } from '../http/sendOverFetch';
import { createService, type CallOptions } from '../http/service';
import { ServiceError } from '../http/errors';
import { fields, idOrNull, isObject, list, text, textOrNull } from '../values';
import { readFunction, type HogFunction } from './hogFunction';
import { POSTHOG, PosthogFault } from './problems';

/** The part of PostHog's REST API that is used here. All methods throw as {@link Service.call}. */
export interface PosthogApi {
  /** The project that the client was made for, or else the one that the key's owner has open in PostHog. */
  getProject(): Promise<ProjectAnswer>;
  /** The project's destinations, without their inputs: those of other products hold secrets of theirs. */
  listDestinations(): Promise<DestinationEntry[]>;
  /** Undefined if there is none with this id, or it was deleted. */
  getFunction(id: string): Promise<HogFunction | undefined>;
  /** Sent once: after no answer, the function may exist all the same. */
  createFunction(body: Record<string, unknown>): Promise<HogFunction>;
  changeFunction(id: string, body: Record<string, unknown>): Promise<HogFunction>;
  /** Changes nothing: fails if the key may not write hog functions. */
  tryWriting(): Promise<void>;
}

/** What is used of a project. The answer has secrets as well, which are dropped. */
export interface ProjectAnswer {
  /** A number, as text. */
  id: string;
  uuid: string;
  name: string;
  /** Opens the live stream for a week; null if this PostHog has none. */
  liveEventsToken: string | null;
}

export interface DestinationEntry {
  id: string;
  description: string;
  /** ISO 8601; '' if PostHog does not say it. */
  createdAt: string;
}

/** What the client is made of. */
export interface PosthogApiOptions {
  /** The application, without a slash at the end: see {@link PosthogHosts}. */
  app: string;
  /** As entered; '' for the project that the key's owner has open. */
  projectId: string;
  /** A personal API key, as entered. */
  key: string;
  fetch: typeof globalThis.fetch;
  clock: Clock;
  random: () => number;
  /** See {@link ServiceOptions}. */
  attempts?: number;
}

const TIMEOUT_MS = 15_000;
const CALLS_AT_ONCE = 4;
const PAGE = 100;
/** No function has this id. PostHog looks at the key's scopes before it looks for the function. */
const NO_FUNCTION = '00000000-0000-0000-0000-000000000000';
const MAX_PAGES = 50;

/**
 * A client for one project.
 * @throws PosthogFault if the key or the Project ID can never work
 */
export function createPosthogApi(options: PosthogApiOptions): PosthogApi {
  const { app, fetch, clock, random, attempts } = options;
  const key = personalKey(options.key);
  const project = `/api/projects/${projectIdOf(options.projectId) || '@current'}/`;
  const functions = `${project}hog_functions/`;
  const hide = hideSecrets([key]);
  const authentication = { Authorization: `Bearer ${key}` };
  const service = createService({
    name: POSTHOG,
    send: sendOverFetch(fetch, { authentication, timeoutMs: TIMEOUT_MS, clock, hide }),
    pace: createPace({ clock, maxConcurrent: CALLS_AT_ONCE }),
    ...{ clock, random, hide, readError },
    ...(attempts !== undefined && { attempts }),
  });

  async function call(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    options: Partial<CallOptions> = {},
  ): Promise<Record<string, unknown>> {
    const request = { method, url: app + path, headers: { Accept: 'application/json' }, body };
    // A 429 is the caller's: a person, or a start of n8n, would wait here for minutes.
    const usual = { repeatable: true, patient: false, isAnswer: isObject };
    return fields(await service.call(request, { ...usual, ...options }));
  }

  return {
    async getProject() {
      const isAnswer = (body: unknown) => idOrNull(fields(body).id) !== null;
      const { id, uuid, name, live_events_token } = await call('GET', project, undefined, {
        isAnswer,
      });
      const liveEventsToken = textOrNull(live_events_token);
      return { id: text(id).trim(), uuid: text(uuid), name: text(name), liveEventsToken };
    },
    async listDestinations() {
      const found: DestinationEntry[] = [];
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const query = `?type=destination&limit=${PAGE}&offset=${page * PAGE}`;
        const isAnswer = (body: unknown) => Array.isArray(fields(body).results);
        const answer = await call('GET', functions + query, undefined, { isAnswer });
        found.push(...list(answer.results).flatMap(readEntry));
        // The address of the next page is not called: it could lead elsewhere, and the key with it.
        if (!answer.next) break;
      }
      return found;
    },
    async getFunction(id) {
      try {
        return readFunction(await call('GET', `${functions}${encodeURIComponent(id)}/`));
      } catch (error) {
        if (error instanceof ServiceError && error.status === 404) return undefined;
        throw error;
      }
    },
    async createFunction(body) {
      const isAnswer = (answer: unknown) => idOrNull(fields(answer).id) !== null;
      const options = { repeatable: false, isAnswer };
      return readFunction(await call('POST', functions, body, options));
    },
    async changeFunction(id, body) {
      return readFunction(await call('PATCH', `${functions}${encodeURIComponent(id)}/`, body));
    },
    async tryWriting() {
      await call('PATCH', `${functions}${NO_FUNCTION}/`, {}).catch((error: unknown) => {
        if (!(error instanceof ServiceError && error.status === 404)) throw error;
      });
    },
  };
}

function readEntry(value: unknown): DestinationEntry[] {
  const { id: given, description, created_at } = fields(value);
  const id = idOrNull(given);
  return id === null ? [] : [{ id, description: text(description), createdAt: text(created_at) }];
}

/** `{"type":"validation_error","code":"invalid_input","detail":"This field is required.","attr":"inputs__url"}` */
function readError(body: unknown): { code: string; message: string; param: string } {
  const { code, detail, attr } = fields(body);
  return { code: text(code), message: text(detail), param: text(attr) };
}

const MAKE_ONE =
  'In PostHog, open Settings → Account → Personal API keys and make one with the scope project:read, and for the source Webhook also hog_function:write. It starts with phx_.';

function personalKey(given: string): string {
  const key = given.trim();
  if (key === '') throw new PosthogFault('bad_key', 'There is no Personal API Key', MAKE_ONE);
  if (/^ph[cs]_/.test(key)) {
    throw new PosthogFault(
      'bad_key',
      'This is a key of the project, which opens nothing here, and no Personal API Key',
      MAKE_ONE,
    );
  }
  if (isSendable(key)) return key;
  throw new PosthogFault(
    'bad_key',
    'The Personal API Key in the credential is damaged',
    'Copy it again: it contains a character that no key has, such as a space, a line break or “…”.',
  );
}

/** The number of a project. People also copy the address of one of its pages. */
function projectIdOf(given: string): string {
  const entered = given.trim();
  const id = /\/project\/(\d+)(?:\/|$)/.exec(entered)?.[1] ?? entered;
  if (/^\d{0,15}$/.test(id)) return id;
  throw new PosthogFault(
    'unknown_project',
    'The Project ID in the credential is no number',
    'Enter the number in the addresses of the project’s pages: /project/7/…',
  );
}
