import { pushBounded } from '../bounded';
import type { ActionsFrame, ConnectorSimulator } from '../connector';

/** An action as the inbox shows it. */
interface SeenAction {
  /** Counts up across all visitors. */
  serial: number;
  type: string;
  description: string;
  /** Path of the page, with its real ids but without the query string. */
  path: string;
  /** Epoch milliseconds. */
  at: number;
}

export interface Activity {
  /** A person's latest actions, oldest first. */
  of(personId: string): readonly SeenAction[];
  stop(): void;
}

const KEPT = 200;

/**
 * Collects the connector's frames by person.
 *
 * @param announce called for each batch of a known person
 */
export function watchActivity(
  connector: Pick<ConnectorSimulator, 'tap'>,
  productId: string,
  personIds: readonly string[],
  announce: (personId: string, actions: SeenAction[]) => void,
): Activity {
  const seen = new Map<string, SeenAction[]>(personIds.map((id) => [id, []]));
  let serial = 0;
  const stop = connector.tap((product, frame) => {
    const { type, user_id, actions } = (frame ?? {}) as Partial<ActionsFrame>;
    const kept = product === productId && type === 'actions' ? seen.get(user_id ?? '') : undefined;
    if (!kept || !Array.isArray(actions)) return;
    const added = actions.map((action) => ({
      serial: (serial += 1),
      type: String(action.type),
      description: String(action.description),
      path: pathOf(action.raw_url),
      at: Math.round(Number(action.timestamp_start) * 1_000),
    }));
    added.forEach((action) => pushBounded(kept, action, KEPT));
    announce(user_id!, added);
  });
  return { of: (personId) => seen.get(personId) ?? [], stop };
}

function pathOf(url: unknown): string {
  try {
    return new URL(String(url)).pathname;
  } catch {
    return '';
  }
}
