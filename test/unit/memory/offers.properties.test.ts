import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { OfferClaim, OfferHold } from '../../../core/memory/offers';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { DAY_MS, HOUR_MS, propertyRuns, ref, testMemory } from '../../support/memory';
import { act, LAX, offerRequest } from '../../support/offers';
import { createOffersModel, type Said } from './offersModel';

const MINUTE_MS = 60_000;
const LEASE_MS = 60_000;

// Sessions whose visitors turn out, sooner or later, to be the same person or not.
const SESSIONS = ['a', 'b', 'c', 'd'];
const session = fc.constantFrom(...SESSIONS);
const people = fc.tuple(
  ...SESSIONS.map(() =>
    fc.record({ user_id: fc.constantFrom('u1', 'u2'), email: fc.constantFrom('e1@x', 'e2@x') }),
  ),
);
const rule = fc.constantFrom('dwell', 'stuck');
const worker = fc.nat({ max: 1 });

const manners = fc.record({
  perSession: fc.constantFrom(0, 1, 2),
  perWeek: fc.constantFrom(0, 1, 2),
  perRule: fc.constantFrom(0, 1),
  afterShownMs: fc.constantFrom(0, HOUR_MS, DAY_MS),
  afterIgnoredMs: fc.constantFrom(0, 2 * DAY_MS),
  afterAcceptedMs: fc.constantFrom(0, 7 * DAY_MS),
  afterDismissedMs: fc.constantFrom(0, 3 * DAY_MS),
  afterTwoDismissalsMs: fc.constantFrom(0, 9 * DAY_MS),
});

const says = fc.constantFrom<'nothing' | 'user_id' | 'email'>(
  'nothing',
  'nothing',
  'user_id',
  'email',
);
const SAID: Said[] = ['show', 'no', 'words', 'stop'];

const event = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant('act' as const), session, says }) },
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant('moment' as const),
      // What the visitor does just before; in vain if the session is not known.
      ...{ session, rule, worker, says: fc.option(says, { freq: 5 }) },
      then: fc.constantFrom('send', 'send', 'send', 'send', 'refuse', 'lose', 'crash'),
      answer: fc.option(fc.constantFrom(...SAID)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('reply' as const),
      ...{ session, worker },
      answer: fc.constantFrom(...SAID),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.constantFrom(...[MINUTE_MS, 11 * MINUTE_MS, HOUR_MS, 7 * HOUR_MS, DAY_MS, 3 * DAY_MS]),
    }),
  },
);

/** Two workers with connections of their own to one database. */
async function withWorkers(
  work: (workers: SessionMemory[], clock: FakeClock) => Promise<void>,
): Promise<void> {
  // A disk adds nothing, and takes long.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(join(place, 'autoplay-offers-'));
  const clock = createFakeClock();
  const open = () => testMemory(clock, join(folder, 'memory.sqlite'));
  const workers = [await open(), await open()];
  try {
    await work(workers, clock);
  } finally {
    for (const one of workers) await one.close();
    rmSync(folder, { recursive: true });
  }
}

const WORDS: Record<Said, object> = {
  show: { value: 'show' },
  no: { value: 'no' },
  words: { text: 'What is it?' },
  stop: { text: 'Stop!' },
};

const conversationOf = (session: string) => `c ${session}`;
const sentTo = (session: string) => ({
  conversation_id: conversationOf(session),
  message_ref: null,
});
const said = (claim: OfferClaim) => (claim.status === 'held_back' ? claim.reason : claim.status);

it('whatever happens in which order, offers are made, held back and settled as a plain model does it', async () => {
  const reached = new Set<string>();
  const events = fc.array(event, { minLength: 10, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(manners, people, events, async (some, who, happening) => {
      await withWorkers(async ([one, two], clock) => {
        const memories = [one!, two!];
        const all = { ...LAX, ...some };
        const model = createOffersModel(all);

        const acts = async (session: string, says: 'nothing' | 'user_id' | 'email') => {
          const { [SESSIONS.indexOf(session)]: person } = who;
          const name = says === 'nothing' ? {} : { [says]: person![says] };
          await act(one!, session, name);
          model.act(session, Object.values(name), clock.now());
        };
        const replies = async (memory: SessionMemory, session: string, answer: Said) => {
          const conversation_id = conversationOf(session);
          const reply = { chat: 'crisp', conversation_id, ...WORDS[answer] };
          const { status } = await memory.recordReply('m', reply);
          expect(status).toBe(model.reply(conversation_id, answer, clock.now()));
          reached.add(status);
        };

        for (const event of happening) {
          await clock.advance(1_000);
          if (event.does === 'wait') {
            await clock.advance(event.ms);
            await one!.expire();
            model.expire(clock.now());
            continue;
          }
          const { session } = event;
          if (event.does === 'act') {
            await acts(session, event.says);
            continue;
          }
          const [memory, other] = [memories[event.worker]!, memories[1 - event.worker]!];
          if (event.does === 'reply') {
            await replies(memory, session, event.answer);
            continue;
          }
          const { rule, then, says, answer } = event;
          if (says) await acts(session, says);
          const request = offerRequest(clock.now(), {
            ...{ session: ref(session), manners: all, leaseMs: LEASE_MS },
            moment: { name: rule },
          });
          const isKnown = model.isKnown(session, clock.now());
          const claim = await memory.claimOffer(request);
          const reason = isKnown ? model.reason(session, rule, clock.now()) : 'unknown_session';
          expect(said(claim)).toBe(reason ?? 'claimed');
          reached.add(said(claim));
          if (claim.status !== 'claimed') continue;
          const made = model.make(session, rule, clock.now(), clock.now() + LEASE_MS);
          if (then === 'crash') {
            await other.confirmOffer(claim.hold, all, LEASE_MS);
            continue;
          }
          if (then === 'send') {
            await clock.advance(1_000);
            expect(await other.confirmOffer(claim.hold, all, LEASE_MS)).toBeNull();
            await other.commitOffer(claim.hold, sentTo(session));
            model.sent(made, conversationOf(session), clock.now());
            await clock.advance(1_000);
            if (answer) await replies(memory, session, answer);
          } else {
            await other.releaseOffer(claim.hold, { mayHaveLanded: then === 'lose' });
            model.failed(made, then === 'lose');
          }
        }

        const counts = await one!.reportOffers('m', { since: 0 });
        model.expire(clock.now());
        for (const outcome of ['open', 'accepted', 'dismissed', 'replied', 'ignored'] as const) {
          const there = model.offers.filter((o) => o.conversation && o.outcome === outcome);
          const counted = counts.reduce((sum, { outcomes }) => sum + outcomes[outcome], 0);
          expect([outcome, counted]).toEqual([outcome, there.length]);
          if (counted > 0) reached.add(outcome);
        }
      });
    }),
    { numRuns: propertyRuns(50) },
  );
  // The events lead nearly everywhere, out of 19 places.
  if (propertyRuns(50) >= 50) expect(reached.size).toBeGreaterThan(14);
});

const together = fc.array(
  fc.record({
    ...{ session, rule, worker },
    does: fc.constantFrom('moment', 'moment', 'moment', 'act', 'reply', 'expire'),
    said: fc.constantFrom<Said>('show', 'no', 'words'),
  }),
  { minLength: 2, maxLength: 8 },
);
const round = fc.record({
  events: together,
  // So short that no session begins anew.
  waits: fc.constantFrom(0, MINUTE_MS, 11 * MINUTE_MS, 2 * HOUR_MS),
});

it('two workers at the same moment never make two offers to one visitor, nor more than a limit allows', async () => {
  const limits = { perSession: 2, perWeek: 3, perRule: 2, afterShownMs: MINUTE_MS };
  await fc.assert(
    fc.asyncProperty(people, fc.array(round, { maxLength: 8 }), async (who, rounds) => {
      await withWorkers(async (workers, clock) => {
        const all = { ...LAX, ...limits };
        const made: Array<{ session: string; rule: string; at: number; person: string }> = [];
        // All are signed in from the beginning, so that each offer is known to be of one person.
        for (const [i, session] of SESSIONS.entries()) {
          await act(workers[0]!, session, { user_id: who[i]!.user_id });
        }
        const personIn = (session: string) => who[SESSIONS.indexOf(session)]!.user_id;
        for (const { events, waits } of rounds) {
          await clock.advance(waits);
          const before = made.length;
          await Promise.all(
            events.map(async ({ does, session, rule, worker, said }) => {
              const memory = workers[worker]!;
              if (does === 'act') return await act(memory, session);
              if (does === 'expire') return void (await memory.expire());
              if (does === 'reply') {
                const conversation_id = conversationOf(session);
                const reply = { chat: 'crisp', conversation_id, ...WORDS[said] };
                return void (await memory.recordReply('m', reply));
              }
              const claim = await memory.claimOffer(
                offerRequest(clock.now(), {
                  ...{ session: ref(session), manners: all },
                  moment: { name: rule },
                }),
              );
              if (claim.status !== 'claimed') return;
              made.push({ session, rule, at: clock.now(), person: personIn(session) });
              await finish(workers[1 - worker]!, claim.hold, session);
            }),
          );
          for (const person of ['u1', 'u2']) {
            const theirs = made.filter((one) => one.person === person);
            const now = made.slice(before).filter((one) => one.person === person);
            // One is shown for a minute at least, whatever the visitor says to it.
            expect(now.length).toBeLessThanOrEqual(1);
            const since = (ms: number) => theirs.filter(({ at }) => at > clock.now() - ms).length;
            expect(since(7 * DAY_MS)).toBeLessThanOrEqual(3);
            for (const rule of ['dwell', 'stuck']) {
              expect(theirs.filter((one) => one.rule === rule).length).toBeLessThanOrEqual(2);
            }
          }
          for (const session of SESSIONS) {
            expect(made.filter((one) => one.session === session).length).toBeLessThanOrEqual(2);
          }
        }
      });

      async function finish(memory: SessionMemory, hold: OfferHold, session: string) {
        await memory.commitOffer(hold, sentTo(session));
      }
    }),
    { numRuns: propertyRuns(25) },
  );
});
