import type { Clock } from '../clock';
import { asError, fields, list, shallow } from '../values';
import type { NoStream } from '../stream/connect';
import { streamProblem, type StreamServer } from '../stream/problems';
import type { StreamOptions, StreamTarget } from '../stream/stream';
import type { PosthogApi, ProjectAnswer } from './api';
import type { PosthogHosts } from './hosts';
import { posthogProblem } from './problems';

/** PostHog's live stream, in the words of problems. */
export const LIVE_STREAM: StreamServer = {
  name: "PostHog's live stream",
  address: 'the address of the live stream',
  checkAddress: 'Check Region, or Base URL and Live URL, in the credential.',
  checkWay:
    'Check that this n8n can reach PostHog, and Region, or Base URL and Live URL, in the credential.',
  byStatus: {
    401: [
      'bad_token',
      'PostHog does not accept the token of its live stream',
      'Check that the owner of the Personal API Key may still see the project.',
    ],
    403: [
      'forbidden',
      'PostHog does not let this key follow the project',
      'Check that the owner of the Personal API Key may still see the project.',
    ],
  },
};

/**
 * How the connection is kept. PostHog sends no heartbeats, ends each connection after 30 minutes, and repeats nothing; so
 * a second connection is opened before. In milliseconds.
 */
export const LIVE_POLICY = {
  turnover: { afterMs: 28 * 60_000, overlapMs: 3 * 60_000 },
  quietMs: 60_000,
  watchdogMs: 40 * 60_000,
} satisfies Pick<StreamOptions, 'turnover' | 'quietMs' | 'watchdogMs'>;

/** The properties that are read, and so the only ones that are asked for. */
const COLUMNS = [
  ...['$session_id', '$window_id', '$current_url', '$host', '$pathname', 'title', '$screen_name'],
  ...['$event_type', '$el_text', '$elements_chain', '$elements', '$dead_swipe_direction', '$time'],
  ...['$exception_list', '$exception_types', '$exception_values'],
  ...['$is_identified', '$device_id', '$cookieless_mode', '$browser_type'],
  '$set',
];

/** The address of the stream. @param events names of events; empty for all */
export function liveUrl(
  live: string,
  events: readonly string[],
  properties: readonly string[],
): string {
  const query = new URLSearchParams();
  // A name with a comma would be read as two. What is not wanted is left out here as well.
  const isList = events.length > 0 && !events.some((name) => name.includes(','));
  if (isList) query.set('eventType', events.join(','));
  query.set('columns', [...new Set([...COLUMNS, ...properties])].join(','));
  return `${live}/events?${query.toString()}`;
}

/** No property that is read is nested deeper. */
const MOST_NESTED = 6;

/** The properties of an event that are read; the others need not be kept. */
export function usedProperties(
  properties: Record<string, unknown>,
  others: readonly string[],
): Record<string, unknown> {
  const used = [...COLUMNS, '$virt_is_bot', ...others].filter((name) =>
    Object.hasOwn(properties, name),
  );
  const kept = Object.fromEntries(used.map((name) => [name, properties[name]]));
  // The node reads nothing else of what a site says about a person, nor the place in the code where an error was.
  if (kept.$set) kept.$set = { email: fields(kept.$set).email };
  const { type, value } = fields(list(kept.$exception_list)[0]);
  if (kept.$exception_list) kept.$exception_list = [{ type, value }];
  return shallow(kept, MOST_NESTED) as Record<string, unknown>;
}

export interface LiveTokenOptions {
  /** Made anew for each call, so that a credential that was mended is used. */
  connect(): Promise<{ api: Pick<PosthogApi, 'getProject'>; hosts: PosthogHosts }>;
  /** The names of events, and of their properties, to ask for; see {@link liveUrl}. */
  events: readonly string[];
  properties: readonly string[];
  clock: Pick<Clock, 'now'>;
  /** Called with the project whenever it was fetched. */
  onProject(project: ProjectAnswer, hosts: PosthogHosts): void;
}

/** A token is replaced when less than this is left of it, in milliseconds. */
const RENEW_BEFORE_MS = 24 * 3_600_000;

/** Says where to connect, with a token of the project that is fetched when it is needed. See {@link StreamOptions.authorize}. */
export function liveTokens({ connect, events, properties, clock, onProject }: LiveTokenOptions) {
  let held: { target: StreamTarget; until: number } | undefined;
  return async (rejected?: string): Promise<StreamTarget | NoStream> => {
    const isUsable = held && held.target.token !== rejected && held.until > clock.now();
    if (held && isUsable) return held.target;
    try {
      const { api, hosts } = await connect();
      const project = await api.getProject();
      onProject(project, hosts);
      const token = project.liveEventsToken;
      if (token === null) return { kind: 'refused', problem: NO_LIVE_STREAM };
      const until = (expiryOf(token) ?? clock.now() + 2 * RENEW_BEFORE_MS) - RENEW_BEFORE_MS;
      held = { target: { url: liveUrl(hosts.live, events, properties), token }, until };
      return held.target;
    } catch (error) {
      return noProject(error);
    }
  };
}

const NO_LIVE_STREAM = streamProblem(
  'no_live_stream',
  'No activity arrives: this PostHog has no live stream.',
  'Choose the source Webhook, or add the service livestream to your PostHog.',
);

function noProject(error: unknown): NoStream {
  const { code, message, advice, isLasting, retryAfterMs } = posthogProblem(asError(error));
  if (isLasting) {
    const problem = streamProblem(code, `No activity arrives: ${message}.`, advice);
    return { kind: 'refused', problem };
  }
  return { kind: 'outage', reason: message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** When a JWT expires, in milliseconds since the epoch; undefined if it does not say. It is not verified: PostHog does that. */
function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    );
    const { exp } = fields(claims);
    return typeof exp === 'number' ? exp * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
