import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { createPeople } from '../../../core/backfill/people';
import { namesIn, UNKNOWN_VISITOR, visitorAfter, type Visitor } from '../../../core/memory/visitor';
import type { Action } from '../../../core/payload/types';
import { action, batch } from '../../support/batches';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it.each(['u', null])(
  'what visitors did does not stay in memory when they are forgotten (user ids: %s)',
  async (user) => {
    const people = createPeople();
    const act = (n: number): WeakRef<Action> => {
      const one = batch(`s${n}`, ['a'], { user_id: user && `${user}${n}` });
      people.follow(one, n);
      return new WeakRef(one.actions[0]!);
    };
    const first = act(0);
    // Fewer than there are sessions that are followed.
    for (let n = 1; n <= 1_000; n += 1) act(n);
    const last = act(1_001);
    // A weak reference holds what it refers to until the present task ends.
    await new Promise(setImmediate);
    collectGarbage();
    expect([first.deref(), last.deref()]).toEqual([undefined, expect.anything()]);
    // Until here, the people are in use.
    expect(people.sessionOf('u0')).toBeUndefined();
  },
);

const USERS = ['u1', 'u2', '0192f1c4-aaaa-7bbb-8ccc-123456789abc'];
const names = {
  user_id: fc.constantFrom(null, null, ...USERS),
  email: fc.constantFrom(null, null, 'u1@example.com', 'u2@example.com'),
};
const said = fc.record({
  ...names,
  // Most actions repeat no names.
  actions: fc.array(fc.oneof(fc.constant({}), fc.record(names)), { minLength: 1, maxLength: 4 }),
});

it('the visitor of a session is the one whom the memory would find', () => {
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 6 }), (batches) => {
      const people = createPeople();
      let visitor: Visitor = UNKNOWN_VISITOR;
      for (const [n, { actions, ...whose }] of batches.entries()) {
        const one = batch('s', [], {
          ...whose,
          actions: actions.map((of) => action(of as Partial<Action>)),
        });
        people.follow(one, n);
        const namesOf = namesIn(one);
        for (const each of one.actions) visitor = visitorAfter(visitor, namesOf(each)).visitor;
      }
      const ofSession = USERS.filter((id) => people.sessionOf(id) === 's');
      expect(ofSession).toEqual(USERS.filter((id) => id === visitor.user_id));
    }),
    { numRuns: 1_000 },
  );
});
