import { wait } from '../../../core/clock';
import { createBackfill, type Backfill } from '../../../core/backfill/backfill';
import { parseFrame } from '../../../core/payload/parse';
import type { SessionBatch } from '../../../core/payload/types';
import { createFakeClock } from '../../support/fakeClock';

export const START = 1_700_000_000;

/** What a connector has of an action. Times are in seconds after the start. */
export const act = (title: string, at: number | null) => ({
  type: 'click',
  title,
  description: `clicked ${title}`,
  timestamp_start: at === null ? null : START + at,
  timestamp_end: null,
  raw_url: 'https://shop.example/',
  canonical_url: '/',
});

type Act = ReturnType<typeof act>;

/** A backfill beside a connector that answers what the test says. */
export function createBackfillWorld(url = 'https://connector.example/stream/shop') {
  const clock = createFakeClock(START * 1_000);
  const filled: SessionBatch[] = [];
  const ends: string[] = [];
  const asked: Array<{ user: string; at: number }> = [];
  const acts = new Map<string, Act[]>();
  let respond: (user: string) => Response | undefined = () => undefined;
  let mostAtOnce = 0;
  let atOnce = 0;
  const backfill: Backfill = createBackfill({
    productId: 'shop',
    target: () => ({ url, token: 'uk_live_1' }),
    clock,
    async fetch(input) {
      const address = new URL(String(input));
      const user = decodeURIComponent(address.pathname.split('/').at(-2)!);
      asked.push({ user, at: clock.now() - START * 1_000 });
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      await wait(clock, 100);
      atOnce -= 1;
      const answer = { user_id: user, actions: (acts.get(user) ?? []).slice(-50) };
      return respond(user) ?? Response.json(answer);
    },
    onBatch: (batch) => void filled.push(batch),
    onEnd: (reason) => void ends.push(reason),
  });
  let frames = 0;
  return {
    ...{ clock, backfill, filled, ends, asked },
    mostAtOnce: () => mostAtOnce,
    /** What the connector answers from now on; undefined for what it has. */
    answer: (how: typeof respond) => void (respond = how),
    /** Something happens that the connector knows, and the stream does not bring. */
    miss(user: string, ...some: Act[]) {
      acts.set(user, [...(acts.get(user) ?? []), ...some]);
    },
    /** The stream brings what has happened. Returns what is left of it. */
    bring(session: string | null, user: string | null, ...some: Act[]): SessionBatch {
      const [batch] = parseFrame(
        {
          type: 'actions',
          session_id: session,
          user_id: user,
          actions: some,
          forwarded_at: ++frames,
        },
        { productId: 'shop', receivedAt: 0 },
      ).batches;
      return backfill.follow(batch!);
    },
    open: () => backfill.onState({ name: 'open' }),
    lose: () => backfill.onState({ name: 'waiting', reason: 'closed', retryInMs: 1_000 }),
  };
}

export const titles = (batches: readonly SessionBatch[]) =>
  batches.flatMap(({ actions }) => actions.map(({ title }) => title));
