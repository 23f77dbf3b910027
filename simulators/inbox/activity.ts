import { pushBounded } from '../bounded';
import type { ActivitySource, ShownAction } from './source';

/** An action of a visitor of the demo. */
interface SeenAction extends ShownAction {
  /** Counts up across all visitors. */
  serial: number;
}

export interface Activity {
  /** A person's latest actions, oldest first. */
  of(personId: string): readonly SeenAction[];
  stop(): void;
}

const KEPT = 200;

/**
 * Collects what the demo's visitors do.
 *
 * @param announce called for each batch of a known person
 */
export function watchActivity(
  source: Pick<ActivitySource, 'watch'>,
  personIds: readonly string[],
  announce: (personId: string, actions: SeenAction[]) => void,
): Activity {
  const seen = new Map<string, SeenAction[]>(personIds.map((id) => [id, []]));
  let serial = 0;
  const stop = source.watch((personId, actions) => {
    const kept = seen.get(personId);
    if (!kept) return;
    const added = actions.map((action) => ({ serial: (serial += 1), ...action }));
    added.forEach((action) => pushBounded(kept, action, KEPT));
    announce(personId, added);
  });
  return { of: (personId) => seen.get(personId) ?? [], stop };
}
