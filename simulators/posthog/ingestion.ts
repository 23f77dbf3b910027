import { createHash } from 'node:crypto';

import type { Clock } from '../../core/clock';
import { chainOf } from './sdk/elementsChain';
import { createPersons } from './persons';
import type { CapturedEvent, ProcessedEvent, ProcessedListener, Project } from './types';
import { uuid5 } from './uuid5';

/** How long an event takes from capture to destinations. Assumed: PostHog says seconds. */
const INGESTION_MS = 2_000;
const DAY_MS = 86_400_000;
const COOKIELESS = '$posthog_cookieless';
const SESSIONS = '5f1a0c2e-8b52-4c0e-9a59-7d7c5f0f4a11';
/** What ingestion takes out of an event's properties. */
const TAKEN = ['$elements', '$elements_chain', '$set', '$set_once', '$unset'];

interface Parts {
  clock: Clock;
  /** Milliseconds from capture to listeners. Default 2 000. */
  ingestionMs?: number | undefined;
}

/** PostHog's ingestion: joins persons, and brings events into the form that destinations get. */
export function createIngestion({ clock, ingestionMs = INGESTION_MS }: Parts) {
  const persons = createPersons();
  const listeners = new Set<ProcessedListener>();
  const waiting = new Set<() => void>();

  const process = (captured: CapturedEvent, project: Project): ProcessedEvent => {
    const event = withoutCookies(captured, project);
    const person = persons.apply(project, event);
    const kept = Object.entries(event.properties).filter(([name]) => !TAKEN.includes(name));
    return {
      uuid: event.uuid,
      event: event.event,
      distinct_id: event.distinct_id,
      properties: {
        ...Object.fromEntries(kept),
        ...exceptionsOf(event),
        $ip: event.ip,
        // Addresses of documentation and of this machine have no place, so every visitor is in the same one.
        $geoip_city_name: 'Hamburg',
        $geoip_country_code: 'DE',
      },
      timestamp: new Date(event.happenedAt).toISOString(),
      elements_chain: chainOf(event.properties),
      person,
    };
  };

  return {
    /** Takes an event in; listeners get it after the time that ingestion takes. */
    processed(event: CapturedEvent, project: Project): void {
      const cancel = clock.after(ingestionMs, () => {
        waiting.delete(cancel);
        const done = process(event, project);
        listeners.forEach((listener) => listener(structuredClone(done), project));
      });
      waiting.add(cancel);
    },
    /** Calls the listener for each event after ingestion; returns a function that ends this. */
    onProcessed(listener: ProcessedListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Forgets events that are not through yet. */
    stop(): void {
      waiting.forEach((cancel) => cancel());
      waiting.clear();
    },
  };
}

/** A visitor without cookies gets an id that is new every day, and a session, from where they are. */
function withoutCookies(event: CapturedEvent, project: Project): CapturedEvent {
  if (event.distinct_id !== COOKIELESS) return event;
  const { $raw_user_agent: agent = '', $host: host = '' } = event.properties;
  const day = Math.floor(event.happenedAt / DAY_MS);
  const visitor = [project.id, day, event.ip, String(host), String(agent)].join('\n');
  const hash = createHash('sha256').update(visitor).digest('base64url').slice(0, 22);
  return {
    ...event,
    distinct_id: `cookieless_${hash}`,
    properties: {
      ...event.properties,
      $session_id: uuid5(SESSIONS, visitor),
      $process_person_profile: false,
    },
  };
}

/** What ingestion adds to an error. */
function exceptionsOf({ event, properties }: CapturedEvent): Record<string, unknown> {
  const list = properties.$exception_list;
  if (event !== '$exception' || !Array.isArray(list)) return {};
  const errors = list as { type?: string; value?: string; mechanism?: { handled?: boolean } }[];
  const told = (texts: (string | undefined)[]) => [...new Set(texts.filter((text) => text))];
  const types = told(errors.map(({ type }) => type));
  const values = told(errors.map(({ value }) => value));
  const fingerprint = createHash('sha512')
    .update(JSON.stringify([types, values]))
    .digest('hex');
  return {
    $exception_types: types,
    $exception_values: values,
    $exception_handled: errors.some(({ mechanism }) => mechanism?.handled === true),
    $exception_fingerprint: fingerprint,
    $exception_issue_id: uuid5(SESSIONS, fingerprint),
  };
}
