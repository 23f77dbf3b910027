import type { Clock } from '../../core/clock';
import type { CrispSimulator } from '../crisp';
import type { IntercomSimulator } from '../intercom';
import type { ModelSimulator } from '../model';
import type { ActivitySource } from './source';

/**
 * - `none`: n8n does not listen;
 * - `working`;
 * - `failing`: n8n did not take the latest webhook;
 * - `refused`: the latest request that n8n made had a wrong token.
 */
type LinkState = 'none' | 'working' | 'failing' | 'refused';

/** The connections between the simulators and n8n. */
export interface Connections {
  stream: LinkState;
  intercom: LinkState;
  crisp: LinkState;
  /** `none` before the first call. */
  model: LinkState;
}

export interface ConnectionsWatch {
  now(): Connections;
  stop(): void;
}

/** The requests that a simulator has answered, oldest first. */
interface Called {
  readonly requests: readonly { status: number }[];
}

interface WatchedConnections {
  source: Pick<ActivitySource, 'state'>;
  intercom: {
    webhooks: Pick<IntercomSimulator['webhooks'], 'subscribed' | 'deliveries'>;
    journal: Called;
  };
  crisp: { hooks: Pick<CrispSimulator['hooks'], 'subscribed' | 'deliveries'>; journal: Called };
  model: Pick<ModelSimulator, 'refused'>;
  clock: Clock;
}

const LOOK_EVERY_MS = 1_000;
const REFUSED = [401, 403];
const MODEL_STATES = { undefined: 'none', false: 'working', true: 'refused' } as const;

/** @param announce called with the connections when they have changed */
export function watchConnections(
  { source, intercom, crisp, model, clock }: WatchedConnections,
  announce: (connections: Connections) => void,
): ConnectionsWatch {
  const now = (): Connections => ({
    stream: source.state(),
    intercom: stateOf(intercom.webhooks, intercom.journal),
    crisp: stateOf(crisp.hooks, crisp.journal),
    model: MODEL_STATES[String(model.refused()) as 'true' | 'false' | 'undefined'],
  });
  let before = JSON.stringify(now());
  let stop = () => {};
  const look = (): void => {
    const state = now();
    if (JSON.stringify(state) !== before) announce(state);
    before = JSON.stringify(state);
    stop = clock.after(LOOK_EVERY_MS, look);
  };
  look();
  return { now, stop: () => stop() };
}

function stateOf(
  hooks: { subscribed(): boolean; readonly deliveries: readonly { status: number }[] },
  { requests }: Called,
): LinkState {
  if (!hooks.subscribed()) return 'none';
  if (REFUSED.includes(requests.at(-1)?.status ?? 200)) return 'refused';
  const status = hooks.deliveries.at(-1)?.status ?? 200;
  return status >= 200 && status < 300 ? 'working' : 'failing';
}
