import { pushBounded } from '../bounded';
import type { Clock } from '../../core/clock';
import { type Arrivals, ON_TIME } from '../http/arrivals';
import { statusOf } from '../http/statusOf';
import { type Random, uuid } from '../random';
import { type HookPayload, hooksOf, signature } from './hookPayload';
import type { Quirks } from './quirks';
import type { Change, Delivery, HookEvent, Hooks, Subscription } from './types';

interface Sent {
  id: string;
  subscription: Subscription;
  payload: HookPayload;
  attempts: number;
}

const PATIENCE_MS = 2_000;
/** Crisp documents that there are retries. Their number and times are assumed. */
const ATTEMPT_LIMIT = 3;
const RETRY_MS = [5_000, 25_000];
const KEPT = 1_000;
/** Plugins can get these, website hooks cannot; told by those who use both. */
const FOR_PLUGINS: readonly HookEvent[] = ['session:request:initiated'];

interface Parts {
  clock: Clock;
  random: Random;
  websiteId: string;
  quirks: Readonly<Quirks>;
  /** How long a subscriber may take to answer. */
  patienceMs?: number | undefined;
}

/** Sends hooks to subscribers, and again when one does not answer with 200 within 2 s. */
export function createHooks({ clock, random, websiteId, quirks, patienceMs = PATIENCE_MS }: Parts) {
  const subscriptions = new Set<Subscription>();
  const retries = new Set<() => void>();
  const underWay = new Set<Promise<unknown>>();
  const sent: Sent[] = [];
  const deliveries: Delivery[] = [];
  let arrivals: Arrivals = ON_TIME;

  const send = async (entry: Sent): Promise<number> => {
    entry.attempts += 1;
    const { subscription, payload, attempts } = entry;
    const { url, kind } = subscription;
    const began = clock.now();
    const body = JSON.stringify(payload);
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': 'crisp-hooks-simulator',
      'X-Crisp-Hook-Origin': `${kind}/simulator`,
      'X-Crisp-Request-Timestamp': String(began),
      'X-Delivery-Attempt-Count': String(attempts),
      'X-Delivery-Attempt-Limit': String(ATTEMPT_LIMIT),
      ...(kind === 'plugin' && {
        'X-Crisp-Signature': signature(body, subscription.secret, began),
      }),
    };
    return await statusOf(url, { method: 'POST', headers, body }, patienceMs, clock);
  };
  const attempt = async (entry: Sent): Promise<Delivery> => {
    const began = clock.now();
    const status = await send(entry);
    const at = clock.now();
    const { id, attempts } = entry;
    const [{ url }, { event }] = [entry.subscription, entry.payload];
    const delivery: Delivery = { at, id, event, url, attempt: attempts, status, ms: at - began };
    pushBounded(deliveries, delivery, KEPT);
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
  const deliver = (entry: Sent, failures = 0): void => {
    void track(attempt(entry)).then(({ status }) => {
      const wait = RETRY_MS[failures];
      if (status === 200 || wait === undefined) return;
      later(wait, () => {
        if (subscriptions.has(entry.subscription)) deliver(entry, failures + 1);
      });
    });
  };

  const hooks: Hooks = {
    deliveries,
    subscribe(subscription) {
      subscriptions.add(subscription);
      return () => subscriptions.delete(subscription);
    },
    setArrivals: (next) => void (arrivals = next),
    subscribed: () => [...subscriptions].some(({ occasional }) => !occasional),
    async redeliver(deliveryId) {
      const entry = sent.find(({ id }) => id === deliveryId);
      if (!entry) throw new Error(`No hook ${deliveryId} was sent, or it is too long ago`);
      return track(attempt(entry));
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };

  const raise = (payload: HookPayload): void => {
    for (const subscription of subscriptions) {
      const { kind, events = ['message:send'] } = subscription;
      if (!events.includes(payload.event)) continue;
      if (kind === 'website' && FOR_PLUGINS.includes(payload.event)) continue;
      const entry = { id: uuid(random), subscription, payload, attempts: 0 };
      if (subscription.occasional) {
        void track(send(entry));
        continue;
      }
      pushBounded(sent, entry, KEPT);
      for (const ms of arrivals(payload.event)) later(ms, () => deliver(entry));
    }
  };

  return {
    hooks,
    /** Sends a change to its subscribers. */
    notify(change: Change): void {
      for (const payload of hooksOf(change, websiteId, clock.now(), quirks)) raise(payload);
    },
    /** Cancels all retries. */
    stop(): void {
      retries.forEach((cancel) => cancel());
      retries.clear();
    },
  };
}
