import { PosthogFault, withoutEnd } from './problems';

/** Where PostHog answers, without slashes at the end. */
export interface PosthogHosts {
  /** The application with its REST API and its pages: `https://eu.posthog.com`. */
  app: string;
  /** The service of the live stream. Its events are at `/events` below it. */
  live: string;
}

/** The fields of the credential that say where PostHog is. They may have any shape. */
export interface HostFields {
  region?: unknown;
  baseUrl?: unknown;
  liveUrl?: unknown;
}

const REGIONS: Readonly<Record<string, PosthogHosts>> = {
  us: { app: 'https://us.posthog.com', live: 'https://live.us.posthog.com' },
  eu: { app: 'https://eu.posthog.com', live: 'https://live.eu.posthog.com' },
};

/** Where PostHog's own Compose deployment has the service of the live stream, below the application. */
const LIVE_PATH = '/livestream';

/**
 * The hosts of a region; for a PostHog of one's own the addresses that were entered. Without a Live URL, the live
 * stream is where PostHog's own deployment puts it.
 *
 * @throws PosthogFault if an address is no URL
 */
export function hostsOf({ region, baseUrl, liveUrl }: HostFields): PosthogHosts {
  const known = Object.hasOwn(REGIONS, String(region)) ? REGIONS[String(region)] : undefined;
  if (known) return known;
  const app = address(baseUrl, 'Base URL');
  return { app, live: isBlank(liveUrl) ? app + LIVE_PATH : address(liveUrl, 'Live URL') };
}

/** The project's page, which the links to its replays begin with. @param app see {@link PosthogHosts} */
export function projectUrl(app: string, projectId: string): string {
  return `${app}/project/${encodeURIComponent(projectId)}`;
}

function isBlank(given: unknown): boolean {
  return String(given ?? '').trim() === '';
}

function address(given: unknown, field: string): string {
  const url = URL.parse(String(given ?? '').trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new PosthogFault(
      'bad_address',
      `The ${field} in the credential is no URL that can be called`,
      `Correct ${field} in the PostHog Activity API credential: it starts with https://, without a user name in it.`,
    );
  }
  return url.origin + withoutEnd(url.pathname, '/');
}
