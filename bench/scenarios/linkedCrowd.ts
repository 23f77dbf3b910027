import { createFairness, type Fairness } from '../measure/fairness';
import { amount, atLeast, atMost, losses, reported } from '../measure/figures';
import { measureFlow, sessionsWithConversations } from '../measure/flow';
import { withStage } from '../measure/stage';
import { percentile } from '../measure/statistics';
import { growthInSecondHalf } from '../measure/usage';
import type { Curve, Figure, Scenario } from '../types';

const SIZE = {
  full: { sessions: 5_000, rate: 1_000, seconds: 60 },
  quick: { sessions: 1_000, rate: 500, seconds: 15 },
};
/** Calls that Intercom allows in a second. */
const ALLOWED = 10_000 / 60;

/** More activity than Intercom accepts notes for: how many notes each session gets, and when. */
export const linkedCrowd: Scenario = {
  name: 'linkedCrowd',
  title: 'More linked sessions than Intercom takes notes for',
  quick: false,
  async run(run) {
    const { sessions: count, rate, seconds } = run.quick ? SIZE.quick : SIZE.full;
    return await withStage({ workflow: 'intercom' }, run, async (stage) => {
      run.progress(`opening ${amount(count)} conversations`);
      const sessions = sessionsWithConversations(stage, count);
      const fairness = createFairness(rate * seconds);
      const notesAt: number[] = [];
      const callsBefore = stage.calls().length;
      run.progress(`${amount(count)} sessions, ${amount(rate)} events/s`);
      const began = performance.now();
      const { outcome, usage, settling } = await measureFlow(stage, sessions, {
        rate,
        seconds,
        waitMs: 300_000,
        patienceMs: 30_000,
        signal: run.signal,
        onSend: (serial, session) => fairness.sent(serial, session, performance.now()),
        onNote(serials) {
          fairness.noted(serials, performance.now());
          if (serials.length > 0) notesAt.push(performance.now() - began);
        },
      });
      const calls = stage.calls().slice(callsBefore);
      const whileSent = notesAt.filter((at) => at < seconds * 1_000).length;
      const fair = fairness.outcome();
      return {
        figures: [
          ...losses(`${amount(count)} sessions`, outcome),
          reported('Notes a second while the load lasted', whileSent / seconds, 'notes/s'),
          atLeast(
            'Calls a second, of what Intercom allows',
            calls.filter((at) => at < calls[0]! + seconds * 1_000).length / seconds / ALLOWED,
            '×',
            0.9,
          ),
          reported('From the end of the load to the last note', settling.wallMs / 1_000, 's'),
          ...fairnessFigures(fair),
          reported("n8n's memory at most", Math.max(...usage.rssMb, ...settling.rssMb), 'MB'),
          atMost(
            "n8n's memory, end of the second half to its begin",
            growthInSecondHalf(usage.rssMb),
            '×',
            1.1,
          ),
          reported('CPU per event', ((usage.cpuMs + settling.cpuMs) * 1_000) / outcome.sent, 'µs'),
        ],
        curves: [memoryCurve([...usage.rssMb, ...settling.rssMb])],
        remarks: [
          `${amount(count)} sessions, ${amount(rate)} events/s: each session acts every ${count / rate} s. Intercom takes ${Math.floor(ALLOWED)} calls a second in all, so a session’s turn comes every ${Math.round(count / ALLOWED)} s at best.`,
          'A session is passed over when another gets a note, and later a second one, while it was waiting before the first of them and got none.',
        ],
      };
    });
  },
};

function fairnessFigures({ notes, passedOver, waits, notesPerSession }: Fairness): Figure[] {
  const notesOf = (share: number) => percentile(notesPerSession, share);
  return [
    reported('Notes', notes, ''),
    atMost(
      'Notes by which an earlier waiting session was passed over',
      passedOver.length,
      '',
      Math.ceil(notes / 1_000),
    ),
    reported('Who was passed over had waited, longest', Math.max(0, ...passedOver) / 1_000, 's'),
    reported('From the first untold action to the note, p50', percentile(waits, 0.5) / 1_000, 's'),
    reported('From the first untold action to the note, p99', percentile(waits, 0.99) / 1_000, 's'),
    reported(
      'From the first untold action to the note, longest',
      percentile(waits, 1) / 1_000,
      's',
    ),
    reported('Notes per session: fewest', percentile(notesPerSession, 0), ''),
    reported('Notes per session: 1 of 100 has at most', notesOf(0.01), ''),
    reported('Notes per session: median', notesOf(0.5), ''),
    reported('Notes per session: 99 of 100 have at most', notesOf(0.99), ''),
    reported('Notes per session: most', notesOf(1), ''),
  ];
}

function memoryCurve(rssMb: readonly number[]): Curve {
  return {
    name: "n8n's memory",
    x: { name: 'Time', unit: 's' },
    y: { name: 'Memory', unit: 'MB' },
    points: rssMb.map((mb, second) => [second, mb]),
  };
}
