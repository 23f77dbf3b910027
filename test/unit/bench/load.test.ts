import { sendLoad, serialsIn, type LoadSession } from '../../../bench/measure/load';
import { createArrivals } from '../../../bench/measure/arrivals';
import { parseFrameText } from '../../../core/payload/parse';
import { activityNoteText, summaryNoteText } from '../../../core/text/note';

const sessions: LoadSession[] = [
  { id: 'a', userId: 'ann', conversationId: '1' },
  { id: 'b', userId: 'bob', page: 'tortoise' },
];

/** What a reader of the stream finds in a load that is all due at once. */
async function load(count: number, firstSerial = 0) {
  let bytes = '';
  const sent: Array<[number, number]> = [];
  await sendLoad({
    sessions,
    rate: 1e9,
    seconds: count / 1e9,
    firstSerial,
    send: (text) => (bytes += text),
    onSend: (serial, session) => sent.push([serial, session]),
  });
  const frames = bytes.split('\n\n').filter(Boolean);
  const batches = frames.flatMap(
    (frame) =>
      parseFrameText(frame.slice('data: '.length), { productId: 'x', receivedAt: 0 }).batches,
  );
  return { sent, batches };
}

it('the sessions of a load take turns', async () => {
  const { sent, batches } = await load(4, 10);
  expect(sent).toEqual([
    [10, 0],
    [11, 1],
    [12, 0],
    [13, 1],
  ]);
  expect(batches.map(({ session_id }) => session_id)).toEqual(['a', 'b', 'a', 'b']);
  expect(batches[0]).toMatchObject({ user_id: 'ann', conversation_id: '1' });
  expect(batches[1]).toMatchObject({ user_id: 'bob', conversation_id: null });
  expect(batches[1]!.actions[0]!.description).toContain('tortoise');
});

it('the times of a load always increase', async () => {
  const { batches } = await load(5_000);
  const times = batches.map(({ actions }) => actions[0]!.timestamp_start!);
  expect(times.every((time, i) => i === 0 || time > times[i - 1]!)).toBe(true);
  expect(new Set(batches.map(({ forwarded_at }) => forwarded_at)).size).toBe(5_000);
});

it('actions are recognised in a note, in its order, and not in a summary', async () => {
  const { batches } = await load(6, 100);
  const actions = batches.map(({ actions: [action] }) => ({ action: action!, at: 0 }));
  expect(serialsIn(activityNoteText('a', actions, 0))).toEqual([100, 101, 102, 103, 104, 105]);
  const quoting = `They clicked “${actions[0]!.action.description}”.`;
  expect(serialsIn(summaryNoteText('a', quoting, 0))).toEqual([]);
});

it('arrivals count lost, doubled and disordered actions', () => {
  const arrivals = createArrivals(6);
  for (let serial = 0; serial < 6; serial += 1) arrivals.sent(serial, serial % 2);
  arrivals.noted([0, 4]);
  arrivals.noted([2, 4]);
  arrivals.noted([1, 3]);
  expect(arrivals.outcome()).toMatchObject({
    sent: 6,
    arrived: 5,
    lost: 1,
    doubled: 1,
    disordered: 1,
  });
  expect(arrivals.outcome((session) => session === 1)).toMatchObject({
    sent: 3,
    arrived: 2,
    lost: 1,
    doubled: 0,
    disordered: 0,
  });
});
