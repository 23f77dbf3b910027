import { mergeBatches } from '../../core/payload/merge';
import { parseFrameText } from '../../core/payload/parse';
import type { SessionBatch } from '../../core/payload/types';
import { withoutQueries } from '../../core/payload/urls';
import { createLoad } from '../../simulators/connector/load';

export interface Visits {
  /** The batches of the next call: each holds the next actions of one session; sessions take turns. */
  next(): SessionBatch[];
  /** A session of an earlier batch, with its visitor. */
  pick(random: () => number): { session_id: string; user_id: string; email: string };
}

interface VisitsOptions {
  sessions: number;
  sessionsPerUser: number;
  sessionsPerCall: number;
  actionsPerSession: number;
}

const DATA = 'data: ';

/** The input of Remember when many visitors act at once, made like the trigger and the node make it. */
export function createVisits(options: VisitsOptions): Visits {
  const { sessions, sessionsPerUser, sessionsPerCall, actionsPerSession } = options;
  const load = createLoad({ productId: 'shop', sessions, actionsPerFrame: actionsPerSession });
  const userOf = (session: number) => {
    const user = Math.floor(session / sessionsPerUser);
    return { user_id: `person-${user}`, email: `person-${user}@example.com` };
  };
  let turn = 0;

  return {
    next: () =>
      Array.from({ length: sessionsPerCall }, () => {
        const text = load.next().trim().slice(DATA.length);
        const defaults = { productId: 'shop', receivedAt: Date.now() / 1_000 };
        const [batch] = parseFrameText(text, defaults).batches;
        if (!batch) throw new Error('The load made a frame that says nothing');
        const whose = userOf(turn++ % sessions);
        return withoutQueries(mergeBatches([{ ...batch, ...whose }]));
      }),
    pick(random) {
      const session = Math.floor(random() * Math.min(turn, sessions));
      return { session_id: load.sessionIds[session] as string, ...userOf(session) };
    },
  };
}
