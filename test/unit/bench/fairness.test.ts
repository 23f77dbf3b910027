import { mostWithin } from '../../../bench/measure/calls';
import { createFairness } from '../../../bench/measure/fairness';

/** Actions as [session, at]; notes as [serials, at]; all in the order of time. */
function follow(actions: Array<[number, number]>, notes: Array<[number[], number]>) {
  const fairness = createFairness(actions.length);
  let next = 0;
  const sendUntil = (time: number) => {
    for (; next < actions.length && actions[next]![1] <= time; next += 1) {
      fairness.sent(next, ...actions[next]!);
    }
  };
  for (const [serials, at] of notes) {
    sendUntil(at);
    fairness.noted(serials, at);
  }
  sendUntil(Infinity);
  return fairness.outcome();
}

const A = 0;
const B = 1;

it('sessions that take turns are not passed over', () => {
  const actions: Array<[number, number]> = [
    [A, 0],
    [B, 1],
    [A, 2],
    [B, 3],
  ];
  const fair = follow(actions, [
    [[0], 10],
    [[1], 11],
    [[2], 12],
    [[3], 13],
  ]);
  expect(fair).toEqual({
    notes: 4,
    passedOver: [],
    waits: [10, 10, 10, 10],
    notesPerSession: [2, 2],
  });
});

it('a second note passes over a session that waited before the first', () => {
  const actions: Array<[number, number]> = [
    [B, 0],
    [A, 1],
    [A, 11],
  ];
  expect(
    follow(actions, [
      [[1], 10],
      [[2], 20],
      [[0], 30],
    ]).passedOver,
  ).toEqual([10]);
});

it('a session that began to wait after the first note is not passed over', () => {
  const actions: Array<[number, number]> = [
    [A, 1],
    [B, 11],
    [A, 12],
  ];
  expect(
    follow(actions, [
      [[0], 10],
      [[2], 20],
    ]).passedOver,
  ).toEqual([]);
});

it('a session with a note in between is not passed over', () => {
  const actions: Array<[number, number]> = [
    [A, 0],
    [B, 1],
    [B, 2],
    [A, 3],
  ];
  const notes: Array<[number[], number]> = [
    [[0], 10],
    [[1], 11],
    [[3], 12],
  ];
  expect(follow(actions, notes).passedOver).toEqual([]);
});

it('a session does not pass itself over', () => {
  const actions: Array<[number, number]> = [
    [A, 1],
    [A, 2],
    [A, 3],
  ];
  expect(
    follow(actions, [
      [[0], 10],
      [[1], 20],
      [[2], 30],
    ]).passedOver,
  ).toEqual([]);
});

it('a session with waiting actions can pass another one over', () => {
  const actions: Array<[number, number]> = [
    [A, 1],
    [A, 2],
    [B, 3],
    [A, 4],
  ];
  expect(
    follow(actions, [
      [[0], 10],
      [[3], 20],
    ]).passedOver,
  ).toEqual([7]);
});

it('sessions without a note count, and notes without new actions do not', () => {
  const actions: Array<[number, number]> = [
    [A, 1],
    [B, 2],
  ];
  const fair = follow(actions, [
    [[0], 10],
    [[0], 11],
    [[], 12],
  ]);
  expect(fair).toMatchObject({ notes: 1, notesPerSession: [1, 0], waits: [9] });
});

it.each([
  [[], 0],
  [[5], 1],
  [[0, 9, 10, 19], 2],
  [[0, 1, 2, 11, 12, 13, 14], 4],
])('the most of %j within 10 is %i', (times, most) => {
  expect(mostWithin(times, 10)).toBe(most);
});
