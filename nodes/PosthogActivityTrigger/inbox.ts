import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import type { Clock } from '../../core/clock';
import type { Filter } from '../../core/filter/filter';
import type { NamedMemory } from '../../core/memory/named';
import type { IncomingEntry, SessionMemory } from '../../core/memory/types';
import { mergeBatches } from '../../core/payload/merge';
import type { SessionBatch } from '../../core/payload/types';
import { withoutQueries } from '../../core/payload/urls';
import type { PosthogDelivery } from '../../core/posthog/delivery';
import { createTranslator, type Translator } from '../../core/posthog/translator';
import { asError, isObject } from '../../core/values';
import { createIntakes } from '../shared/batching/intakes';
import { receiving } from '../shared/batching/receiving';
import { openMemory, withoutItems } from '../shared/memory/open';
import { triggerParameters } from '../shared/operations/parameters';
import { queryStringsOption } from '../shared/queryStrings';
import { readEvents } from './events';
import { SKIPPED } from './liveSource';
import { filterOf } from '../shared/batching/nodeFilter';

/** What the trigger takes from its webhook. */
export interface Intake {
  /** A delivery was stored. */
  arrived(): void;
  /** A delivery could not be stored. */
  failed(error: Error): void;
}

export const posthogIntakes = createIntakes<Intake>();

/** The name under which a node's deliveries are stored. */
export function inboxOf(context: Pick<ITriggerFunctions, 'getNode' | 'getWorkflow'>): string {
  return JSON.stringify(['posthog', context.getWorkflow().id, context.getNode().id]);
}

/** PostHog delivers each event by itself, in any order. Those of one moment arrive within this time, in milliseconds. */
const SETTLE_MS = 1_000;
/** Deliveries are also taken in by processes for webhooks, which cannot call. */
const LOOK_EVERY_MS = 5_000;
/** Entries are dated by the database's clock. */
const CLOCKS_DIFFER_MS = 100;
const AT_ONCE = 500;

/**
 * Works on what the node's webhook has stored: puts it in order, turns it into actions, remembers them, and starts
 * executions.
 */
export async function listenToInbox(
  context: ITriggerFunctions,
  clock: Clock,
): Promise<ITriggerResponse> {
  const { name } = context.getNode();
  const filter = filterOf(context);
  const keepsQueries = triggerParameters(context).options.isOn(queryStringsOption);
  const { storage, memoryOf } = await openMemory(withoutItems(context));
  const translator = createTranslator({
    project: projectOf,
    events: readEvents(context),
    clock,
    // After a failure, the same events are read again.
    skipsRepeated: false,
    onFirstSkip: (reason) =>
      context.logger.info(`${name}: leaving out events (${SKIPPED[reason]})`),
  });
  const parts = { storage, memory: memoryOf(0), translator, filter, keepsQueries };
  const inbox = inboxOf(context);
  const receiver = await receiving(context, clock, {
    sender: 'PostHog',
    leftOut: filter && (() => filter.take()),
  });

  async function work(): Promise<void> {
    try {
      for (;;) {
        const entries = await storage.incoming(inbox, SETTLE_MS, AT_ONCE);
        if (entries.length > 0) {
          for (const batch of await remembered(entries, parts)) receiver.dispatcher.add(batch);
          await storage.dropIncoming(
            inbox,
            entries.map(({ key }) => key),
          );
        }
        receiver.storage();
        if (entries.length < AT_ONCE) return;
      }
    } catch (error) {
      // They are still stored, so the next look finds them.
      receiver.storage(
        asError(error),
        'Activity that PostHog has sent waits, because the memory fails',
      );
    }
  }

  const looks = lookNowAndThen(clock, work);
  const closeIntake = posthogIntakes.open(context, {
    arrived: () => looks.askFor(SETTLE_MS + CLOCKS_DIFFER_MS),
    failed: (error) => receiver.storage(error),
  });
  return {
    closeFunction: async () => {
      closeIntake();
      await looks.stop();
      await receiver.close();
    },
  };
}

/** Does `work` at once, then every five seconds and when asked to; never twice at a time. */
function lookNowAndThen(clock: Clock, work: () => Promise<void>) {
  let isStopped = false;
  let dueAt = Infinity;
  /** The latest time for which a look was asked for. Earlier ones come too early for it. */
  let wantedAt = 0;
  let cancel = () => {};
  let working: Promise<void> | undefined;

  function within(ms: number): void {
    const at = clock.now() + ms;
    if (isStopped || at >= dueAt) return;
    cancel();
    dueAt = at;
    cancel = clock.after(ms, () => {
      dueAt = Infinity;
      const before = working ?? Promise.resolve();
      working = before.then(work).then(() => {
        const rest = wantedAt - clock.now();
        within(rest > 0 && rest < LOOK_EVERY_MS ? rest : LOOK_EVERY_MS);
      });
    });
  }

  within(0);
  wantedAt = clock.now() + SETTLE_MS + CLOCKS_DIFFER_MS;
  return {
    /** So many milliseconds from now. */
    askFor(ms: number) {
      wantedAt = clock.now() + ms;
      within(ms);
    },
    async stop() {
      isStopped = true;
      cancel();
      await working;
    },
  };
}

interface Parts {
  storage: SessionMemory;
  memory: NamedMemory;
  translator: Translator;
  filter: Filter | undefined;
  keepsQueries: boolean;
}

/** Remembers what deliveries say; returns the batches with something new. */
async function remembered(
  entries: readonly IncomingEntry[],
  { memory, translator, filter, keepsQueries }: Parts,
): Promise<SessionBatch[]> {
  const events = entries.flatMap(({ body }) => readStored(body) ?? []);
  events.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const bySession = Map.groupBy(
    events.flatMap((event) => translator.read(event)),
    ({ product_id, session_id }) => `${product_id}\0${session_id}`,
  );
  const batches = [...bySession.values()].flatMap((some) => {
    const settled = translator.settle(mergeBatches(some));
    return (settled && (filter ? filter.apply(settled) : settled)) ?? [];
  });
  if (batches.length === 0) return [];
  const stored = await memory
    .remember(keepsQueries ? batches : batches.map(withoutQueries))
    .catch((error: unknown) => {
      for (const batch of batches) filter?.notStored(batch);
      throw error;
    });
  // Who a visitor is may be what a conversation has waited for.
  return batches.filter(({ count }, i) => count === 0 || (stored[i]?.added ?? 0) > 0);
}

function readStored(body: string): PosthogDelivery | undefined {
  try {
    const stored: unknown = JSON.parse(body);
    return isObject(stored) ? (stored as unknown as PosthogDelivery) : undefined;
  } catch {
    return undefined;
  }
}

/** The project that a delivery names. */
export function projectOf(event: object): { id: string; url: string } | undefined {
  const { project_id, project_url } = event as Partial<PosthogDelivery>;
  return project_id && project_url ? { id: project_id, url: project_url } : undefined;
}
