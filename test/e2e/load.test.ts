import { measureFlow, sessionsWithConversations } from '../../bench/measure/flow';
import { createStage, type Stage } from '../../bench/measure/stage';
import type { Effect } from '../../simulators/intercom';
import { createRandom } from '../../simulators/random';
import { eventually } from '../support/eventually';

/** As long as it takes on a machine with other work: what is tested is that everything comes. */
const PATIENCE = { waitMs: 240_000, patienceMs: 120_000 };
const SESSIONS = 60;
const RATE = 400;
const SECONDS = 10;

/** Some posted and not told of it, some not posted, some told to come back later. */
const FAILURES: readonly Effect[] = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: '500-after' },
];

describe('thousands of events', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await createStage({ workflow: 'intercom', modelLatencyMs: 200 });
    await stage.subscribed();
  });
  afterAll(() => stage?.stop());
  afterEach(() => stage.intercom.faults.clear());

  /** Whatever is asked of Intercom fails so often, each time in another way; returns how often it did. */
  function failOften(share: number): () => number {
    let failures = 0;
    const random = createRandom(7);
    let effect: Effect | undefined;
    FAILURES.forEach((one, i) =>
      stage.intercom.faults.add({
        match() {
          // Faults are asked in turn, so the first draws for all of them.
          if (i === 0) {
            const fails = random() < share;
            if (fails) failures += 1;
            effect = fails ? FAILURES[Math.floor(random() * FAILURES.length)] : undefined;
          }
          return effect === one;
        },
        times: Infinity,
        effect: one,
      }),
    );
    return () => failures;
  }

  /** Every conversation is told of its own session alone. */
  function strangersIn(name: string): string[] {
    return stage.intercom
      .conversations()
      .flatMap(({ parts, contactId }) => {
        const { external_id } = stage.intercom.contact(contactId);
        const own = external_id?.replace('person-', '');
        return parts.map(({ body }) => ({ own, told: /session_id: (\S+?)[<\s]/.exec(body)?.[1] }));
      })
      .filter(({ own, told }) => own?.startsWith(name) && told !== undefined && told !== own)
      .map(({ own, told }) => `${told} in the conversation of ${own}`);
  }

  it('arrive once and in order while Intercom fails now and then', async () => {
    const sessions = sessionsWithConversations(stage, SESSIONS, 'failing');
    const failures = failOften(0.15);
    const { outcome } = await measureFlow(stage, sessions, {
      rate: RATE,
      seconds: SECONDS,
      ...PATIENCE,
    });
    expect(outcome).toMatchObject({
      sent: RATE * SECONDS,
      arrived: RATE * SECONDS,
      lost: 0,
      doubled: 0,
      disordered: 0,
    });
    expect(strangersIn('failing')).toEqual([]);
    expect(failures()).toBeGreaterThan(FAILURES.length);
    expect(stage.intercom.journal.violations).toEqual([]);
  });

  it('arrive once and in order when Intercom was away in the middle', async () => {
    const sessions = sessionsWithConversations(stage, SESSIONS, 'away');
    let takeAway: (() => void) | undefined;
    const { outcome } = await measureFlow(stage, sessions, {
      rate: RATE,
      seconds: SECONDS,
      ...PATIENCE,
      onSend(serial) {
        // After the first notes: of what was before those, only the last two minutes are told.
        if (serial === RATE * 3) {
          const all = { match: () => true, times: Infinity };
          takeAway = stage.intercom.faults.add({ ...all, effect: { kind: 'reset-before' } });
        }
      },
      onSent: () => takeAway?.(),
    });
    expect(outcome).toMatchObject({ lost: 0, doubled: 0, disordered: 0 });
    expect(strangersIn('away')).toEqual([]);
  });

  it('arrive while Intercom says nothing about one conversation, and that one’s afterwards', async () => {
    const sessions = sessionsWithConversations(stage, SESSIONS, 'silent');
    const silent = `/conversations/${sessions[0]!.conversationId}`;
    const others = new Set<number>();
    let speak: (() => void) | undefined;
    const { outcome } = await measureFlow(stage, sessions, {
      rate: SESSIONS,
      seconds: 2 * SECONDS,
      ...PATIENCE,
      onSend(serial, session) {
        if (session !== 0) others.add(serial);
        // Its first note is told by then.
        if (serial !== SESSIONS * 3) return;
        speak = stage.intercom.faults.add({
          match: ({ path }) => path.startsWith(silent),
          times: Infinity,
          effect: { kind: 'hang' },
        });
      },
      onNote(serials) {
        for (const serial of serials) others.delete(serial);
      },
      async onSent() {
        // Far less than the calls about the silent one take until they are given up.
        await eventually(() => others.size === 0, 120);
        speak?.();
      },
    });
    expect(outcome).toMatchObject({ lost: 0, doubled: 0, disordered: 0 });
    expect(strangersIn('silent')).toEqual([]);
  });
});
