import fc from 'fast-check';
import { RULE_NAMES } from '../../../core/moments/defaults';
import { actOf } from '../../../core/moments/act';
import type { Act, Rule } from '../../../core/moments/types';
import { action } from '../../support/batches';
import { play, rule, START, type Noticed } from '../../support/moments';

// Actions arrive up to two seconds late, in any order, and in batches. What fires must not depend on that.

const PAGES = ['/a', '/b', '/a/1', '/search', ''];
const TITLES = ['Save', 'Search', 'Create project', 'Invalid', 'Row'];
const act = fc.record({
  /** Since the one before, in milliseconds: quick clicks, redirects, stays and breaks. */
  pause: fc.oneof(
    fc.integer({ min: 1, max: 1_500 }),
    fc.integer({ min: 1, max: 20_000 }),
    fc.integer({ min: 50_000, max: 130_000 }),
    fc.constant(31 * 60_000),
  ),
  page: fc.constantFrom(...PAGES),
  type: fc.constantFrom('pageview', 'click', 'click', 'type', 'submit'),
  title: fc.constantFrom(...TITLES),
  signal: fc.constantFrom(undefined, undefined, undefined, 'dead_click', 'error', 'rage_click'),
  delay: fc.integer({ min: 0, max: 2_000 }),
});
const acts = fc.array(act, { minLength: 1, maxLength: 40 });

const rules: Rule[] = RULE_NAMES.map((name) =>
  name === 'first_in_section'
    ? rule(name, { sections: ['/a'] })
    : rule(name, {}, { once: name.length % 2 === 0 ? 'page' : 'session' }),
);
const DAY = 24 * 3_600_000;
const history = {
  ...{ first_seen_at: START - 20 * DAY, session_id: 's0', last_seen_at: START - 9 * DAY },
  ...{ seen_before_at: null, sessions: 1, sections: {}, visits: {} },
  watched: { '/a': START - 20 * DAY },
};

interface Given {
  pause: number;
  page: string;
  type: string;
  title: string;
  signal?: string | undefined;
}

function actionsOf(given: readonly Given[]): Act[] {
  let at = START;
  return given.map(({ pause, page, type, title, signal }, i) => {
    at += pause;
    const fields = { type, title, description: '', canonical_url: page, action_id: `a${i}` };
    return actOf(at, i + 1, action(signal ? { ...fields, signal } : fields));
  });
}

/** What fired, without when it was noticed and in which order. */
const what = (noticed: readonly Noticed[]) =>
  noticed
    .map(({ moment: { rule: name, at, page, window, evidence } }) =>
      JSON.stringify([name, at, page, window, evidence]),
    )
    .toSorted();

const given = { history, learningSince: START - 8 * DAY, until: 86_400 };

test('the order and the delay of arrival do not matter within two seconds', () => {
  fc.assert(
    fc.property(acts, (some) => {
      const actions = actionsOf(some);
      const inTime = play(rules, actions, given);
      const late = play(rules, actions, { ...given, delays: some.map(({ delay }) => delay) });
      expect(what(late.noticed)).toEqual(what(inTime.noticed));
    }),
    { numRuns: 500 },
  );
});

test('what fires is noticed two seconds after its time, and never again', () => {
  fc.assert(
    fc.property(acts, (some) => {
      const { noticed, looks } = play(rules, actionsOf(some), given);
      for (const { at, moment } of noticed) expect(START + at * 1_000).toBe(moment.at + 2_000);
      const keys = noticed.map(({ moment }) => `${moment.rule} ${JSON.stringify(moment.window)}`);
      expect(new Set(keys).size).toBe(keys.length);
      // Nothing makes it look for ever.
      expect(looks).toBeLessThan(20 * some.length + 50);
    }),
    { numRuns: 300 },
  );
});

test('while nobody looks for a time, nothing fires twice or long after its time', () => {
  const away = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 300 }));
  fc.assert(
    fc.property(acts, away, (some, [from, length]) => {
      const actions = actionsOf(some);
      const all = new Set(what(play(rules, actions, given).noticed));
      const { noticed } = play(rules, actions, { ...given, down: [from, from + length] });
      for (const { at, moment } of noticed) {
        const lateMs = START + at * 1_000 - moment.at - 2_000;
        expect(lateMs).toBeLessThanOrEqual(60_000);
        // It is one of those that an undisturbed detector finds, or a later one of a window that passed unseen.
        const isKnown = all.has(what([{ at, rule: moment.rule, page: moment.page, moment }])[0]!);
        expect(isKnown || START + from * 1_000 <= moment.at + 62_000).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
