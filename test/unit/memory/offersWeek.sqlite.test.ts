import { DEFAULT_MANNERS } from '../../../core/manners/defaults';
import type { Manners } from '../../../core/manners/types';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock } from '../../support/fakeClock';
import { DAY_MS, HOUR_MS, ref, testMemory } from '../../support/memory';
import { act, offerRequest, whileTurning } from '../../support/offers';

// A week of a thousand visitors, as they are: most come once or twice, sign in at once, later or never, and do with an
// offer what they like. What was really sent is kept here by who they truly are, and counted without the memory.

const VISITORS = 1_000;
const MINUTE_MS = 60_000;
const WEEK_MS = 7 * DAY_MS;
const RULES = ['dwell', 'stuck', 'ping_pong', 'failures'];
const REACTIONS = ['show', 'no', 'no', 'words', 'stop', 'ignores', 'ignores', 'leaves'] as const;

/** A generator of numbers from 0 to 1, the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Sent {
  session: string;
  rule: string;
  at: number;
  reaction: (typeof REACTIONS)[number];
}

interface Visitor {
  id: string;
  /** When in a visit they sign in, as a share of it; 0 is at its beginning. */
  signsIn: number;
  sent: Sent[];
}

interface Step {
  at: number;
  visitor: Visitor;
  session: string;
  does: 'acts' | 'moment';
  signedIn: boolean;
}

function planWeek(random: () => number, begin: number): { visitors: Visitor[]; steps: Step[] } {
  const steps: Step[] = [];
  const visitors = Array.from({ length: VISITORS }, (_, i): Visitor => {
    const visitor = { id: `user ${i}`, signsIn: random() < 0.7 ? 0 : random() * 1.3, sent: [] };
    const visits = 1 + Math.floor(random() ** 2 * 4);
    for (let visit = 0; visit < visits; visit += 1) {
      const from = begin + random() * (WEEK_MS - HOUR_MS);
      const length = MINUTE_MS + random() * 20 * MINUTE_MS;
      const session = `session ${i} ${visit}`;
      const step = (share: number, does: Step['does']) => {
        const signedIn = share >= visitor.signsIn;
        steps.push({ at: from + share * length, visitor, session, does, signedIn });
      };
      step(0, 'acts');
      for (let n = Math.floor(random() * 4); n > 0; n -= 1) step(random(), 'moment');
    }
    return visitor;
  });
  return { visitors, steps: steps.toSorted((a, b) => a.at - b.at) };
}

it('in a week of a thousand visitors no limit is ever broken, and nobody in the holdout group gets an offer', async () => {
  const random = seeded(17);
  const clock = createFakeClock();
  const memory = await testMemory(clock);
  const manners: Manners = { ...DEFAULT_MANNERS, stopAtDismissed: 0.9 };
  const { visitors, steps } = planWeek(random, clock.now());
  const held = new Map<string, number>();
  let decisions = 0;
  let tidied = clock.now();

  for (const { at, visitor, session, does, signedIn } of steps) {
    await clock.advance(Math.max(0, at - clock.now()));
    if (clock.now() - tidied > 3 * HOUR_MS) {
      tidied = clock.now();
      await whileTurning(clock, memory.expire());
    }
    await act(memory, session, signedIn ? { user_id: visitor.id } : {});
    if (does === 'acts') continue;
    await clock.advance(MINUTE_MS / 2);
    const rule = RULES[Math.floor(random() * RULES.length)]!;
    const asked = { session: ref(session), manners, moment: { name: rule } };
    decisions += 1;
    const claim = await memory.claimOffer(offerRequest(clock.now(), asked));
    if (claim.status === 'held_back') held.set(claim.reason, (held.get(claim.reason) ?? 0) + 1);
    if (claim.status !== 'claimed') continue;
    const conversation_id = `c ${session}`;
    await memory.commitOffer(claim.hold, { conversation_id, message_ref: null });
    const reaction = REACTIONS[Math.floor(random() * REACTIONS.length)]!;
    visitor.sent.push({ session, rule, at: clock.now(), reaction });
    await react(memory, conversation_id, reaction);
    if (reaction !== 'ignores') continue;
    await clock.advance(1_000);
    await act(memory, session, signedIn ? { user_id: visitor.id } : {});
  }
  await clock.advance(HOUR_MS);
  const counts = await whileTurning(clock, memory.reportOffers('m', { since: 0 }));
  await memory.close();

  const all = visitors.flatMap(({ sent }) => sent);
  expect(decisions).toBeGreaterThan(1_500);
  expect(all.length).toBeGreaterThan(400);
  for (const visitor of visitors) expectManners(visitor);

  const sum = (count: (one: (typeof counts)[number]) => number) =>
    counts.reduce((total, one) => total + count(one), 0);
  expect(sum(({ sent }) => sent)).toBe(all.length);
  expect(sum(({ decisions: { treated, holdout } }) => treated + holdout)).toBe(decisions);
  const reacted = (...some: Array<Sent['reaction']>) =>
    all.filter(({ reaction }) => some.includes(reaction)).length;
  expect(sum(({ outcomes }) => outcomes.accepted)).toBe(reacted('show'));
  expect(sum(({ outcomes }) => outcomes.dismissed)).toBe(reacted('no', 'stop'));
  expect(sum(({ outcomes }) => outcomes.replied)).toBe(reacted('words'));
  expect(sum(({ outcomes }) => outcomes.ignored + outcomes.left)).toBe(
    reacted('ignores', 'leaves'),
  );
  // A tenth is held out, and the limits are what holds most of the others back.
  expect(held.get('holdout')! / decisions).toBeGreaterThan(0.06);
  expect(held.get('holdout')! / decisions).toBeLessThan(0.14);
  for (const reason of ['per_session', 'per_rule', 'after_shown', 'stopped_for_ever']) {
    expect([reason, (held.get(reason) ?? 0) > 0]).toEqual([reason, true]);
  }
});

async function react(
  memory: SessionMemory,
  conversation_id: string,
  reaction: Sent['reaction'],
): Promise<void> {
  const reply = { chat: 'crisp', conversation_id };
  if (reaction === 'show' || reaction === 'no') {
    await memory.recordReply('m', { ...reply, value: reaction });
  } else if (reaction === 'words') await memory.recordReply('m', { ...reply, text: 'What for?' });
  else if (reaction === 'stop') await memory.recordReply('m', { ...reply, text: 'stop' });
}

/** What the defaults promise, of one visitor whom the memory could know. */
function expectManners({ id, signsIn, sent }: Visitor): void {
  const bySession = Object.groupBy(sent, ({ session }) => session);
  for (const some of Object.values(bySession)) expect([id, some!.length]).toEqual([id, 1]);
  // Who signs in late or never is several persons until then.
  if (signsIn > 0) return;
  expect([id, sent.length <= 2]).toEqual([id, true]);
  expect(new Set(sent.map(({ rule }) => rule)).size).toBe(sent.length);
  const [first, second] = sent;
  if (!first || !second) return;
  const pause = {
    ...{ show: 7 * DAY_MS, words: 7 * DAY_MS, stop: Infinity },
    ...{ no: DAY_MS, leaves: DAY_MS, ignores: 2 * DAY_MS },
  }[first.reaction];
  expect([id, second.at - first.at >= pause]).toEqual([id, true]);
}
