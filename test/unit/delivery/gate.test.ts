import { createGate, type Turn } from '../../../core/delivery/gate';
import { createHealth } from '../../../core/http/health';
import { TooBusyError } from '../../../core/http/pace';
import { createFakeClock, settle } from '../../support/fakeClock';

function setUp(places = 1) {
  const clock = createFakeClock();
  const health = createHealth(clock);
  const gate = createGate({ clock, places, health });
  /** What has begun, in order: `activity s`. */
  const begun: string[] = [];
  const ends: Array<() => void> = [];
  const ask = (turn: Turn) =>
    gate.run(turn, async () => {
      begun.push(`${turn.kind} ${turn.session}`);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
  const activity = (...sessions: string[]) =>
    sessions.map((session) => ask({ session, kind: 'activity' }));
  /** Ends what began first of all that goes on. */
  const end = async () => {
    ends.shift()?.();
    await settle();
  };
  return { clock, health, gate, begun, ask, activity, end };
}

const later = { giveUpAfterMs: 1_000 };

it('lets in as many turns at once as it has places', async () => {
  const { begun, activity, end } = setUp(2);
  void activity('a', 'b', 'c');
  await settle();
  expect(begun).toHaveLength(2);
  await end();
  expect(begun).toHaveLength(3);
});

it('serves the session first that was never served, or longest ago', async () => {
  const { begun, activity, end } = setUp();
  void activity('a', 'b', 'c');
  for (let i = 0; i < 2; i++) await end();
  void activity('b', 'a', 'new', 'a');
  for (let i = 0; i < 4; i++) await end();
  expect(begun.slice(3)).toEqual(['activity new', 'activity a', 'activity b']);
});

it('serves no session twice while another waits', async () => {
  const { begun, activity, end } = setUp();
  const sessions = Array.from({ length: 20 }, (_, i) => `s${i}`);
  void activity(...sessions);
  for (let i = 0; i < 100; i++) {
    await end();
    // Who has just been served asks again at once.
    void activity(begun[i]!.replace('activity ', ''));
  }
  for (let from = 0; from < 100; from += 20) {
    expect(new Set(begun.slice(from, from + 20)).size).toBe(20);
  }
});

it('returns at once if the same note already waits, but not if it is being written', async () => {
  const { begun, activity, end } = setUp();
  void activity('a');
  await settle();
  const [first, second, third] = activity('a', 'a', 'a');
  expect(await Promise.all([second, third])).toEqual([undefined, undefined]);
  await end();
  expect(begun).toEqual(['activity a', 'activity a']);
  await end();
  await first;
  expect(begun).toHaveLength(2);
});

it('writes notes of a session one after the other, and those of others meanwhile', async () => {
  const { begun, activity, ask, end } = setUp(3);
  void activity('a');
  void ask({ session: 'a', kind: 'summary', ...later });
  void ask({ session: 'a', kind: 'redaction', ...later });
  void activity('b');
  await settle();
  expect(begun).toEqual(['activity a', 'redaction a', 'activity b']);
  await end();
  expect(begun.slice(3)).toEqual(['summary a']);
});

it('gives every fifth turn to what is deferred', async () => {
  const { begun, activity, ask, end } = setUp();
  void activity(...Array.from({ length: 15 }, (_, i) => `s${i}`));
  for (const session of ['x', 'y', 'z']) void ask({ session, kind: 'redaction', ...later });
  for (let i = 0; i < 15; i++) await end();
  expect(begun.map((one) => one.split(' ')[0]!.charAt(0)).join('')).toMatch(/^(aaaar){3}/);
});

it('ends a turn that waited too long, and never runs it', async () => {
  const { clock, begun, activity, ask, end } = setUp();
  void activity('a');
  const redaction = ask({ session: 'x', kind: 'redaction', ...later });
  const refused = expect(redaction).rejects.toThrow(TooBusyError);
  await clock.advance(1_000);
  await refused;
  await end();
  expect(begun).toEqual(['activity a']);
});

it('does not end a turn that has begun', async () => {
  const { clock, ask, end } = setUp();
  const summary = ask({ session: 'x', kind: 'summary', ...later });
  await clock.advance(5_000);
  await end();
  await summary;
});

it('gives the place of failed work to the next turn', async () => {
  const { gate, begun, activity } = setUp();
  const failed = gate.run({ session: 'a', kind: 'activity' }, () => {
    throw new Error('no');
  });
  void activity('b');
  await expect(failed).rejects.toThrow('no');
  await settle();
  expect(begun).toEqual(['activity b']);
});

it('lets other sessions in while work has stepped aside, but no other note of its session', async () => {
  const { gate, begun, activity, end } = setUp();
  let goOn = () => {};
  const patient = gate.run({ session: 'a', kind: 'activity' }, async (stepAside) => {
    stepAside();
    stepAside();
    await new Promise<void>((resolve) => (goOn = resolve));
  });
  await settle();
  void activity('a', 'b', 'c');
  await settle();
  expect(begun).toEqual(['activity b']);
  goOn();
  await patient;
  await settle();
  // Its own place was free already.
  expect(begun).toEqual(['activity b']);
  await end();
  await end();
  expect(begun.toSorted()).toEqual(['activity a', 'activity b', 'activity c']);
});

describe('while the chat product does not answer', () => {
  const isAway = ({ health }: ReturnType<typeof setUp>) => {
    for (let i = 0; i < 10; i++) health.unanswered();
  };

  it('lets no turn wait for it', async () => {
    const all = setUp();
    const [inside, ...waiting] = all.activity('a', 'b', 'c');
    const summary = all.ask({ session: 'd', kind: 'summary' });
    const refused = Promise.all(
      [...waiting, summary].map((one) => expect(one).rejects.toThrow(TooBusyError)),
    );
    await settle();
    isAway(all);
    expect(all.gate.isAway()).toBe(true);
    await all.end();
    await refused;
    await inside;
    await expect(all.ask({ session: 'b', kind: 'activity' })).rejects.toThrow(TooBusyError);
    expect(all.begun).toEqual(['activity a']);
  });

  it('lets one turn after the other find out whether it is back, and all turns in when it is', async () => {
    const all = setUp(5);
    isAway(all);
    await all.clock.advance(5_000);
    const [first, ...others] = all.activity('a', 'b', 'c');
    await Promise.all(others.map((one) => expect(one).rejects.toThrow(TooBusyError)));
    expect(all.begun).toEqual(['activity a']);
    all.health.answered();
    await all.end();
    await first;
    void all.activity('b', 'c');
    await settle();
    expect(all.begun).toEqual(['activity a', 'activity b', 'activity c']);
  });
});

it('lets the next turn try if the product is away and a turn made no call', async () => {
  const { clock, health, gate } = setUp();
  for (let i = 0; i < 10; i++) health.unanswered();
  await clock.advance(5_000);
  const turn = (session: string): Turn => ({ session, kind: 'activity' });
  await gate.run(turn('makes no call'), async () => {});
  const call = async () => {
    health.asking()();
    health.unanswered();
  };
  await gate.run(turn('a'), call);
  await expect(gate.run(turn('b'), call)).rejects.toThrow(TooBusyError);
});
