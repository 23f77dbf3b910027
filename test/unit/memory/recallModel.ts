// What Recall promises, as plainly as it can be said: arrays that are searched from one end to the other.

export interface ModelAction {
  id: string;
  at: number;
}

/** A summary tells the first `reach` actions of its session. */
interface ModelSummary {
  text: string;
  reach: number;
}

export interface ModelSession {
  name: string;
  user: string;
  /** In the order in which they were first remembered; empty before anything was. */
  actions: ModelAction[];
  summaries: ModelSummary[];
  /** How many of the first actions are in some summary. */
  summarized: number;
  /** How far the connector's own summaries have come. */
  streamed: number;
  seen: number;
  conversation: string | null;
  /** How many actions there were at the last recall for news. */
  looked: number;
  /** What recalls for news have told of it: actions, and whether a summary. */
  told: Set<string>;
  summaryTold: boolean;
}

export interface ModelQuery {
  conversation?: string | undefined;
  session?: string | undefined;
  user?: string | undefined;
  windowMs: number;
  maxActions: number;
  onlyNew: boolean;
}

export interface ModelRecollection {
  session: string;
  summary: string | null;
  actions: string[];
  seen: number;
}

export function newSession(name: string, user: string): ModelSession {
  return {
    name,
    user,
    actions: [],
    summaries: [],
    summarized: 0,
    streamed: 0,
    seen: 0,
    conversation: null,
    looked: 0,
    told: new Set(),
    summaryTold: false,
  };
}

/** The session seen last; of several seen at once, the one that came into being last. */
export function seenLast(sessions: ModelSession[]): ModelSession | undefined {
  return sessions.reduce<ModelSession | undefined>(
    (last, one) => (!last || one.seen >= last.seen ? one : last),
    undefined,
  );
}

/** @param known sessions of which something was remembered, in the order in which they came into being */
function sessionMeant(known: ModelSession[], { conversation, session, user }: ModelQuery) {
  if (conversation) {
    const linked = known.filter((one) => one.conversation === conversation);
    return seenLast(session ? linked.filter(({ name }) => name === session) : linked);
  }
  return session
    ? known.find(({ name }) => name === session)
    : seenLast(known.filter((one) => one.user === user));
}

/** What is to be recalled; for news, also keeps in mind that it was told. */
export function recallFrom(
  known: ModelSession[],
  query: ModelQuery,
  now: number,
): ModelRecollection | null {
  const session = sessionMeant(known, query);
  if (!session) return null;
  const { actions, summaries } = session;
  const news = query.onlyNew && session.conversation !== null;
  const latest = actions
    .map((action, index) => ({ ...action, place: index + 1 }))
    .filter(({ at }) => at >= now - query.windowMs)
    .filter(({ place }) => !news || place > session.looked)
    .toSorted((a, b) => a.at - b.at || a.place - b.place)
    .slice(-query.maxActions);

  const first = Math.min(...latest.map(({ place }) => place));
  const tellsAgain = ({ reach }: ModelSummary) =>
    news && (session.summaryTold || actions.slice(0, reach).some(({ id }) => session.told.has(id)));
  // Where the list begins with the session's first action, it leaves nothing to be summed up.
  const allowed = summaries
    .filter((summary) => !tellsAgain(summary))
    .filter(({ reach }) => first > 1 || reach < first);
  const before = allowed.filter(({ reach }) => reach < first);
  const reaches = before.map(({ reach }) => reach);
  const summary =
    before.length > 0
      ? before.findLast(({ reach }) => reach === Math.max(...reaches))
      : allowed.findLast(({ reach }) => reach === Math.min(...allowed.map((one) => one.reach)));

  const listed = latest.filter(({ place }) => place > (summary?.reach ?? 0)).map(({ id }) => id);
  if (news) {
    session.looked = actions.length;
    session.summaryTold ||= summary !== undefined;
    for (const id of listed) session.told.add(id);
  }
  const { name, seen } = session;
  return { session: name, summary: summary?.text ?? null, actions: listed, seen };
}
