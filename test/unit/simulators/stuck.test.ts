import { actOf } from '../../../core/moments/act';
import type { Act, RuleName } from '../../../core/moments/types';
import { parseFrame } from '../../../core/payload/parse';
import type { SessionBatch } from '../../../core/payload/types';
import { readEvent } from '../../../core/posthog/events';
import { createTranslator } from '../../../core/posthog/translator';
import { createCrowd, STUCK_WAYS, type StuckWay } from '../../../simulators/connector';
import { createPosthogSimulator } from '../../../simulators/posthog';
import { frameOf } from '../../../simulators/posthog/live/frame';
import { createPosthogCrowd } from '../../../simulators/posthogCrowd';
import { createRandom } from '../../../simulators/random';
import { play, rule, START } from '../../support/moments';
import { project } from '../../support/posthog';
import { manualClock } from './support';

const people = [
  { id: '70', name: 'Amara' },
  { id: '71', name: 'Jonas' },
];
/** The rules of an untouched node. */
const RULES = (['failures', 'rage_click', 'ping_pong', 'form_left', 'dwell'] as const).map((name) =>
  rule(name),
);
const EXPECTED: Record<StuckWay, RuleName> = {
  'ping-pong': 'ping_pong',
  'rage-clicks': 'rage_click',
  dwell: 'dwell',
  'form-left': 'form_left',
  failures: 'failures',
};

/** A crowd, and what Autoplay's connector or PostHog's live stream makes of it. */
function stage(source: 'autoplay' | 'posthog', options: { stuckShare?: number } = {}) {
  const clock = manualClock(START);
  const random = createRandom(3);
  const posthog = createPosthogSimulator({ projects: [project], keys: [], clock, random });
  const posthogCrowd = createPosthogCrowd({
    capture: (event) => posthog.capture(event),
    clock,
    random,
  });
  const translator = createTranslator({
    events: { custom: [], all: false },
    project: () => ({ id: '7', url: '' }),
    clock,
  });
  const batches: SessionBatch[] = [];
  posthog.onCaptured((event) => {
    // The live stream has no errors.
    if (event.event !== '$exception') {
      batches.push(...translator.read(readEvent(frameOf(event, project))!));
    }
  });
  const connector = {
    send: (productId: string, frame: unknown) => {
      const { batches: parsed } = parseFrame(frame, { productId, receivedAt: clock.now() / 1_000 });
      if (source === 'autoplay') batches.push(...parsed);
    },
  };
  const crowd = createCrowd({
    ...{ connector, productId: 'board', people, clock, random, ...options },
    ...(source === 'posthog' && { onDeed: posthogCrowd.send }),
  });
  const settled = () =>
    source === 'autoplay' ? batches : batches.flatMap((batch) => translator.settle(batch) ?? []);
  const actsOf = (personId: string): Act[] =>
    settled()
      .filter(({ session_id }) => session_id === crowd.visitor(personId).sessionId)
      .flatMap(({ actions }) => actions)
      .map((action, seq) => actOf(action.timestamp_start! * 1_000, seq + 1, action));
  return { clock, crowd, actsOf, batches };
}

describe.each(['autoplay', 'posthog'] as const)('visitors of %s', (source) => {
  it.each(STUCK_WAYS)('get stuck so that the rule for it fires: %s', (way) => {
    const { clock, crowd, actsOf } = stage(source);
    crowd.start();
    crowd.getStuck('70', way);
    clock.advance(120_000);
    crowd.stop();
    const [first, ...others] = play(RULES, actsOf('70')).noticed;
    expect(first).toMatchObject({ rule: EXPECTED[way] });
    // Who does nothing more dwells.
    expect(others.filter((one) => one.rule !== 'dwell')).toEqual([]);
    const last = actsOf('70').at(-1)!;
    expect(last.page).toBe(first!.page);
  });

  it('do not get stuck in the same session twice in the same way, because that is noticed once', () => {
    const { clock, crowd, actsOf } = stage(source);
    const stuck = (way: StuckWay) => {
      crowd.getStuck('70', way);
      clock.advance(60_000);
      return crowd.visitor('70').sessionId;
    };
    const [first, other, again] = [stuck('dwell'), stuck('rage-clicks'), stuck('dwell')];
    expect(other).toBe(first);
    expect(again).not.toBe(first);
    clock.advance(60_000);
    expect(play(RULES, actsOf('70')).noticed).toMatchObject([{ rule: 'dwell' }]);
  });
});

describe('a crowd', () => {
  it('stays where getting stuck led, until its user lets them act alone again', () => {
    const { clock, crowd, batches } = stage('autoplay');
    crowd.start();
    crowd.getStuck('70', 'rage-clicks');
    expect(crowd.isActive('70')).toBe(false);
    clock.advance(10_000);
    const count = () => batches.filter(({ user_id }) => user_id === '70').length;
    const before = count();
    clock.advance(20 * 60_000);
    expect([crowd.isHere('70'), count()]).toEqual([true, before]);
    crowd.setActive('70', true);
    clock.advance(5 * 60_000);
    crowd.stop();
    expect(count()).toBeGreaterThan(before);
  });

  it('gets stuck on its own in some spells, where that is wanted, and goes on', () => {
    const { clock, crowd, batches } = stage('autoplay', { stuckShare: 0.5 });
    crowd.start();
    clock.advance(3 * 3_600_000);
    crowd.stop();
    const sessions = Map.groupBy(batches, ({ session_id }) => session_id);
    const fired = [...sessions.values()].flatMap((some) => {
      const acts = some
        .flatMap(({ actions }) => actions)
        .map((action, seq) => actOf(action.timestamp_start! * 1_000, seq + 1, action));
      return play(RULES, acts, { until: 4 * 3_600 }).noticed.map((one) => one.rule);
    });
    expect(new Set(fired)).toEqual(new Set(Object.values(EXPECTED)));
    expect(crowd.isActive('70')).toBe(true);
  });
});
