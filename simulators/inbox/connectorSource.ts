import type { ActionsFrame, ConnectorSimulator } from '../connector';
import { type ActivitySource, pathOf } from './source';

/** The simulated Autoplay connector, seen from the inbox. */
export function connectorSource(
  connector: Pick<ConnectorSimulator, 'tap' | 'stats' | 'pushed' | 'requests'>,
  productId: string,
): ActivitySource {
  return {
    watch: (listener) =>
      connector.tap((product, frame) => {
        const { type, user_id, actions } = (frame ?? {}) as Partial<ActionsFrame>;
        if (product !== productId || type !== 'actions' || !Array.isArray(actions)) return;
        // Tests send whatever could arrive.
        const whole = actions.filter((action: unknown) => typeof action === 'object' && action);
        const shown = whole.map((action) => ({
          type: String(action.type),
          description: String(action.description),
          path: pathOf(action.raw_url),
          at: Math.round(Number(action.timestamp_start) * 1_000),
        }));
        listener(user_id ?? '', shown);
      }),
    state() {
      const { subscribers } = connector.stats(productId);
      if (subscribers > 0 || connector.pushed(productId) !== null) return 'working';
      return connector.requests().at(-1)?.authorized === false ? 'refused' : 'none';
    },
  };
}
