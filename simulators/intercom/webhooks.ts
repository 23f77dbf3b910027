import { pushBounded } from '../bounded';
import type { Clock } from '../../core/clock';
import { type Arrivals, ON_TIME } from '../http/arrivals';
import { statusOf } from '../http/statusOf';
import { type Random, uuid } from '../random';
import {
  type Algorithms,
  type ConversationChange,
  type Notification,
  notificationItem,
  signatureHeaders,
  type Topic,
  topicOf,
} from './notifications';
import type { Quirks } from './quirks';
import type { Contact } from './records';
import type { Change } from './store';
import { USUAL_VERSION } from './versions';

export interface Subscription {
  url: string;
  topics: Topic[];
  /** The app's client secret, with which notifications are signed. */
  clientSecret: string;
  /** Default `sha1`, as the vendor. */
  algorithms?: Algorithms;
  /** The app's API version, which is set in the Developer Hub. Default: the official client's. */
  version?: string;
  /** Whether a notification brings the new part. Default true. */
  parts?: boolean;
  /** Listens only now and then, as the editor of n8n does: it is tried once, and a failure is no news. Default false. */
  occasional?: boolean;
}

/** One attempt at delivering, newest last in `deliveries`. */
export interface Delivery {
  /** Epoch milliseconds at which it ended. */
  at: number;
  notificationId: string;
  topic: string;
  url: string;
  attempt: number;
  /** 0 when there was no answer in time or at all. */
  status: number;
}

export interface Webhooks {
  /** Notifies `url` of the topics from now on; returns how to end that. */
  subscribe(subscription: Subscription): () => void;
  /** Whether there is a subscriber that always listens. */
  subscribed(): boolean;
  /** Lets notifications arrive late, twice, out of order, or never from now on. */
  setArrivals(arrivals: Arrivals): void;
  /** Sends a ping to every subscription. */
  ping(): Promise<Delivery[]>;
  /** Checks every subscription's address with a HEAD request: the statuses, 0 for no answer. */
  head(): Promise<number[]>;
  /** Sends an earlier notification again, as the vendor does now and then without being asked. */
  redeliver(notificationId: string): Promise<Delivery>;
  /** Resolves once no attempt is under way; retries that wait for their minute do not count. */
  settled(): Promise<void>;
  readonly deliveries: Delivery[];
}

interface Sent {
  subscription: Subscription;
  notification: Notification;
}

const TIMEOUT_MS = 5_000;
const RETRY_MS = 60_000;
const KEPT = 1_000;

interface Parts {
  clock: Clock;
  random: Random;
  workspaceId: string;
  /** How long a subscriber may take to answer. */
  patienceMs?: number | undefined;
  quirks: Readonly<Quirks>;
  contactOf: (change: ConversationChange) => Contact;
}

/** Signed notifications to subscribers: 5 s to answer, one retry after a minute, 410 unsubscribes. */
export function createWebhooks({
  clock,
  random,
  workspaceId,
  patienceMs = TIMEOUT_MS,
  quirks,
  contactOf,
}: Parts) {
  const subscriptions = new Set<Subscription>();
  const retries = new Set<() => void>();
  const underWay = new Set<Promise<unknown>>();
  const sent: Sent[] = [];
  const deliveries: Delivery[] = [];
  let arrivals: Arrivals = ON_TIME;

  const request = (url: string, init: RequestInit): Promise<number> =>
    statusOf(url, init, patienceMs, clock);

  const send = async ({ subscription, notification }: Sent): Promise<number> => {
    notification.delivery_attempts += 1;
    const { url, clientSecret, algorithms = 'sha1' } = subscription;
    const body = JSON.stringify(notification);
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'intercom-webhooks-simulator',
      ...signatureHeaders(body, clientSecret, algorithms),
    };
    return await request(url, { method: 'POST', headers, body });
  };
  const attempt = async (entry: Sent): Promise<Delivery> => {
    const { subscription, notification } = entry;
    const { url } = subscription;
    const status = await send(entry);
    const { id: notificationId, topic, delivery_attempts } = notification;
    const result = { notificationId, topic, url, attempt: delivery_attempts, status };
    const delivery: Delivery = { at: clock.now(), ...result };
    pushBounded(deliveries, delivery, KEPT);
    if (status === 410) subscriptions.delete(subscription);
    return delivery;
  };
  const track = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
    return work;
  };

  const later = (ms: number, task: () => void): void => {
    if (ms <= 0) return task();
    const cancel = clock.after(ms, () => {
      retries.delete(cancel);
      task();
    });
    retries.add(cancel);
  };
  const deliver = (entry: Sent): void => {
    const first = track(attempt(entry));
    void first.then(({ status }) => {
      const done = (status >= 200 && status < 300) || status === 410;
      if (done || !subscriptions.has(entry.subscription)) return;
      later(RETRY_MS, () => void track(attempt(entry)));
    });
  };
  const notification = (topic: Notification['topic'], item: unknown): Notification => ({
    type: 'notification_event',
    app_id: workspaceId,
    id: `notif_${uuid(random)}`,
    topic,
    created_at: Math.floor(clock.now() / 1_000),
    delivery_attempts: 0,
    data: { type: 'notification_event_data', item },
  });

  const webhooks: Webhooks = {
    deliveries,
    subscribe(subscription) {
      subscriptions.add(subscription);
      return () => subscriptions.delete(subscription);
    },
    setArrivals: (next) => void (arrivals = next),
    subscribed: () => [...subscriptions].some(({ occasional }) => !occasional),
    ping() {
      const item = { type: 'ping', message: 'Checking that the endpoint answers' };
      const all = [...subscriptions].map((subscription) =>
        track(attempt({ subscription, notification: notification('ping', item) })),
      );
      return Promise.all(all);
    },
    head: () => Promise.all([...subscriptions].map(({ url }) => request(url, { method: 'HEAD' }))),
    async redeliver(notificationId) {
      const entry = sent.find((one) => one.notification.id === notificationId);
      if (!entry)
        throw new Error(`No notification ${notificationId} was sent, or it is too long ago`);
      return track(attempt(entry));
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };

  return {
    webhooks,
    /** Notifies those who subscribed to what changed. */
    notify(change: Change): void {
      const topic = topicOf(change, quirks);
      if (!topic || !('conversation' in change)) return;
      for (const subscription of subscriptions) {
        if (!subscription.topics.includes(topic)) continue;
        const { version = USUAL_VERSION, parts = true } = subscription;
        const item = notificationItem(change, contactOf(change), version, !parts);
        const entry = { subscription, notification: notification(topic, item) };
        if (subscription.occasional) {
          void track(send(entry));
          continue;
        }
        pushBounded(sent, entry, KEPT);
        for (const ms of arrivals(topic)) later(ms, () => deliver(entry));
      }
    },
    /** Gives up waiting retries. */
    stop(): void {
      retries.forEach((cancel) => cancel());
      retries.clear();
    },
  };
}
