import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { pushBounded } from '../bounded';
import { type Clock, systemClock } from '../../core/clock';
import { type Address, closeServer, listenOn } from '../http/listen';
import { bearerToken, sendJson } from '../http/messages';
import { type ActivityStore, createActivityStore, safeDecode } from './activity';
import { type ConnectorBehaviour, openStream, play } from './behaviours';
import { encodeFrame } from './frames';
import { createPusher, type Pusher, type PushTarget } from './push';
import { createSubscriber, type Subscriber } from './subscriber';

interface ConnectorOptions {
  /** Known products. An empty token means that the product needs none. */
  products: Record<string, { token: string }>;
  /** Milliseconds between heartbeats. Default 30 000, as the real one. */
  heartbeatMs?: number;
  /** Frames kept for a subscriber whose socket is backed up. Default 256, as the real one. */
  queueSize?: number;
  clock?: Clock;
}

interface ConnectorStats {
  /** Streams open now. */
  subscribers: number;
  /** Frames handed to sockets, heartbeats not counted. */
  sent: number;
  /** Frames lost to full queues and silent connections. */
  dropped: number;
}

/** One request for a stream, refused ones included. */
interface StreamRequest {
  /** Epoch milliseconds. */
  at: number;
  path: string;
  accept: string | undefined;
  authorized: boolean;
}

/** Gets every frame that is sent, also when there is no subscriber. */
type Tap = (productId: string, frame: unknown) => void;

export interface ConnectorSimulator {
  listen(port?: number, host?: string): Promise<Address>;
  close(): Promise<void>;
  /** Sends any JSON value as one frame. Without a subscriber it is lost; there is no replay. */
  send(productId: string, frame: unknown): void;
  /** Sends bytes on the stream as they are, broken ones included, as one frame. Never pushes them. */
  sendRaw(productId: string, bytes: string | Uint8Array): void;
  stats(productId: string): ConnectorStats;
  /**
   * Sets a product to push mode: its frames are POSTed from now on, its streams end, and requests for a
   * stream are answered with 400. `null` sets it back to streaming.
   */
  push(productId: string, target: PushTarget | null): void;
  /** The product's pusher; null in streaming mode. */
  pushed(productId: string): Pusher | null;
  /** Cuts every open connection; clients may reconnect at once. */
  dropConnections(): void;
  behave(behaviour: ConnectorBehaviour): void;
  /** The newest 1 000 requests, oldest first. */
  requests(): readonly StreamRequest[];
  /** Each user's last actions, which can be asked for. Has what `send` was given, not raw bytes. */
  activity: Pick<ActivityStore, 'behave' | 'requests'>;
  /** Calls the tap for each `send`; returns a function that ends this. */
  tap(tap: Tap): () => void;
}

const REQUESTS_KEPT = 1_000;

/**
 * The Autoplay connector: `GET /stream/<product_id>` streams frames as server-sent events.
 * 401 for a missing or wrong token, 404 for an unknown product, 400 for one in push mode (its frames are
 * POSTed instead), other answers through `behave`. Beside it, each user's last actions can be asked for (`activity`).
 */
export function createConnectorSimulator(options: ConnectorOptions): ConnectorSimulator {
  const { heartbeatMs = 30_000, queueSize = 256, clock = systemClock } = options;
  const products = new Map(
    Object.entries(options.products).map(([id, { token }]) => [
      id,
      {
        token,
        subscribers: new Set<Subscriber>(),
        counts: { sent: 0, dropped: 0 },
        pusher: null as Pusher | null,
      },
    ]),
  );
  const requests: StreamRequest[] = [];
  const tokens = Object.entries(options.products).map(([id, { token }]) => [id, token] as const);
  const activity = createActivityStore(new Map(tokens), clock);
  const taps = new Set<Tap>();
  let behaviour: ConnectorBehaviour = { mode: 'normal' };

  const product = (id: string) => {
    const known = products.get(id);
    if (!known) throw new Error(`The connector simulator has no product "${id}"`);
    return known;
  };
  const everySubscriber = (act: (subscriber: Subscriber) => void): void => {
    for (const { subscribers } of products.values()) subscribers.forEach(act);
  };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (activity.answer(request, response)) return;
    const path = (request.url ?? '/').split('?')[0]!;
    const id = /^\/stream\/([^/]+)$/.exec(path)?.[1];
    const wanted = id === undefined ? undefined : products.get(safeDecode(id));
    const authorized = !wanted || wanted.token === '' || bearerToken(request) === wanted.token;
    const { accept } = request.headers;
    pushBounded(requests, { at: clock.now(), path, accept, authorized }, REQUESTS_KEPT);

    // The behaviour comes before the token: a proxy sends its error page without checking it.
    const overriding = ['status', 'html'].includes(behaviour.mode);
    if (!overriding) {
      if (!wanted) return sendJson(response, 404, { detail: 'Unknown product' });
      if (request.method !== 'GET') return sendJson(response, 405, { detail: 'Use GET' });
      if (!authorized) return sendJson(response, 401, { detail: 'Missing or invalid token' });
      if (wanted.pusher) return sendJson(response, 400, { detail: 'The product is set to push' });
    }
    play(behaviour, response, ({ silent }) => {
      if (!wanted) return;
      openStream(response);
      const { counts, subscribers } = wanted;
      const subscriber = createSubscriber({ response, queueSize, heartbeatMs, clock, counts });
      if (silent) subscriber.fallSilent();
      subscribers.add(subscriber);
      response.on('close', () => subscribers.delete(subscriber));
    });
  };

  const server = createServer(answer);
  // A stream is one request that never ends; the default limit is for short ones.
  server.requestTimeout = 0;

  const broadcast = (productId: string, bytes: string | Uint8Array): void =>
    product(productId).subscribers.forEach((subscriber) => subscriber.deliver(bytes));

  return {
    listen: (port = 0, host = '127.0.0.1') =>
      listenOn(server, { service: 'Autoplay connector', variable: 'CONNECTOR_PORT', host, port }),
    async close() {
      for (const { pusher } of products.values()) pusher?.stop();
      await closeServer(server);
    },
    send(productId, frame) {
      const { pusher } = product(productId);
      activity.keep(productId, frame);
      if (pusher) pusher.send(frame);
      else broadcast(productId, encodeFrame(frame));
      taps.forEach((tap) => tap(productId, frame));
    },
    sendRaw: broadcast,
    stats(productId) {
      const { subscribers, counts } = product(productId);
      return { subscribers: subscribers.size, ...counts };
    },
    push(productId, target) {
      const pushing = product(productId);
      pushing.pusher?.stop();
      pushing.pusher = target && createPusher(target, clock);
      if (target) pushing.subscribers.forEach((subscriber) => subscriber.cut());
    },
    pushed: (productId) => product(productId).pusher,
    dropConnections: () => everySubscriber((subscriber) => subscriber.cut()),
    behave(next) {
      behaviour = next;
      if (next.mode === 'silent') everySubscriber((subscriber) => subscriber.fallSilent());
    },
    requests: () => requests,
    activity,
    tap(tap) {
      taps.add(tap);
      return () => taps.delete(tap);
    },
  };
}
