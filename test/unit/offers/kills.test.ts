import { createOfferStage, isMade, PLACES, type Place } from '../../support/offerStage';

// A process that dies before or after any call to the memory or the chat product, and another that goes on: the visitor
// reads the offer once, whole.

const LABELS = ['Show me', 'Take the tour', 'No, thanks'];
const MOST_POINTS = 60;
/** A message was about to leave, and did not. */
const NOTHING_SHOWS = /^(after confirmOffer|before POST messages)$/;

/** Dies at the n-th point. @returns its name; undefined where the work was over before */
async function dieAt(place: Place, n: number) {
  const stage = await createOfferStage(place);
  try {
    let passed = 0;
    let died: string | undefined;
    const first = stage.worker(async (name, process) => {
      passed += 1;
      if (passed !== n) return;
      died = name;
      process.kill();
      await process.awake();
    });
    const request = stage.request();
    void first.make(request).catch(() => undefined);
    await stage.clock.advance(120_000);
    const next = async () => await stage.over(stage.worker().make(request)).catch(String);
    const making = await next();
    const again = await next();
    return { died, making, again, shown: stage.chat.shown(), wrong: stage.chat.violations() };
  } finally {
    await stage.close();
  }
}

it.each(PLACES)(
  'an offer in %s survives the death of its process at any point',
  async (place) => {
    const points: string[] = [];
    for (let n = 1; n <= MOST_POINTS; n++) {
      const { died, making, again, shown, wrong } = await dieAt(place, n);
      const where = `${died} (${n})`;
      expect({ where, wrong }).toEqual({ where, wrong: [] });
      if (typeof making !== 'string' && isMade(making)) {
        expect({ where, ...shown }).toMatchObject({ where, labels: LABELS });
        expect(shown.texts).toHaveLength(1);
        expect(again).toMatchObject({ status: 'sent' });
      } else {
        // Only where the message may be there, and nothing shows that it is not.
        expect({ place, died }).toEqual({
          place: 'intercom',
          died: expect.stringMatching(NOTHING_SHOWS) as string,
        });
        expect(making).toContain('does not show whether the offer was sent');
        expect(again).toMatchObject({ status: 'failed' });
        expect(shown.texts).toEqual([]);
      }
      if (died === undefined) break;
      points.push(died);
    }
    expect(points).toEqual(expect.arrayContaining(['before claimOffer', 'after commitOffer']));
    expect(points.length).toBeLessThan(MOST_POINTS);
  },
  120_000,
);
