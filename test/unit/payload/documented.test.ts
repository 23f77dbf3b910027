import { mergeBatches } from '../../../core/payload/merge';
import { parseFrameText } from '../../../core/payload/parse';
import type { SessionBatch } from '../../../core/payload/types';
import { createFrameReader } from '../../../core/stream/frames';
import { actionsText } from '../../../core/text/lines';
import { activityNoteText, BIN_SECONDS } from '../../../core/text/note';

// Frames in every form that Autoplay's public documentation and its SDK's own tests give them, and what
// the SDK makes of them. The words are ours.

const DEFAULTS = { productId: 'shop', receivedAt: 1_700_000_100 };

/** One action with all that an action may have. */
function whole(index: number, type: string, description: string, at: number): object {
  return {
    index,
    type,
    title: `Title ${index}`,
    description,
    timestamp_start: at,
    timestamp_end: at + 2.5,
    raw_url: `https://app.example.com/reports/42?tab=${index}`,
    canonical_url: 'https://app.example.com/reports/:id',
    session_id: 'ps_1',
    user_id: 'ada',
    email: 'ada@example.com',
  };
}

const FULL = {
  type: 'actions',
  product_id: 'boards',
  session_id: 'ps_1',
  user_id: 'ada',
  email: 'ada@example.com',
  count: 3,
  forwarded_at: 1_700_000_020.5,
  actions: [
    whole(0, 'pageview', 'Ada opened a report', 1_700_000_001),
    whole(1, 'click', 'Ada clicked Share', 1_700_000_002.5),
    whole(2, 'submit', 'Ada sent the invitation', 1_700_000_008),
  ],
};
const SMALLEST = {
  type: 'actions',
  product_id: 'boards',
  session_id: 'ps_2',
  actions: [{ title: 'Bought', description: 'Bo pressed Buy', canonical_url: '/shoes' }],
  count: 1,
  forwarded_at: 1_712_345_678.9,
};
const SUMMARY = {
  type: 'summary',
  product_id: 'boards',
  session_id: 'ps_1',
  summary: 'Ada shared a report.',
  replaces: 12,
  forwarded_at: 1_712_346_000.1,
};

function read(frame: object): SessionBatch {
  const { batches, skipped } = parseFrameText(JSON.stringify(frame), DEFAULTS);
  expect(skipped).toEqual({});
  expect(batches).toHaveLength(1);
  return batches[0]!;
}

describe('an actions frame', () => {
  it('with all fields keeps all of them, in one batch', () => {
    const { actions, ...batch } = read(FULL);
    const { actions: sent, ...head } = FULL;
    expect(batch).toEqual({ ...head, conversation_id: null });
    expect(actions).toEqual(
      sent.map(({ ...action }) => {
        delete (action as { session_id?: string }).session_id;
        return { ...action, action_id: expect.any(String) };
      }),
    );
    expect(new Set(actions.map(({ action_id }) => action_id)).size).toBe(3);
  });

  it('with three fields per action keeps these three', () => {
    expect(read(SMALLEST)).toMatchObject({
      session_id: 'ps_2',
      user_id: null,
      email: null,
      forwarded_at: 1_712_345_678.9,
      actions: [{ index: 0, type: '', title: 'Bought', canonical_url: '/shoes' }],
    });
  });

  it.each([null, '', undefined])('treats an id of %j as missing', (none) => {
    const whose = { user_id: none, email: none, conversation_id: none };
    const actions = SMALLEST.actions.map((action) => ({ ...action, ...whose, session_id: none }));
    const batch = read({ ...SMALLEST, ...whose, actions });
    expect(batch).toMatchObject({ session_id: 'ps_2', user_id: null, email: null });
    expect(batch.actions[0]).not.toHaveProperty('user_id');
  });

  it('names the linked conversation for the batch or for an action', () => {
    expect(read({ ...SMALLEST, conversation_id: 'c9' }).conversation_id).toBe('c9');
    const actions = [{ ...SMALLEST.actions[0], conversation_id: 'c9' }];
    expect(read({ ...SMALLEST, actions }).conversation_id).toBe('c9');
  });

  it.each([0, 7, '3', null])('ignores a count of %j', (count) => {
    expect(read({ ...FULL, count }).count).toBe(3);
  });

  it('becomes the text that the SDK writes', () => {
    const batch = read(FULL);
    const url = 'https://app.example.com/reports/:id';
    expect(actionsText(batch, batch.actions)).toBe(
      [
        'Session ps_1 — 3 actions',
        `[0] pageview: Ada opened a report — ${url}`,
        `[1] click: Ada clicked Share — ${url}`,
        `[2] submit: Ada sent the invitation — ${url}`,
      ].join('\n'),
    );
  });

  it('becomes the note of the tutorial', () => {
    const { session_id, actions } = read(FULL);
    const timed = actions.map((action) => ({ action, at: 0 }));
    expect(activityNoteText(session_id, timed, BIN_SECONDS)).toBe(
      [
        'session_id: ps_1',
        'timestamp: 2023-11-14 22:13:21 UTC',
        '',
        '[1] Ada opened a report',
        '[2] Ada clicked Share',
        '',
        '[3] Ada sent the invitation',
      ].join('\n'),
    );
  });
});

it('a summary frame is a summary and no action', () => {
  const { summary, replaces, forwarded_at } = SUMMARY;
  expect(read(SUMMARY)).toMatchObject({
    session_id: 'ps_1',
    count: 0,
    summaries: [{ summary, replaces, forwarded_at, position: 0 }],
  });
});

it('frames of other kinds are skipped, and those around them are read', () => {
  const batches: SessionBatch[] = [];
  const reader = createFrameReader({
    productId: 'shop',
    clock: { now: () => 0 },
    onBatch: (batch) => batches.push(batch),
  });
  const tour = { type: 'usertour_trigger', product_id: 'boards', flow_id: 'f', session_id: 'ps_1' };
  for (const frame of [FULL, tour, SUMMARY, { type: 'later', session_id: 'ps_1' }, SMALLEST]) {
    reader.read(JSON.stringify(frame));
  }
  expect(batches.map(({ session_id, count }) => [session_id, count])).toEqual([
    ['ps_1', 3],
    ['ps_1', 0],
    ['ps_2', 1],
  ]);
  expect(reader.skipped()).toEqual({ unknown_type: 2 });
});

describe('merging, as the SDK does', () => {
  const batch = (count: number, fields: object = {}) =>
    read({
      ...SMALLEST,
      actions: Array.from({ length: count }, (_, n) => whole(n, 'click', `did ${n}`, 1)),
      session_id: 'ps_1',
      ...fields,
    });
  // The actions have no ids of their own, which would count as well.
  const anonymous = (fields: object) => read({ ...SMALLEST, ...fields });

  it('concatenates the actions and renumbers them from 0', () => {
    const merged = mergeBatches([batch(2), batch(3)]);
    expect([merged.count, merged.actions.map(({ index }) => index)]).toEqual([5, [0, 1, 2, 3, 4]]);
  });

  it('takes the latest time', () => {
    const times = [1, 9.5, 3].map((forwarded_at) => batch(1, { forwarded_at }));
    expect(mergeBatches(times).forwarded_at).toBe(9.5);
  });

  it.each(['user_id', 'email', 'conversation_id'] as const)('takes the first %s', (field) => {
    const values = [null, 'first@example.com', 'second@example.com'];
    const batches = values.map((value) => anonymous({ [field]: value }));
    expect(mergeBatches(batches)[field]).toBe('first@example.com');
    expect(mergeBatches(batches.slice(0, 1))[field]).toBeNull();
  });

  it('keeps the first product and session', () => {
    const other = { product_id: 'other', session_id: 'ps_9' };
    expect(mergeBatches([anonymous({}), anonymous(other)])).toMatchObject({
      product_id: 'boards',
      session_id: 'ps_2',
    });
  });

  it('returns a single batch, and throws without any', () => {
    expect(mergeBatches([batch(2, { forwarded_at: 5 })])).toMatchObject({
      count: 2,
      forwarded_at: 5,
    });
    expect(() => mergeBatches([])).toThrow('at least one');
  });

  it('does not change its inputs', () => {
    const batches = [batch(2), batch(2)];
    const before = structuredClone(batches);
    mergeBatches(batches);
    expect(batches).toEqual(before);
  });
});
