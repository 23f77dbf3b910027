import type { Clock } from '../../core/clock';
import type { CarryOut, Manners } from '../http/handler';
import type { Random } from '../random';

/** A project of PostHog. */
export interface Project {
  /** PostHog calls it the team's id, too. */
  id: number;
  uuid: string;
  name: string;
  organizationId: string;
  /** What a website's SDK sends along: `phc_…`. Public, and no API key. */
  apiToken: string;
}

/** A personal API key, as a person makes it in PostHog's settings. */
export interface PersonalKey {
  /** `phx_…` */
  value: string;
  /** Such as `project:read`, `hog_function:write`, or `*` for everything. */
  scopes: readonly string[];
  /** The projects that the key is limited to, by id. Default: all of them. */
  projects?: readonly number[];
  /** The person whose key it is. */
  userId: number;
}

/** An event as capture has accepted it: what an SDK sent, completed and with its time. */
export interface CapturedEvent {
  uuid: string;
  event: string;
  distinct_id: string;
  /** As the SDK sent them, the elements chain included. */
  properties: Record<string, unknown>;
  /** What the SDK wants to be known of the person; beside the properties, as SDKs send it. */
  $set?: Record<string, unknown>;
  $set_once?: Record<string, unknown>;
  /** ISO 8601 as the stream shows it: by PostHog's clock if the event came with an `offset`, else as the client said. */
  timestamp: string;
  /** When it happened by PostHog's clock, as far as capture could tell. Epoch milliseconds. */
  happenedAt: number;
  /** The address it came from. */
  ip: string;
}

/** A person after ingestion. Its distinct ids are one person after `$identify`. */
export interface Person {
  id: string;
  properties: Record<string, unknown>;
}

/** An event after ingestion, as destinations get it. */
export interface ProcessedEvent {
  uuid: string;
  event: string;
  distinct_id: string;
  /** Without the elements chain, `$set` and `$set_once`; with `$ip` and where that is. */
  properties: Record<string, unknown>;
  /** ISO 8601 by PostHog's clock. */
  timestamp: string;
  /** '' if nothing was acted on. */
  elements_chain: string;
  /** A copy as of this event; null if the project keeps no profile of the visitor. */
  person: Person | null;
}

/** Gets each event after ingestion, seconds after it was captured. */
export type ProcessedListener = (event: ProcessedEvent, project: Project) => void;

/** What PostHog's project API is built on. */
export interface Backend {
  readonly projects: readonly Project[];
  readonly keys: readonly PersonalKey[];
  /**
   * The `live_events_token` that a person's key is given for a project: the same one for 24 hours. Null while
   * the server has no live stream.
   */
  liveEventsToken(project: Project, key: PersonalKey): string | null;
  /** Calls the listener for each event after ingestion; returns a function that ends this. */
  onProcessed(listener: ProcessedListener): () => void;
  /** Notes in the journal that a request differs from what PostHog documents. */
  note(method: string, path: string, detail: string): void;
  /** PostHog's own address in links, without a slash at the end. Known once the server listens. */
  siteUrl(): string;
  clock: Clock;
  random: Random;
}

/** The project API, made on a backend. The server passes it every request below `/api/`. */
export interface ProjectApi {
  carryOut: CarryOut;
  manners: Manners;
  /** Ends deliveries that are under way or wait to be tried again. */
  stop(): void;
}
