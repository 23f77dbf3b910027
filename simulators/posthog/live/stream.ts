import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../../../core/clock';
import type { Counts } from '../../http/outlet';
import { sendJson } from '../../http/messages';
import type { CapturedEvent, Project } from '../types';
import type { LiveAccess } from './access';
import { filtersBy, readQuery, type Wanted } from './filter';
import { encode, frameOf } from './frame';
import { createSubscriber, type Subscriber } from './subscriber';
import type { LiveClaims } from './token';

/** How the live stream behaves. Tests change it while it runs. */
export interface LiveSettings {
  /** As an older server: it ignores `columns` and `properties`, and does not check again who may read. Default false. */
  old: boolean;
  /** Milliseconds after which the server ends a stream. Default 30 minutes. */
  lifetimeMs: number;
  /** Events that are on another topic and so never here. Default: errors, heatmaps and recordings. */
  omitted: readonly string[];
  /** Properties that the project keeps from the stream. They are left out, and a filter on one is refused. */
  restricted: readonly string[];
  /** Milliseconds until the server notices a new reader, who misses what happens meanwhile. Newer servers need up to 2 s. Default 0. */
  noticedAfterMs: number;
  /** Whether the head of the answer comes at once, and not with the first frame. Default false. */
  headAtOnce: boolean;
  /** Whether frames come in pieces that end inside of characters. Default false. */
  inPieces: boolean;
}

export interface LiveStream {
  settings: LiveSettings;
  /** How many streams are open. */
  subscribers(): number;
  /** Frames handed to sockets, and frames lost to full queues. */
  readonly counts: Readonly<Counts>;
  /** Sends bytes to every stream as they are. */
  sendRaw(bytes: string | Uint8Array): void;
  /** Ends every stream, as a restart of the server does when it goes well. */
  end(): void;
  /** Cuts every connection. */
  cut(): void;
}

interface Open {
  claims: LiveClaims;
  wanted: Wanted;
  subscriber: Subscriber;
  /** Epoch milliseconds from which on it gets events. */
  from: number;
}

const LIFETIME_MS = 30 * 60_000;
const CHECK_MS = 30_000;
/** How long someone counts as being on the product. Assumed. */
const PRESENT_MS = 60_000;
/** Older events go another way. */
const OLD_MS = 86_400_000;

/** PostHog's live stream of events, before ingestion: `GET /events` and `GET /stats`. Nothing is ever replayed. */
export function createLive(access: LiveAccess, clock: Clock) {
  const open = new Set<Open>();
  const counts: Counts = { sent: 0, dropped: 0 };
  /** When each person did something last, by project and distinct id. */
  const seen = new Map<string, number>();
  const settings: LiveSettings = {
    old: false,
    lifetimeMs: LIFETIME_MS,
    omitted: ['$exception', '$$heatmap', '$snapshot'],
    restricted: [],
    noticedAfterMs: 0,
    headAtOnce: false,
    inPieces: false,
  };

  /** Opens a stream for a request that may have one; else returns the status and message of the refusal. */
  const admit = (request: IncomingMessage): LiveClaims | { status: number; message: string } => {
    const claims = access.claimsOf(request.headers);
    if (!claims) return { status: 401, message: 'wrong token' };
    if (!settings.old && !access.mayRead(claims)) {
      return { status: 401, message: 'live stream access denied' };
    }
    return claims;
  };

  const subscribe = (
    claims: LiveClaims,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const gzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const subscriber = createSubscriber({
      response,
      gzip,
      headAtOnce: settings.headAtOnce,
      inPieces: () => settings.inPieces,
      counts,
    });
    const wanted = readQuery(query, settings.old);
    const one: Open = { claims, wanted, subscriber, from: clock.now() + settings.noticedAfterMs };
    open.add(one);
    let stopChecking = () => {};
    const check = (): void => {
      stopChecking = clock.after(CHECK_MS, () => {
        if (!settings.old && !access.mayRead(claims)) subscriber.end();
        else check();
      });
    };
    check();
    const stopWaiting = clock.after(settings.lifetimeMs, () => subscriber.end());
    response.on('close', () => {
      open.delete(one);
      stopChecking();
      stopWaiting();
    });
  };

  const present = (projectId: number): number =>
    [...seen].filter(
      ([key, at]) => key.startsWith(`${projectId}:`) && clock.now() - at < PRESENT_MS,
    ).length;

  return {
    /** Answers `GET …/events`; returns the status. */
    events(request: IncomingMessage, query: URLSearchParams, response: ServerResponse): number {
      const admitted = admit(request);
      if ('status' in admitted) {
        sendJson(response, admitted.status, { message: admitted.message });
        return admitted.status;
      }
      const hidden = settings.restricted.find((name) => filtersBy(query, name));
      if (hidden !== undefined) {
        const message = `property filter references a restricted property: ${hidden}`;
        sendJson(response, 400, { message });
        return 400;
      }
      subscribe(admitted, query, request, response);
      return 200;
    },
    /** Answers `GET …/stats`; returns the status. */
    stats(request: IncomingMessage, response: ServerResponse): number {
      const claims = access.claimsOf(request.headers);
      const status = claims ? 200 : 401;
      const users = claims ? present(claims.team_id) : 0;
      const body = users > 0 ? { users_on_product: users } : { error: 'no stats' };
      sendJson(response, status, claims ? body : { error: 'wrong token claims' });
      return status;
    },
    /** Sends an event to everyone who wants it. */
    publish(event: CapturedEvent, project: Project): void {
      seen.set(`${project.id}:${event.distinct_id}`, clock.now());
      if (settings.omitted.includes(event.event)) return;
      if (event.happenedAt < clock.now() - OLD_MS) return;
      const frame = frameOf(event, project);
      for (const name of settings.restricted) delete frame.properties[name];
      for (const { claims, wanted, subscriber, from } of open) {
        if (claims.team_id !== project.id || from > clock.now() || !wanted.passes(event)) continue;
        subscriber.deliver(encode({ ...frame, properties: wanted.keep(frame.properties) }));
      }
    },
    /** What tests see and change. */
    stream: {
      settings,
      subscribers: () => open.size,
      counts,
      sendRaw: (bytes) => open.forEach(({ subscriber }) => subscriber.deliver(bytes)),
      end: () => open.forEach(({ subscriber }) => subscriber.end()),
      cut: () => open.forEach(({ subscriber }) => subscriber.cut()),
    } satisfies LiveStream,
  };
}
