import fc from 'fast-check';
import { createFilter } from '../../../core/filter/filter';
import { namesIn, visitorAfter, type Visitor } from '../../../core/memory/visitor';
import type { SessionBatch } from '../../../core/payload/types';
import { action, batch } from '../../support/batches';

// For any rules, the filter passes on each action that is left once and in order, and the memory learns of the same
// visitor with it as it would from the whole stream.

const UNKNOWN = ['0192f1c4-aaaa-7bbb-8ccc-123456789abc', '0192f1c4-aaaa-7bbb-8ccc-123456789abd'];
const unnamed = { user_id: null, email: null };
/** What a batch or an action says of who acts: as a rule nothing, or all that the site knows. */
const person = fc.constantFrom<{ user_id: string | null; email: string | null }>(
  ...[unnamed, unnamed, unnamed],
  ...UNKNOWN.map((user_id) => ({ user_id, email: null })),
  { user_id: 'u1', email: 'A@x.example' },
  { user_id: 'u2', email: 'b@x.example' },
  { user_id: 'staff', email: 'ann@staff.example' },
);
const conversation = fc.constantFrom(null, null, null, '1', '2');
const act = fc.record({
  ...{ person, conversation },
  type: fc.constantFrom('click', 'focus'),
  canonical_url: fc.constantFrom('/a', '/b'),
});
const arrival = fc.record({
  ...{ person, conversation },
  session: fc.constantFrom('s1', 's1', 's2'),
  actions: fc.array(act, { maxLength: 4 }),
});
const rules = fc.record({
  types: fc.constantFrom<string[]>([], ['focus'], ['focus']),
  pages: fc.constantFrom<string[]>([], [], ['/a']),
  emails: fc.constantFrom<string[]>([], [], ['staff.example']),
  users: fc.constantFrom<string[]>([], [], ['u1']),
  onlyIdentified: fc.boolean(),
});

const NO_VISITOR: Visitor = { user_id: null, email: null, stream_conversation_id: null };

/** Who did each action, as the memory follows it. */
function whoActs(batches: readonly SessionBatch[]) {
  const visitors = new Map<string, { visitor: Visitor; changes: number }>();
  const found = new Map<string, { session: string; visitor: Visitor; changes: number }>();
  for (const one of batches) {
    const session = one.session_id;
    let { visitor, changes } = visitors.get(session) ?? { visitor: NO_VISITOR, changes: 0 };
    const becomes = (after: Visitor) => {
      if (JSON.stringify(after) !== JSON.stringify(visitor)) changes += 1;
      visitor = after;
    };
    const names = namesIn(one);
    for (const act of one.actions) {
      becomes(visitorAfter(visitor, names(act)).visitor);
      found.set(act.action_id, { session, visitor, changes });
    }
    if (one.actions.length === 0) becomes(visitorAfter(visitor, one).visitor);
    visitors.set(session, { visitor, changes });
  }
  return found;
}

/**
 * The actions of which the memory can know who did them: of two changes without an action between them that is left, it
 * learns only the second.
 */
function certain(whole: ReturnType<typeof whoActs>, left: ReturnType<typeof whoActs>): string[] {
  const known = new Map<string, number>();
  return [...whole].flatMap(([id, { session, changes }]) => {
    if (!left.has(id) || changes - (known.get(session) ?? 0) > 1) return [];
    known.set(session, changes);
    return [id];
  });
}

it('a conversation that something left out has named is not that of who takes the session over', () => {
  const own = (fields: object, index: number) =>
    action({ action_id: `a${index}`, index, canonical_url: '/a', ...fields });
  const given = batch('s', [], {
    actions: [
      own({ type: 'focus', conversation_id: '1' }, 0),
      own({}, 1),
      own({ user_id: 'u1', email: 'a@x.example' }, 2),
      own({ user_id: 'u2', email: 'b@x.example' }, 3),
    ],
    count: 4,
  });
  const filter = createFilter({
    ...{ types: ['focus'], pages: [], emails: [], users: [], onlyIdentified: false },
  });
  const left = whoActs([filter!.apply(given)!]);
  expect(['a1', 'a2', 'a3'].map((id) => left.get(id)?.visitor.stream_conversation_id)).toEqual([
    ...['1', '1', null],
  ]);
});

it('what is left leads to the same visitors as the whole stream', () => {
  let id = 0;
  const stream = fc.array(arrival, { maxLength: 12 });
  fc.assert(
    fc.property(rules, stream, (given, arrivals) => {
      const filter = createFilter(given);
      const batches = arrivals.map(({ session, person, conversation, actions }) =>
        batch(session, [], {
          ...person,
          conversation_id: conversation,
          actions: actions.map(({ person, conversation, ...fields }, index) => ({
            ...action({ ...fields, index, action_id: `a${++id}` }),
            ...(person.user_id !== null && { user_id: person.user_id }),
            ...(person.email !== null && { email: person.email }),
            ...(conversation !== null && { conversation_id: conversation }),
          })),
          count: actions.length,
        }),
      );
      const passed = filter ? batches.flatMap((one) => filter.apply(one) ?? []) : batches;
      const whole = whoActs(batches);
      const left = whoActs(passed);
      for (const id of certain(whole, left)) {
        expect([id, left.get(id)?.visitor]).toEqual([id, whole.get(id)?.visitor]);
      }
      const isOut = ({ user_id }: Pick<Visitor, 'user_id'>) =>
        (given.users.length > 0 && user_id === 'u1') ||
        (given.emails.length > 0 && user_id === 'staff');
      const isUnknown = ({ user_id }: Visitor) => user_id === null || UNKNOWN.includes(user_id);
      const expected = batches.flatMap((one) =>
        one.actions.filter(({ type, canonical_url, action_id }) => {
          const { visitor } = whole.get(action_id)!;
          if (given.types.includes(type) || given.pages.includes(canonical_url)) return false;
          return !isOut(visitor) && !(isUnknown(visitor) && (given.onlyIdentified || isOut(one)));
        }),
      );
      expect([...left.keys()]).toEqual(expected.map(({ action_id }) => action_id));
      for (const { actions, count } of passed) {
        expect(actions.map(({ index }) => index)).toEqual([...Array(count).keys()]);
      }
      // Of who is left out for good, nothing is passed on.
      if (given.emails.length > 0) expect(JSON.stringify(passed)).not.toContain('staff');
    }),
    { numRuns: 500 },
  );
});
