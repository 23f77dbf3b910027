import {
  comparableEmail,
  isNobody,
  namesOf,
  personIdOrNull,
  sessionName,
} from '../../core/identity';
import { LeaseLostError } from '../../core/memory/errors';

// As PostHog's ingestion lists them in `isDistinctIdIllegal`.
const POSTHOG_ANY_CASE = [
  'anonymous',
  'guest',
  'distinctid',
  'distinct_id',
  'id',
  'not_authenticated',
  'email',
  'undefined',
  'true',
  'false',
];
const POSTHOG_EXACT = ['[object Object]', 'NaN', 'None', 'none', 'null', '0'];
// As Mixpanel and Amplitude document them for `distinct_id` and `user_id`.
const OTHERS = [
  ...['undefined', 'null', 'nil', 'none', 'unknown', 'n/a', 'na', 'anon', 'anonymous', 'false'],
  ...['true', '0', '-1', '00000000-0000-0000-0000-000000000000', '<nil>', '[]', '{}', 'lmy47d'],
];

describe('a placeholder', () => {
  const all = [
    ...POSTHOG_ANY_CASE,
    ...POSTHOG_ANY_CASE.map((id) => id.toUpperCase()),
    ...POSTHOG_EXACT,
    ...OTHERS,
    ...[
      '$posthog_cookieless',
      '{{user.id}}',
      '{{ customer.unique_identifier | default }}',
      '${id}',
    ],
  ];
  it.each(all)('%s names nobody', (id) => {
    for (const spelling of [id, ` ${id}\n`, `"${id}"`, `'${id}'`]) {
      expect(personIdOrNull(spelling)).toBeNull();
    }
  });

  it.each(['', '   ', '""', '0'.repeat(40), 'a\0b'])('%j names nobody', (id) =>
    expect(personIdOrNull(id)).toBeNull(),
  );

  it.each([null, undefined, {}, [], true, Number.NaN, 0, 2 ** 60])('%p names nobody', (value) =>
    expect(personIdOrNull(value)).toBeNull(),
  );

  it.each([
    ...['undefined@undefined', 'null@example.com', 'NaN@example.com', '@', '@example.com', 'a@'],
    ...['unknown@unknown.com', 'anonymous@anonymous.invalid', 'Email@Email.com'],
  ])('the address %s names nobody', (email) => expect(isNobody(email)).toBe(true));

  it.each([
    // Missing values of Objective-C, Swift, Go and Google Analytics.
    ...[
      '(null)',
      '<null>',
      '(none)',
      'Optional(nil)',
      '%!s(<nil>)',
      '(not set)',
      '`null`',
      '“null”',
    ],
    // Put together of parts that were missing.
    ...['undefined undefined', 'null_null', 'NaN-NaN', 'undefined:undefined', 'user_undefined'],
    ...[
      'user-null',
      'auth0|undefined',
      'user:[object Object]',
      '[object Promise]',
      '[object Null]',
    ],
    // Templates that were never filled in.
    ...['<%= user.id %>', '#{user.id}', '{user_id}', '{user.id}', '%user_id%', '[[user.id]]'],
    ...['{% user.id %}', '{{ a long name that no visitor has, whatever it says }}'],
  ])('%s of a broken site names nobody', (id) => expect(isNobody(id)).toBe(true));
});

it.each([
  ['70'],
  ['user-0'],
  ['guest-17'],
  ['Nanette'],
  ['nullmann'],
  ['undefined70'],
  ['u_null_7'],
  ['(70)'],
  ['{3F2504E0-4F89-11D3-9A0C-0305E82C3301}'],
  ['anonymous@example.com'],
  ['70%'],
  ['guest@example.com'],
  ['id@example.com'],
  ['01a0c44e-9740-7c1d-8f2a-6b9e4d1c0a77'],
  ['x'.repeat(400)],
  ['😀'.repeat(200)],
])('%s is an id like any other', (id) => expect(personIdOrNull(` ${id} `)).toBe(id));

it('numbers are ids', () => expect(personIdOrNull(70)).toBe('70'));

it('an email address is compared in one spelling', () => {
  const composed = 'j\u00f6rg@example.com';
  for (const spelling of [
    ' J\u00d6RG@Example.com',
    'jo\u0308rg@example.com',
    'JO\u0308RG@EXAMPLE.COM',
  ]) {
    expect(comparableEmail(spelling)).toBe(composed);
  }
});

it('a request keeps only ids that name somebody, and everything else unchanged', () => {
  const given = { session_id: 'undefined', user_id: '70', email: 'Ada@Example.com', chat: 'null' };
  expect(namesOf(given)).toEqual({
    session_id: undefined,
    user_id: '70',
    email: 'ada@example.com',
    chat: 'null',
  });
});

it('a session in a log goes by its id, unless the id says who the visitor is', () => {
  expect(sessionName('ps_1')).toBe('session ps_1');
  for (const id of ['user:ada', 'email:ada@example.com']) {
    expect(sessionName(id)).toBe('a session without an id');
    expect(new LeaseLostError(id).message).not.toContain('ada');
  }
});
