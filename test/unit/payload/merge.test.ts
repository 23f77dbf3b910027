import { mergeBatches } from '../../../core/payload/merge';
import { action, batch } from '../../support/batches';

it('merged actions are in order and renumbered', () => {
  const merged = mergeBatches([batch('s', ['a', 'b']), batch('s', ['c'])]);
  expect(merged.actions.map(({ index, action_id }) => [index, action_id])).toEqual([
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
  ]);
  expect(merged.count).toBe(3);
});

it('a merged batch has the latest time and the first of each id', () => {
  const merged = mergeBatches([
    batch('s', [], { forwarded_at: 2 }),
    batch('s', [], { forwarded_at: 9, user_id: 'u1', conversation_id: 'c1' }),
    batch('s', [], { forwarded_at: 5, email: 'a@example.com', conversation_id: 'c2' }),
  ]);
  expect(merged).toMatchObject({
    forwarded_at: 9,
    user_id: 'u1',
    email: 'a@example.com',
    conversation_id: 'c1',
  });
});

it('merging does not change its inputs', () => {
  const first = batch('s', ['a']);
  const second = batch('s', ['b'], {
    summaries: [{ summary: 'x', replaces: 0, forwarded_at: 0, position: 0 }],
  });
  const before = structuredClone([first, second]);
  mergeBatches([first, second]).actions[0]!.title = 'changed';
  expect([first, second]).toEqual(before);
});

it('merged actions keep their own user when the visitor has signed in as another one', () => {
  const merged = mergeBatches([
    batch('s', ['a'], { user_id: 'u1' }),
    batch('s', ['b'], { user_id: 'u2', actions: [action({ action_id: 'b' })] }),
  ]);
  expect(merged.user_id).toBe('u1');
  expect(merged.actions.map(({ user_id }) => user_id)).toEqual([undefined, 'u2']);
});

it('merging never combines one user’s address with another user', () => {
  const merged = mergeBatches([
    batch('s', ['a'], { user_id: 'u1' }),
    batch('s', ['b'], { user_id: 'u2', email: 'u2@example.com', conversation_id: 'c2' }),
    batch('s', ['c'], { user_id: 'u1' }),
  ]);
  expect(merged).toMatchObject({ user_id: 'u1', email: null, conversation_id: 'c2' });
  expect(merged.actions.map(({ user_id, email }) => [user_id, email])).toEqual([
    [undefined, undefined],
    ['u2', 'u2@example.com'],
    ['u1', undefined],
  ]);
});

it('merged summaries keep their places among all actions', () => {
  const summary = { summary: 'x', replaces: 1, forwarded_at: 0, position: 1 };
  const merged = mergeBatches([
    batch('s', ['a', 'b'], { summaries: [summary] }),
    batch('s', ['c', 'd'], { summaries: [summary] }),
  ]);
  expect(merged.summaries?.map(({ position }) => position)).toEqual([1, 3]);
});

it('merging a single batch copies it', () => {
  const only = batch('s', ['a']);
  expect(mergeBatches([only])).toEqual(only);
  expect(mergeBatches([only])).not.toBe(only);
});

it('merging no batches throws', () => {
  expect(() => mergeBatches([])).toThrow(RangeError);
});
