import type { Clock } from '../../../core/clock';
import { type Random, uuid7 } from '../../random';
import type { CapturedEvent } from '../types';
import type { SdkEvent } from './body';

const FUTURE_MS = 23 * 3_600_000;

/** Where an event came from. */
interface Origin {
  ip: string;
  /** When the SDK sent it, by the client's clock. */
  sentAt?: string | undefined;
}

/**
 * An event as capture passes it on; undefined for one that capture refuses, because it has no name or no distinct id.
 */
export function accept(
  sent: SdkEvent,
  { ip, sentAt }: Origin,
  clock: Clock,
  random: Random,
): CapturedEvent | undefined {
  const properties = { ...sent.properties };
  const id = sent.distinct_id ?? properties.distinct_id ?? properties.$distinct_id;
  if (typeof sent.event !== 'string' || sent.event === '') return undefined;
  if ((typeof id !== 'string' && typeof id !== 'number') || id === '') return undefined;
  const now = clock.now();
  const happenedAt = timeOf(sent, properties, sentAt, now);
  const own = sent.offset === undefined ? sent.timestamp : undefined;
  return {
    uuid: sent.uuid ?? uuid7(random, now),
    event: sent.event,
    distinct_id: String(id),
    properties,
    ...(sent.$set && { $set: sent.$set }),
    ...(sent.$set_once && { $set_once: sent.$set_once }),
    timestamp: new Date(own === undefined ? happenedAt : parsed(own, now)).toISOString(),
    happenedAt,
    ip,
  };
}

/** When an event happened by PostHog's clock, in epoch milliseconds. */
function timeOf(
  { timestamp, offset }: SdkEvent,
  { $ignore_sent_at: ignored }: Record<string, unknown>,
  sentAt: string | undefined,
  now: number,
): number {
  if (typeof offset === 'number') return now - offset;
  if (timestamp === undefined) return now;
  const own = parsed(timestamp, now);
  const late = sentAt === undefined || ignored === true ? 0 : parsed(sentAt, now) - now;
  const happened = own - late;
  return happened > now + FUTURE_MS ? now : happened;
}

function parsed(time: string, otherwise: number): number {
  const ms = Date.parse(time);
  return Number.isFinite(ms) ? ms : otherwise;
}
