/** An event as capture takes it in, before anything is added to it or taken out. */
export interface CapturedEvent {
  uuid: string;
  event: string;
  distinct_id: string;
  /** ISO 8601. */
  timestamp: string;
  properties: Record<string, unknown>;
  /** Beside the properties in an SDK's event; the live stream loses them. */
  $set?: Record<string, unknown>;
  $set_once?: Record<string, unknown>;
}

/** A project of the simulated PostHog. */
export interface ProjectOptions {
  /** Its number. */
  id: number;
  name: string;
  /** `phc_…`: what the site's snippet names. */
  apiToken: string;
}
