import fc from 'fast-check';
import { parseFrame, parseFrameText } from '../../../core/payload/parse';

const DEFAULTS = { productId: 'shop', receivedAt: 1_700_000_000 };

function parse(value: unknown) {
  return parseFrame(value, DEFAULTS);
}

const frame = (fields: object = {}) => ({
  type: 'actions',
  product_id: 'blog',
  session_id: 's1',
  forwarded_at: 12.5,
  actions: [{ title: 'A', description: 'did A', canonical_url: '/a' }],
  ...fields,
});

describe('an actions frame', () => {
  it('becomes one batch, with everything filled in that the wire leaves out', () => {
    expect(parse(frame())).toEqual({
      batches: [
        {
          type: 'actions',
          product_id: 'blog',
          session_id: 's1',
          user_id: null,
          email: null,
          conversation_id: null,
          count: 1,
          forwarded_at: 12.5,
          actions: [
            {
              index: 0,
              type: '',
              title: 'A',
              description: 'did A',
              timestamp_start: null,
              timestamp_end: null,
              raw_url: '',
              canonical_url: '/a',
              action_id: expect.any(String),
            },
          ],
        },
      ],
      skipped: {},
    });
  });

  it('gets the product of the URL and the time of arrival if it has none', () => {
    const { batches } = parse(frame({ product_id: undefined, forwarded_at: null }));
    expect(batches[0]).toMatchObject({ product_id: 'shop', forwarded_at: 1_700_000_000 });
  });

  it('has as many actions as it brings, whatever its count', () => {
    expect(parse(frame({ count: 99 })).batches[0]).toMatchObject({ count: 1 });
  });

  it.each([null, undefined, '', '   '])('treats an id of %j as missing', (empty) => {
    const { batches } = parse(frame({ user_id: empty, email: empty, conversation_id: empty }));
    expect(batches[0]).toMatchObject({ user_id: null, email: null, conversation_id: null });
  });

  it('may have numbers as texts and ids as numbers', () => {
    const actions = [{ title: 'A', timestamp_start: '17.5' }];
    const { batches } = parse(frame({ session_id: 42, forwarded_at: '3', actions }));
    expect(batches[0]).toMatchObject({
      session_id: '42',
      forwarded_at: 3,
      actions: [{ timestamp_start: 17.5 }],
    });
  });

  it('keeps its good actions if others are bad', () => {
    const actions = [null, 'x', [], {}, { index: 4 }, { title: 'good' }, 7];
    const { batches, skipped } = parse(frame({ actions }));
    expect(batches[0]?.actions).toMatchObject([{ index: 0, title: 'good' }]);
    expect(skipped).toEqual({ bad_action: 6 });
  });

  it('has texts cut that are too long', () => {
    const { batches } = parse(frame({ actions: [{ title: 'x'.repeat(1_000_000) }] }));
    expect(batches[0]?.actions[0]?.title).toHaveLength(2_000);
  });

  it('loses what databases cannot store: null bytes and lone surrogates', () => {
    const { batches } = parse(frame({ actions: [{ title: 'a\0b\ud800c' }] }));
    expect(batches[0]?.actions[0]?.title).toBe('ab\ufffdc');
  });
});

describe('the session of an action', () => {
  it('is never shared by unknown visitors: actions without any id are skipped', () => {
    expect(parse(frame({ session_id: null }))).toEqual({
      batches: [],
      skipped: { no_session: 1 },
    });
  });

  it.each([
    [{ user_id: 'u1', email: 'a@example.com' }, 'user:u1'],
    [{ email: 'a@example.com' }, 'email:a@example.com'],
  ])('belongs to a visitor who is known only by %j', (ids, session) => {
    expect(parse(frame({ session_id: '', ...ids })).batches[0]?.session_id).toBe(session);
  });

  it('may differ from that of its frame', () => {
    const actions = [
      { title: 'A' },
      { title: 'B', session_id: 's2' },
      { title: 'C', session_id: 's1' },
    ];
    const { batches } = parse(frame({ actions }));
    expect(batches.map((batch) => [batch.session_id, batch.actions.map((a) => a.title)])).toEqual([
      ['s1', ['A', 'C']],
      ['s2', ['B']],
    ]);
  });

  it('is that of the visitor whom only the action names', () => {
    const actions = [{ title: 'A', user_id: 'u1' }, { title: 'B', user_id: 'u2' }, { title: 'C' }];
    const { batches, skipped } = parse(frame({ session_id: null, actions }));
    expect(batches.map(({ session_id, user_id }) => [session_id, user_id])).toEqual([
      ['user:u1', 'u1'],
      ['user:u2', 'u2'],
    ]);
    expect(skipped).toEqual({ no_session: 1 });
  });

  it('has the user, address and conversation of the first action that names them', () => {
    const actions = [
      { title: 'A' },
      { title: 'B', user_id: 'u1', email: 'a@example.com', conversation_id: 'c1' },
      { title: 'C', user_id: 'u2' },
    ];
    const [batch] = parse(frame({ actions })).batches;
    expect(batch).toMatchObject({
      user_id: 'u1',
      email: 'a@example.com',
      conversation_id: 'c1',
    });
    expect(batch?.actions.map(({ user_id }) => user_id)).toEqual([undefined, 'u1', 'u2']);
  });
});

describe('an unusual id', () => {
  it.each([
    ['too large to be exact', 2 ** 53],
    ['not a number', Number.NaN],
    ['without end', '1e999'],
    ['too long', 'x'.repeat(513)],
    ['nothing but a null byte', '\0'],
  ])('is ignored if it is %s, because two visitors could share it', (_, odd) => {
    const text = JSON.stringify(frame({ session_id: odd })).replace('"1e999"', '1e999');
    const value = typeof odd === 'number' ? frame({ session_id: odd }) : JSON.parse(text);
    expect(parse(value)).toEqual({ batches: [], skipped: { no_session: 1 } });
  });

  it.each(['undefined', 'null', 'anonymous', '[object Object]', 'NaN', '0', '{{user.id}}'])(
    'is ignored if it is %s, for session, user and address, in a frame and in an action',
    (name) => {
      const whose = { session_id: name, user_id: name, email: name, conversation_id: name };
      expect(parse(frame(whose))).toEqual({ batches: [], skipped: { no_session: 1 } });
      const [batch] = parse(
        frame({ ...whose, session_id: 's', actions: [{ title: 'A', ...whose }] }),
      ).batches;
      expect(batch).toMatchObject({
        session_id: 's',
        user_id: null,
        email: null,
        conversation_id: null,
      });
      expect(batch?.actions[0]).not.toHaveProperty('user_id');
      expect(batch?.actions[0]).not.toHaveProperty('email');
    },
  );

  it('of an address leads to one session in all its spellings', () => {
    const sessions = [
      'Ada@Example.com',
      'ada@example.com',
      'J\u00f6rg@e.com',
      'JO\u0308RG@e.com',
    ].map(
      (email) => parse(frame({ session_id: null, user_id: null, email })).batches[0]?.session_id,
    );
    expect(sessions).toEqual([
      'email:ada@example.com',
      'email:ada@example.com',
      'email:j\u00f6rg@e.com',
      'email:j\u00f6rg@e.com',
    ]);
  });

  it('of an action does not bring the address of another user into its batch', () => {
    const actions = [
      { title: 'A', user_id: '70' },
      { title: 'B', user_id: '71', email: 'bob@example.com' },
    ];
    const [batch] = parse(frame({ user_id: null, email: null, actions })).batches;
    expect(batch).toMatchObject({ user_id: '70', email: null });
  });

  it('that is long makes a session id that survives the way through n8n, or none', () => {
    for (const length of [507, 508]) {
      const { batches } = parse(frame({ session_id: '', user_id: 'u'.repeat(length) }));
      expect(batches).toHaveLength(length === 507 ? 1 : 0);
      for (const batch of batches) expect(parse(batch).batches).toEqual([batch]);
    }
  });
});

describe('an extreme frame', () => {
  it('of 10 MB is read', () => {
    const actions = Array.from({ length: 5_000 }, (_, i) => ({
      title: `${i}`,
      description: 'x'.repeat(2_100),
    }));
    const text = JSON.stringify(frame({ actions }));
    expect(text.length).toBeGreaterThan(10_000_000);
    expect(parseFrameText(text, DEFAULTS).batches[0]).toMatchObject({ count: 5_000 });
  });

  it('of 100,000 levels is read without what is in them', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const text = `{"type":"actions","session_id":"s","user_id":${deep},"actions":[${deep},{"title":"A","raw_url":${deep}}]}`;
    const { batches, skipped } = parseFrameText(text, DEFAULTS);
    expect(batches[0]).toMatchObject({ user_id: null, actions: [{ title: 'A', raw_url: '' }] });
    expect(skipped).toEqual({ bad_action: 1 });
  });

  it('with names of built-in properties changes none of these', () => {
    const text = `{"type":"actions","session_id":"__proto__","__proto__":{"actions":[1]},"constructor":{"prototype":{"x":1}},"actions":[{"title":"A","__proto__":{"title":"B"}}]}`;
    const { batches } = parseFrameText(text, DEFAULTS);
    expect(batches[0]).toMatchObject({ session_id: '__proto__', actions: [{ title: 'A' }] });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe('the identity of an action', () => {
  const ids = (value: object) =>
    parse(value).batches.flatMap((batch) => batch.actions.map(({ action_id }) => action_id));

  it('is the same each time its batch is delivered', () => {
    const later = parseFrame(frame(), { ...DEFAULTS, receivedAt: 1_800_000_000 });
    expect(later.batches[0]?.actions[0]?.action_id).toBe(ids(frame())[0]);
  });

  it('differs between two equal clicks, in one batch or in two', () => {
    const click = { title: 'A' };
    const [first, second] = ids(frame({ actions: [click, click] }));
    const [third] = ids(frame({ actions: [click], forwarded_at: 13 }));
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it('does not depend on the index, which connectors number differently', () => {
    const [zero] = ids(frame({ actions: [{ title: 'A', index: 0 }] }));
    const [seven] = ids(frame({ actions: [{ title: 'A', index: 7 }] }));
    expect(zero).toBe(seven);
  });

  it('is the one that 0.1.0 stored, so that an action repeated after an update is recognised', () => {
    const click = {
      ...{ type: 'click', title: 'Save', description: 'Clicked “Save”' },
      ...{ timestamp_start: 1763899999.5, timestamp_end: 1763899999.75 },
      ...{ raw_url: 'https://app.example/boards/7?tab=2', canonical_url: '/boards/:id' },
    };
    const view = { type: 'pageview', canonical_url: '/boards' };
    expect(ids(frame({ forwarded_at: 1763900000.123, actions: [click, view] }))).toEqual([
      'IzbvXfZHDfqNNVOaT9dJ8F',
      's6mvdULr-CFOtSK8Zj3Qby',
    ]);
    const again = parseFrame(
      frame({ forwarded_at: undefined, actions: [null, { title: 'Save' }] }),
      { ...DEFAULTS, delivery: 'a body' },
    );
    expect(again.batches[0]?.actions[0]?.action_id).toBe('beXIM_Imrh8R6tk4BFGvmF');
  });

  it.each([
    [
      'where one text ends and the next begins',
      { title: 'ab', description: 'c' },
      { title: 'a', description: 'bc' },
    ],
    ['which text is empty', { title: 'a', description: '' }, { title: '', description: 'a' }],
    ['an accent', { title: 'e' }, { title: '\u00e9' }],
    [
      'the last bit of a time',
      { title: 'a', timestamp_start: 1763900000.123 },
      { title: 'a', timestamp_start: 1763900000.1230001 },
    ],
    ['a time and none', { title: 'a', timestamp_end: 0 }, { title: 'a' }],
  ])('depends on %s', (_, some, others) => {
    expect(ids(frame({ actions: [some] }))).not.toEqual(ids(frame({ actions: [others] })));
  });

  it('survives the way through n8n', () => {
    const [batch] = parse(frame()).batches;
    expect(parse(JSON.parse(JSON.stringify(batch))).batches).toEqual([batch]);
  });
});

describe('a summary frame', () => {
  it('becomes a batch without actions that carries the summary', () => {
    const summary = { type: 'summary', session_id: 's', summary: ' Did A. ', replaces: 3 };
    expect(parse({ ...summary, forwarded_at: 5 }).batches).toMatchObject([
      {
        session_id: 's',
        actions: [],
        count: 0,
        summaries: [{ summary: 'Did A.', replaces: 3, forwarded_at: 5, position: 0 }],
      },
    ]);
  });

  it.each([
    [{ session_id: 's', summary: '  ' }, 'empty'],
    [{ session_id: 's' }, 'empty'],
    [{ summary: 'x' }, 'no_session'],
  ])('of %j is skipped', (fields, reason) => {
    expect(parse({ type: 'summary', ...fields })).toEqual({
      batches: [],
      skipped: { [reason]: 1 },
    });
  });
});

describe('what cannot be used is counted', () => {
  it.each([
    ['', 'broken_json'],
    ['{"type":', 'broken_json'],
    ['null', 'not_an_object'],
    ['[]', 'not_an_object'],
    ['[{"type":"actions"}]', 'not_an_object'],
    ['3', 'not_an_object'],
    ['{}', 'unknown_type'],
    ['{"type":"usertour_trigger","session_id":"s","flow_id":"f"}', 'unknown_type'],
    ['{"type":"wake_up","product_id":"shop"}', 'unknown_type'],
    ['{"type":"actions","session_id":"s"}', 'empty'],
    ['{"type":"actions","session_id":"s","actions":{}}', 'empty'],
    ['{"type":"actions","session_id":"s","actions":[null]}', 'bad_action'],
  ])('%s', (text, reason) => {
    expect(parseFrameText(text, DEFAULTS)).toEqual({ batches: [], skipped: { [reason]: 1 } });
  });

  it('no value makes the parser throw', () => {
    const loose = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          type: fc.constantFrom('actions', 'summary', undefined),
          session_id: fc.jsonValue(),
          user_id: fc.jsonValue(),
          forwarded_at: fc.jsonValue(),
          summary: fc.jsonValue(),
          summaries: fc.jsonValue(),
          actions: fc.oneof(
            fc.jsonValue(),
            fc.array(fc.record({ title: fc.jsonValue(), session_id: fc.jsonValue() })),
          ),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(loose, (value) => {
        for (const batch of parse(value).batches) {
          expect(batch.session_id).not.toBe('');
          expect(batch.count).toBe(batch.actions.length);
          expect(parse(JSON.parse(JSON.stringify(batch))).batches).toEqual(
            batch.count > 0 || batch.summaries ? [batch] : [],
          );
        }
      }),
    );
  });
});
