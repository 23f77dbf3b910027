import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { type Clock, systemClock } from '../../core/clock';
import { createFaults, type Effect, type Faults, type Latency } from '../http/faults';
import { createHandler } from '../http/handler';
import { createJournal, type Journal } from '../http/journal';
import { type Address, closeServer, listenOn } from '../http/listen';
import { sendJson, sendPage } from '../http/messages';
import { createRandom, type Random } from '../random';
import { createProjectApi, type ProjectApiOptions, type SimulatedProjectApi } from './api';
import type { SdkEvent } from './capture/body';
import { createCapture } from './capture/server';
import { createIngestion } from './ingestion';
import { createAccess, type LiveAccess } from './live/access';
import { oddities } from './live/filter';
import { createLive, type LiveStream } from './live/stream';
import { replayPage } from './replay';
import type { CapturedEvent, PersonalKey, ProcessedListener, Project } from './types';

export interface PosthogOptions {
  projects: readonly Project[];
  keys: readonly PersonalKey[];
  /** How the project API and its deliveries behave. */
  api?: ProjectApiOptions;
  /** What tokens of the live stream are signed with. */
  liveSecret?: string;
  /** Milliseconds from capture to destinations. Default 2 000. */
  ingestionMs?: number;
  latency?: Latency;
  /** Entries kept of each kind in the journal. Default 10 000. */
  journalSize?: number;
  clock?: Clock;
  random?: Random;
}

/** Gets each event as capture took it. */
type CaptureListener = (event: CapturedEvent, project: Project) => void;

export interface PosthogSimulator {
  /** Resolves to the server's origin: that of the site, of capture and of the live stream alike. */
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
  /**
   * Captures an event as if an SDK had sent it; a token is not needed.
   *
   * @param projectId default: the first project
   */
  capture(event: SdkEvent, projectId?: number): void;
  live: LiveStream;
  /** Projects, their destinations, and what these deliver. */
  api: Omit<SimulatedProjectApi, 'carryOut' | 'manners' | 'stop'>;
  /** Tokens of the live stream, and who may read it. */
  access: LiveAccess;
  faults: Faults;
  setLatency(latency: Latency): void;
  /** Its mutations are the events that capture took. */
  readonly journal: Journal<CapturedEvent>;
  /** Calls the listener for each event that capture takes; returns a function that ends this. */
  onCaptured(listener: CaptureListener): () => void;
  /** Calls the listener for each event after ingestion; returns a function that ends this. */
  onProcessed(listener: ProcessedListener): () => void;
}

const LIVE = /^(?:\/[\w-]+)*\/(events|stats)$/;

/**
 * PostHog: capture for SDKs, the live stream (below any path, `/livestream/events` as well as `/events`), ingestion,
 * and the project API.
 */
export function createPosthogSimulator(options: PosthogOptions): PosthogSimulator {
  const { projects, keys, liveSecret = 'northwind-live-secret' } = options;
  const { clock = systemClock, random = createRandom(1), journalSize = 10_000 } = options;
  const faults = createFaults();
  const listeners = new Set<CaptureListener>();
  const { journal, noteMutation, noteRequest, noteViolation } =
    createJournal<CapturedEvent>(journalSize);
  let latency: Latency = options.latency ?? 0;
  let siteUrl = '';

  const access = createAccess(projects, liveSecret, clock);
  const live = createLive(access, clock);
  const ingestion = createIngestion({ clock, ingestionMs: options.ingestionMs });
  const violate = (method: string, path: string, detail: string): void =>
    noteViolation({ at: clock.now(), rule: 'undocumented', method, path, detail });
  const capture = createCapture({
    projects,
    clock,
    random,
    take(event, project) {
      noteMutation(event);
      live.publish(event, project);
      ingestion.processed(event, project);
      listeners.forEach((listener) => listener(event, project));
    },
    note: (detail) => violate('POST', '/e/', detail),
  });

  const api = createProjectApi(
    {
      projects,
      keys,
      liveEventsToken: (project, key) => access.issue(project, key),
      onProcessed: ingestion.onProcessed,
      note: violate,
      siteUrl: () => siteUrl,
      clock,
      random,
    },
    options.api,
  );
  const answerApi = createHandler({
    faults,
    manners: api.manners,
    latency: () => latency,
    carryOut: api.carryOut,
    noteRequest,
    clock,
    random,
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', headers } = request;
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://simulator');
    if (path.startsWith('/api/')) return await answerApi(request, response);
    const asked = { at: clock.now(), method, path, headers, body: undefined };
    const effect = faults.strike(asked);
    if (effect) return noteRequest({ ...asked, status: playFault(effect, request, response) });
    const [, part] = method === 'GET' ? (LIVE.exec(path) ?? []) : [];
    if (part === 'events') {
      for (const detail of oddities(query)) violate(method, path, detail);
      return noteRequest({ ...asked, status: live.events(request, query, response) });
    }
    if (part === 'stats') return noteRequest({ ...asked, status: live.stats(request, response) });
    const status = await capture.answer(request, path, query, response);
    if (status !== undefined) return noteRequest({ ...asked, status });
    if (path === '/') {
      response.writeHead(200, { 'Content-Type': 'text/plain' }).end('RealTime Hog 3000');
      return noteRequest({ ...asked, status: 200 });
    }
    const replay = method === 'GET' ? replayPage(path, query, journal.mutations) : undefined;
    if (replay !== undefined) {
      response.writeHead(200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      });
      response.end(replay);
      return noteRequest({ ...asked, status: 200 });
    }
    noteRequest({ ...asked, status: 404 });
    sendJson(response, 404, { message: 'Not Found' });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  // A stream is one request that does not end.
  server.requestTimeout = 0;

  return {
    async listen(port = 0, host = '127.0.0.1') {
      const place = { service: 'PostHog', variable: 'POSTHOG_PORT', host, port };
      const address = await listenOn(server, place);
      siteUrl = address.url;
      return address;
    },
    close() {
      ingestion.stop();
      api.stop();
      return closeServer(server);
    },
    capture(event, projectId = projects[0]?.id) {
      const project = projects.find(({ id }) => id === projectId);
      if (!project) throw new Error(`The simulated PostHog has no project ${projectId}`);
      capture.receive(event, { token: project.apiToken, ip: '127.0.0.1' });
    },
    live: live.stream,
    api,
    access,
    faults,
    setLatency: (next) => void (latency = next),
    journal,
    onCaptured(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onProcessed: ingestion.onProcessed,
  };
}

/** Carries out a fault of a request that is not for the project API; returns the status, 0 if there is none. */
function playFault(effect: Effect, request: IncomingMessage, response: ServerResponse): number {
  if (effect.kind === 'status') {
    const { status, message = 'Injected fault' } = effect;
    sendJson(response, status, { message });
    return status;
  }
  if (effect.kind === 'page') {
    sendPage(response);
    return 200;
  }
  if (effect.kind !== 'hang') request.socket.resetAndDestroy();
  return 0;
}
