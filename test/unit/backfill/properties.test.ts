import fc from 'fast-check';
import { act, createBackfillWorld } from './setUp';

// Whatever the stream brings, before or after a backfill, and however often a gap is fetched: each action is passed on
// once, and each that happened after the visitor was first seen is passed on.

const happening = fc.record({
  user: fc.constantFrom('u1', 'u2'),
  session: fc.constantFrom('a', 'b'),
  title: fc.constantFrom('A', 'B'),
  /** Equal actions at the same moment are different actions. */
  isSameMoment: fc.boolean(),
  /** Whether the stream brings it: at once, only after what happens next, or never. */
  stream: fc.constantFrom('now', 'now', 'late', 'never'),
  /** Whether the connection is lost and opened afterwards. */
  isLost: fc.boolean(),
});

it('passes on each action once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 30 }), async (all) => {
      const world = createBackfillWorld();
      world.open();
      const passed: string[] = [];
      const happened: string[] = [];
      const keyOf = (user: string, title: string, at: number | null) => `${user} ${title} ${at}`;
      let at = 0;
      const late: Array<() => void> = [];
      const keep = ({ user_id, actions }: (typeof world.filled)[number], user = user_id) => {
        for (const one of actions) {
          passed.push(keyOf(user ?? '', one.title, one.timestamp_start));
        }
      };
      // Everybody has been seen once, in a session of their own.
      for (const user of ['u1', 'u2']) {
        const first = act('first', 0);
        world.miss(user, first);
        happened.push(keyOf(user, 'first', first.timestamp_start));
        keep(world.bring(`${user} a`, user, first), user);
      }
      for (const { user, session, title, isSameMoment, stream, isLost } of all) {
        if (!isSameMoment) at += 1;
        const one = act(title, at + 1);
        world.miss(user, one);
        happened.push(keyOf(user, title, one.timestamp_start));
        const bring = () => keep(world.bring(`${user} ${session}`, user, one), user);
        late.splice(0).forEach((earlier) => earlier());
        if (stream === 'now') bring();
        if (stream === 'late') late.push(bring);
        if (isLost) {
          world.lose();
          world.open();
          await world.clock.advance(3_000);
        }
      }
      world.lose();
      world.open();
      await world.clock.advance(3_000);
      late.forEach((earlier) => earlier());
      world.filled.forEach((one) => keep(one));
      expect(passed.sort()).toEqual(happened.sort());
    }),
    { numRuns: 300 },
  );
});
