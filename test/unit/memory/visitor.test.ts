import { namesIn, visitorAfter, type Visitor } from '../../../core/memory/visitor';
import { action, batch } from '../../support/memory';

const NOBODY: Visitor = { user_id: null, email: null, stream_conversation_id: null };
const OTHER_ID = '0192f1c4-bbbb-7bbb-8ccc-123456789abc';
const DISTINCT_ID = '01a0c44e-9740-7aaa-8bbb-0123456789ab';
const ADA = '0b1f7c1e-6a54-4a7e-9a39-5d6c4b3a2f10';
const BOB = '7d9e2c44-11d8-4f0a-8c55-0a9b8c7d6e5f';

/** The visitor after each action of a batch, and what became of them. */
function follow(fields: Parameters<typeof batch>[2], ...actions: object[]) {
  const all = batch(
    's',
    actions.map((one) => action('a', one)),
    fields,
  );
  const names = namesIn(all);
  let visitor = NOBODY;
  return all.actions.map((one) => {
    const after = visitorAfter(visitor, names(one));
    visitor = after.visitor;
    return [visitor.user_id, visitor.email, after.change];
  });
}

it('a batch’s names hold for its actions until one has another name', () => {
  const ada = { user_id: '70', email: 'Ada@Example.com' };
  expect(follow(ada, {}, { user_id: '71' }, {}, { user_id: '70' })).toEqual([
    ['70', 'ada@example.com', undefined],
    ['71', null, 'other_person'],
    ['71', null, undefined],
    ['70', null, 'other_person'],
  ]);
});

it('a frame with PostHog’s id and actions with a user id belong to one visitor', () => {
  const frame = { user_id: DISTINCT_ID, email: 'ada@example.com' };
  expect(follow(frame, { user_id: '70' }, { user_id: '70' })).toEqual([
    ['70', 'ada@example.com', undefined],
    ['70', 'ada@example.com', undefined],
  ]);
});

it('another tab that still uses PostHog’s id belongs to the visitor who has signed in', () => {
  const tabs = [{ user_id: '70', email: 'ada@example.com' }, { user_id: DISTINCT_ID }, {}];
  const [first, ...rest] = follow({ user_id: DISTINCT_ID }, {}, ...tabs);
  expect(first).toEqual([DISTINCT_ID, null, undefined]);
  expect(rest).toEqual([
    ['70', 'ada@example.com', 'signed_in'],
    ['70', 'ada@example.com', undefined],
    ['70', 'ada@example.com', undefined],
  ]);
});

it('PostHog’s id does not replace a user id that is a UUID', () => {
  const ids = follow({}, { user_id: ADA }, { user_id: DISTINCT_ID });
  expect(ids.at(-1)).toEqual([ADA, null, undefined]);
});

it.each<[string, Partial<Visitor>, object, string | undefined]>([
  ['the same', { user_id: '70' }, { user_id: '70' }, undefined],
  ['nobody', { user_id: '70' }, {}, undefined],
  ['a placeholder', { user_id: '70' }, { user_id: 'undefined', email: 'null' }, undefined],
  ['a first name', {}, { user_id: '70', email: 'ada@example.com' }, undefined],
  ['an address besides', { user_id: '70' }, { email: 'ada@example.com' }, undefined],
  [
    'a changed address of the same user',
    { user_id: '70', email: 'old@example.com' },
    { user_id: '70', email: 'new@example.com' },
    undefined,
  ],
  ['a user instead of PostHog’s id', { user_id: DISTINCT_ID }, { user_id: '70' }, 'signed_in'],
  [
    'a user with a UUID instead of PostHog’s id',
    { user_id: DISTINCT_ID },
    { user_id: ADA },
    'signed_in',
  ],
  ['a user instead of another tracker’s UUID', { user_id: ADA }, { user_id: '70' }, 'signed_in'],
  ['another user', { user_id: '70' }, { user_id: '71' }, 'other_person'],
  ['another user where user ids are UUIDs', { user_id: ADA }, { user_id: BOB }, 'other_person'],
  [
    'another user where the one before had an address',
    { user_id: DISTINCT_ID, email: 'ada@example.com' },
    { user_id: '71', email: 'bob@example.com' },
    'other_person',
  ],
  [
    'another address alone',
    { email: 'ada@example.com' },
    { email: 'bob@example.com' },
    'other_person',
  ],
])('who is named: %s', (_, before, said, change) => {
  expect(visitorAfter({ ...NOBODY, ...before }, said).change).toBe(change);
});

it.each<[string, Partial<Visitor>, object, string | null, string | undefined]>([
  ['two users', { user_id: DISTINCT_ID }, { user_id: OTHER_ID }, OTHER_ID, 'other_person'],
  [
    'a user after another',
    { user_id: '70' },
    { user_id: DISTINCT_ID },
    DISTINCT_ID,
    'other_person',
  ],
  ['the first', {}, { user_id: DISTINCT_ID }, DISTINCT_ID, undefined],
  ['nobody', { user_id: '70' }, {}, '70', undefined],
])(
  'a source that names only who has signed in is believed: %s',
  (_, before, said, user, change) => {
    const after = visitorAfter({ ...NOBODY, ...before }, { ...said, signed_in: true });
    expect([after.visitor.user_id, after.change]).toEqual([user, change]);
  },
);
