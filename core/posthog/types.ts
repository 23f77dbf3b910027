/** An event of PostHog, in one form whether the live stream or a webhook brought it. */
export interface PosthogEvent {
  /** The same in both interfaces, and over an SDK's retries; '' if there is none. */
  uuid: string;
  /** Its name: `$pageview`, `$autocapture`, or one of the product's own. */
  event: string;
  distinct_id: string;
  /** Milliseconds since the epoch, by the visitor's clock as far as PostHog could not correct it; null without one. */
  at: number | null;
  properties: Record<string, unknown>;
  /** What was acted on and what it stands in, in PostHog's text form; '' if there is none. */
  elements_chain: string;
  /** The email address of PostHog's person; null where it is not known. The live stream has none. */
  email: string | null;
}

/** Where a product's events come from, and where its replays are. */
export interface PosthogProject {
  /** The number of the project, as text. */
  id: string;
  name: string;
  /** The project's page in PostHog, without a slash at the end: `https://eu.posthog.com/project/7`. */
  url: string;
}

/** An event of the product's own that becomes an action. */
export interface CustomEvent {
  /** As the product sends it; case matters. */
  name: string;
  /** The properties that the action tells, by their names. */
  properties: readonly string[];
}

/** Which events of the product's own become actions, beside PostHog's. */
export interface WantedEvents {
  custom: readonly CustomEvent[];
  /** Whether all others do, too, by their names alone. */
  all: boolean;
}
