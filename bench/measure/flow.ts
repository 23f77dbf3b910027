import { demo } from '../../simulators/demo';
import { createArrivals, type Outcome } from './arrivals';
import { sendLoad, type LoadSession } from './load';
import type { Stage } from './stage';
import { watchUsage, type Usage } from './usage';

export interface FlowRun {
  outcome: Outcome;
  /** Of n8n while the load was sent. */
  usage: Usage;
}

export interface FlowLoad {
  /** Events a second. */
  rate: number;
  seconds: number;
  /** How long after the load notes are waited for, in milliseconds, and how long while none comes. */
  waitMs?: number;
  patienceMs?: number;
  signal?: AbortSignal;
}

/** Sessions that each have a conversation; the stream names it, so that the first event links them. */
export function sessionsWithConversations(stage: Stage, count: number): LoadSession[] {
  return Array.from({ length: count }, (_, i) => {
    const userId = `person-${i}`;
    const { id } = stage.intercom.visitorStarts({ external_id: userId, text: 'Hello' });
    return { id: `session-${i}`, userId, conversationId: id };
  });
}

/** Sends a load, waits for its notes, and tells what became of it. */
export async function measureFlow(
  stage: Stage,
  sessions: readonly LoadSession[],
  { rate, seconds, waitMs = 120_000, patienceMs = 20_000, signal }: FlowLoad,
): Promise<FlowRun> {
  const arrivals = createArrivals(Math.ceil(rate * seconds) + 1);
  const unwatch = stage.intercom.onChange((change) => {
    if (change.kind !== 'part-created' || change.part.part_type !== 'note') return;
    arrivals.noted(change.part.body);
  });
  const usage = watchUsage(stage.pid);
  await sendLoad({
    sessions,
    rate,
    seconds,
    send: (bytes) => stage.connector.sendRaw(demo.productId, bytes),
    onSend: arrivals.sent,
    ...(signal && { signal }),
  });
  const used = usage();
  await arrivals.settled({ waitMs, patienceMs, signal });
  unwatch();
  return { outcome: arrivals.outcome(), usage: used };
}
