import type { Clock } from '../../core/clock';
import type { ConnectorSimulator } from '../connector';
import type { CrispSimulator } from '../crisp';
import type { IntercomSimulator } from '../intercom';
import type { ModelSimulator } from '../model';

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
  connector: Pick<ConnectorSimulator, 'stats' | 'pushed' | 'requests'>;
  intercom: {
    webhooks: Pick<IntercomSimulator['webhooks'], 'subscribed' | 'deliveries'>;
    journal: Called;
  };
  crisp: { hooks: Pick<CrispSimulator['hooks'], 'subscribed' | 'deliveries'>; journal: Called };
  model: Pick<ModelSimulator, 'refused'>;
  productId: string;
  clock: Clock;
}

const LOOK_EVERY_MS = 1_000;
const REFUSED = [401, 403];
const MODEL_STATES = { undefined: 'none', false: 'working', true: 'refused' } as const;

/** @param announce called with the connections when they have changed */
export function watchConnections(
  { connector, intercom, crisp, model, productId, clock }: WatchedConnections,
  announce: (connections: Connections) => void,
): ConnectionsWatch {
  const now = (): Connections => ({
    stream: streamState(connector, productId),
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

function streamState(
  connector: WatchedConnections['connector'],
  productId: string,
): 'none' | 'working' | 'refused' {
  const flows = connector.stats(productId).subscribers > 0 || connector.pushed(productId) !== null;
  if (flows) return 'working';
  return connector.requests().at(-1)?.authorized === false ? 'refused' : 'none';
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
