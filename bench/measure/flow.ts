import { demo } from '../../simulators/demo';
import { createArrivals, type Outcome } from './arrivals';
import type { BacklogSample } from './growth';
import { sendLoad, serialsIn, type LoadSession } from './load';
import type { Services } from './services';
import { watchParts, watchUsage, type Parts, type PartUsage, type Usage } from './usage';

export interface FlowRun {
  outcome: Outcome;
  /** The outcome of some of the sessions. */
  outcomeOf(among: (session: number) => boolean): Outcome;
  /** n8n's usage while the load was sent, and from then until its notes had come. */
  usage: Usage;
  settling: Usage;
  /** What each part of the stage used, from the first event to the last note. */
  parts: PartUsage[];
  /** Events that were in no note yet, four times a second while the load was sent. */
  backlog: BacklogSample[];
  /** CPU of the sender and the simulators while the load was sent, in cores. */
  senderCores: number;
}

interface FlowLoad {
  /** Events a second. */
  rate: number;
  seconds: number;
  /** How long to wait for notes after the load, in all and while none comes, in milliseconds. */
  waitMs?: number;
  patienceMs?: number;
  signal?: AbortSignal | undefined;
  /** Called when the load is sent, before waiting for its notes. */
  onSent?(): void | Promise<void>;
  /** Called with the sent actions, and with the actions of each note in its order; the first is number 0. */
  onSend?(serial: number, session: number): void;
  onNote?(serials: readonly number[]): void;
}

/** The services, and n8n's process. */
export interface FlowStage extends Pick<Services, 'connector' | 'intercom' | 'takeSerials'> {
  pid: number;
  /** All processes, for what each part uses. Default: none. */
  parts?: Parts;
}

const SAMPLE_MS = 250;

/** Sessions that each have a conversation; the stream names it, so that the first event links them. */
export function sessionsWithConversations(
  stage: Pick<FlowStage, 'intercom'>,
  count: number,
  name = 'session',
): LoadSession[] {
  return Array.from({ length: count }, (_, i) => {
    const userId = `person-${name}-${i}`;
    const { id } = stage.intercom.visitorStarts({ external_id: userId, text: 'Hello' });
    return { id: `${name}-${i}`, userId, conversationId: id };
  });
}

/** Sessions of visitors who never open a chat. */
export function sessionsWithoutConversation(count: number, name: string): LoadSession[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${name}-${i}`, userId: `${name}-${i}` }));
}

/** Sends a load, waits for its notes, and returns how they arrived. */
export async function measureFlow(
  stage: FlowStage,
  sessions: readonly LoadSession[],
  load: FlowLoad,
): Promise<FlowRun> {
  const {
    rate,
    seconds,
    waitMs = 120_000,
    patienceMs = 20_000,
    signal,
    onSend,
    onNote,
    onSent,
  } = load;
  const count = Math.round(rate * seconds);
  const arrivals = createArrivals(count);
  // Each number is used once; otherwise a late note of an earlier load would count for this one.
  const firstSerial = stage.takeSerials(count);
  const unwatch = stage.intercom.onChange((change) => {
    if (change.kind !== 'part-created' || change.part.part_type !== 'note') return;
    const serials = serialsIn(change.part.body)
      .map((serial) => serial - firstSerial)
      .filter((serial) => serial >= 0 && serial < count);
    arrivals.noted(serials);
    onNote?.(serials);
  });
  let watched = watchUsage(stage.pid);
  const watchedParts = watchParts(stage.parts ?? {});
  const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
  const backlog: BacklogSample[] = [];
  const sampling = setInterval(() => {
    const { sent, arrived } = arrivals.counts();
    backlog.push([performance.now() - began, sent - arrived]);
  }, SAMPLE_MS);
  try {
    await sendLoad({
      sessions,
      rate,
      seconds,
      firstSerial,
      send: (bytes) => stage.connector.sendRaw(demo.productId, bytes),
      onSend(number, session) {
        const serial = number - firstSerial;
        arrivals.sent(serial, session);
        onSend?.(serial, session);
      },
      ...(signal && { signal }),
    });
    const sender = process.cpuUsage(cpuBefore);
    const used = watched();
    clearInterval(sampling);
    watched = watchUsage(stage.pid);
    await onSent?.();
    await arrivals.settled({ waitMs, patienceMs, signal });
    return {
      outcome: arrivals.outcome(),
      outcomeOf: arrivals.outcome,
      usage: used,
      settling: watched(),
      parts: watchedParts(),
      backlog,
      senderCores: (sender.user + sender.system) / 1_000 / used.wallMs,
    };
  } catch (error) {
    watched();
    throw error;
  } finally {
    clearInterval(sampling);
    unwatch();
  }
}
