import type { Clock } from '../../core/clock';
import type { ConnectorSimulator } from '../connector';
import type { CrispSimulator } from '../crisp';
import type { IntercomSimulator } from '../intercom';

/** Whether a chat product's webhooks arrive: without a subscriber, yes, or not at the latest attempt. */
type HookState = 'none' | 'working' | 'failing';

/** The connections between the simulators and n8n. */
export interface Connections {
  /** Whether the product's stream has a subscriber, or is pushed. */
  stream: boolean;
  intercom: HookState;
  crisp: HookState;
}

export interface ConnectionsWatch {
  now(): Connections;
  stop(): void;
}

interface WatchedConnections {
  connector: Pick<ConnectorSimulator, 'stats' | 'pushed'>;
  intercom: { webhooks: Pick<IntercomSimulator['webhooks'], 'subscribed' | 'deliveries'> };
  crisp: { hooks: Pick<CrispSimulator['hooks'], 'subscribed' | 'deliveries'> };
  productId: string;
  clock: Clock;
}

const LOOK_EVERY_MS = 1_000;

/** @param announce called with the connections when they have changed */
export function watchConnections(
  { connector, intercom, crisp, productId, clock }: WatchedConnections,
  announce: (connections: Connections) => void,
): ConnectionsWatch {
  const now = (): Connections => ({
    stream: connector.stats(productId).subscribers > 0 || connector.pushed(productId) !== null,
    intercom: stateOf(intercom.webhooks),
    crisp: stateOf(crisp.hooks),
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

function stateOf(hooks: {
  subscribed(): boolean;
  readonly deliveries: readonly { status: number }[];
}): HookState {
  if (!hooks.subscribed()) return 'none';
  const status = hooks.deliveries.at(-1)?.status ?? 200;
  return status >= 200 && status < 300 ? 'working' : 'failing';
}
