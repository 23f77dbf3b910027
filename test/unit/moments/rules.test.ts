import { lines, play, rule, START, trace } from '../../support/moments';
import type { History } from '../../../core/moments/types';

const fired = (rules: Parameters<typeof play>[0], given: string[], more = {}) =>
  lines(play(rules, trace(...given), more));

describe('ping-pong', () => {
  const rules = [rule('ping_pong')];

  it('counts stays, not actions: A, A, B, B, A, B, B, A', () => {
    const given = ['0 /a', '5 /a click Plans', '10 /b', '12 /b click X', '20 /a', '30 /b', '40 /a'];
    expect(fired(rules, given)).toEqual(['43 ping_pong /a']);
    const once = [rule('ping_pong', { cycles: 1 })];
    expect(fired(once, ['0 /a', '5 /a click P', '10 /b', '12 /b click X', '20 /a'])).toEqual([
      '23 ping_pong /a',
    ]);
  });

  it('ignores one way there and back, a third page, a long stay, and too much time', () => {
    expect(fired(rules, ['0 /a', '10 /b', '20 /a'])).toEqual([]);
    expect(fired(rules, ['0 /a', '10 /b', '20 /c', '30 /b', '40 /a', '50 /c'])).toEqual([]);
    expect(fired(rules, ['0 /a', '10 /b', '75 /a', '80 /b', '90 /a'])).toEqual([]);
    expect(fired(rules, ['0 /a', '31 /b', '62 /a', '93 /b', '124 /a'])).toEqual([]);
  });

  it('ignores a list and its entries, and a page that only redirects', () => {
    const list = ['0 /orders', '5 /orders/17', '10 /orders', '15 /orders/18', '20 /orders'];
    expect(fired(rules, list)).toEqual([]);
    const redirected = ['0 /a', '10 /b', '20 /a', '30 /login', '30.5 /b', '40 /a'];
    expect(fired(rules, redirected)).toEqual(['43 ping_pong /a']);
    // Through the other page, too: that is one stay.
    expect(
      fired(rules, ['0 /a', '10 /b', '10.5 /a', '20 /b', '20.4 /a', '30 /b', '30.9 /a']),
    ).toEqual([]);
  });

  it('holds on the pages of its scope alone, where it fires', () => {
    const scope = { pages: ['/pricing*'], products: [], audience: 'everyone' as const };
    const scoped = [rule('ping_pong', {}, { scope })];
    expect(fired(scoped, ['0 /a', '10 /b', '20 /a', '30 /b', '40 /a'])).toEqual([]);
    const ends = ['0 /pricing', '10 /b', '20 /pricing', '30 /b', '40 /pricing'];
    expect(fired(scoped, ends)).toEqual(['43 ping_pong /pricing']);
  });
});

describe('dwell', () => {
  const rules = [rule('dwell')];

  it('fires once, at 60 s, after two quick actions and then ten idle minutes', () => {
    expect(fired(rules, ['0 /pricing', '1 /pricing click Plans'])).toEqual(['60 dwell /pricing']);
  });

  it('fires at 60 s after a restart at 59 s, and not when the restart comes too late', () => {
    const given = ['0 /pricing', '1 /pricing click Plans'];
    expect(fired(rules, given, { down: [30, 59] })).toEqual(['60 dwell /pricing']);
    expect(fired(rules, given, { down: [30, 75] })).toEqual(['75 dwell /pricing']);
    expect(fired(rules, given, { down: [30, 95] })).toEqual([]);
  });

  it('does not fire for who goes on, who does much, and who came before what is known', () => {
    expect(fired(rules, ['0 /a', '50 /b', '100 /c', '150 /d'], { until: 205 })).toEqual([]);
    const busy = [1, 2, 3, 4, 5].map((second) => `${second} /a click Row${second}`);
    expect(fired(rules, ['0 /a', ...busy])).toEqual([]);
    expect(fired(rules, ['0 /a'], { session: { isComplete: false } })).toEqual([]);
  });

  it('takes a redirect within the stay for nothing', () => {
    expect(fired(rules, ['0 /a', '30 /sso', '30.4 /a'])).toEqual(['60 dwell /a']);
    // The stay is certain again only when the visitor is back.
    expect(fired(rules, ['0 /a', '57.9 /sso', '58.4 /a'])).toEqual(['60.4 dwell /a']);
  });

  it('fires on each page where it may', () => {
    const given = ['0 /a', '100 /b', '200 /a'];
    expect(fired(rules, given)).toEqual(['60 dwell /a']);
    expect(fired([rule('dwell', {}, { once: 'page' })], given)).toEqual([
      '60 dwell /a',
      '160 dwell /b',
    ]);
  });
});

describe('idle', () => {
  const rules = [rule('idle')];
  it('fires after two actions and then 90 s without any, not after one', () => {
    expect(fired(rules, ['0 /a', '10 /a click X'])).toEqual(['100 idle /a']);
    expect(fired(rules, ['0 /a'])).toEqual([]);
    expect(fired(rules, ['0 /a', '10 /a click X', '80 /a click Y'], { until: 165 })).toEqual([]);
  });
  it('fires for no one who has been away for more than five minutes', () => {
    expect(fired([rule('idle', { afterMs: 400_000 })], ['0 /a', '10 /a click X'])).toEqual([]);
  });
});

describe('clicks', () => {
  it('calls three quick ones rage, unless something lies between or they are slow', () => {
    const rules = [rule('rage_click')];
    const quick = ['0 /a', '10 /a click Save', '10.4 /a click Save', '10.9 /a click Save'];
    expect(fired(rules, quick)).toEqual(['12.9 rage_click /a']);
    expect(
      fired(rules, ['0 /a', '10 /a click Save', '12 /a click Save', '14 /a click Save']),
    ).toEqual([]);
    const between = ['10 /a click Save', '10.3 /a submit Form', '10.6 /a click Save'];
    expect(fired(rules, [...between, '10.9 /a click Save'])).toEqual([]);
    const other = ['10 /a click Save', '10.3 /a click Pay', '10.6 /a click Save'];
    expect(fired(rules, [...other, '10.9 /a click Save'])).toEqual([]);
  });

  it('leaves out what people click quickly on purpose', () => {
    const next = ['10 /a click Next image', '10.3 /a click Next image', '10.6 /a click Next image'];
    expect(fired([rule('rage_click')], next)).toEqual([]);
  });

  it("believes PostHog's own signals", () => {
    expect(fired([rule('rage_click')], ['10 /a !rage_click Next image'])).toEqual([
      '12 rage_click /a',
    ]);
    const dead = ['0 /a !dead_click Export', '20 /a click Other', '40 /a !dead_click Export'];
    expect(fired([rule('dead_click')], dead)).toEqual(['42 dead_click /a']);
    expect(fired([rule('dead_click')], ['0 /a !dead_click X', '20 /b !dead_click X'])).toEqual([]);
  });

  it('counts clicks on one thing while the page stays', () => {
    const rules = [rule('repeated_click')];
    const given = ['0 /a click Save', '4 /a click Save', '8 /a click Row', '9 /a click Save'];
    expect(fired(rules, [...given, '13 /a click Save'])).toEqual(['15 repeated_click /a']);
    expect(fired(rules, [...given, '16 /a click Save'])).toEqual([]);
    expect(fired(rules, [...given, '10 /b', '13 /a click Save'])).toEqual([]);
  });
});

describe('failures', () => {
  const rules = [rule('failures')];
  it('counts errors that differ, clicks without effect, repeated submits and words', () => {
    const given = ['0 /a !error E1', '10 /a !dead_click Save', '20 /a submit Form'];
    expect(fired(rules, [...given, '30 /a submit Form'])).toEqual(['32 failures /a']);
    expect(fired(rules, ['0 /a !error E1', '1 /a !error E1', '2 /a !error E1'])).toEqual([]);
    const words = ['0 /a click Invalid card', '10 /a click Payment failed', '20 /b click Retry'];
    expect(fired(rules, [...words, '30 /b click Went wrong'])).toEqual(['32 failures /b']);
  });
  it('needs them within the time', () => {
    expect(fired(rules, ['0 /a !error E1', '70 /a !error E2', '140 /a !error E3'])).toEqual([]);
  });
});

describe('form left', () => {
  const rules = [rule('form_left')];
  const filled = ['0 /signup', '5 /signup type Name', '9 /signup type Company'];
  it('fires when the visitor goes to another page, where they are then, in the scope of the form', () => {
    expect(fired(rules, [...filled, '20 /pricing'])).toEqual(['23 form_left /pricing']);
    const scoped = (page: string) =>
      rule('form_left', {}, { scope: { pages: [page], products: [], audience: 'everyone' } });
    expect(fired([scoped('/signup')], [...filled, '20 /pricing'])).toHaveLength(1);
    expect(fired([scoped('/pricing')], [...filled, '20 /pricing'])).toEqual([]);
  });
  it('fires when nothing happens for long', () => {
    expect(fired(rules, filled)).toEqual(['69 form_left /signup']);
  });
  it('does not fire after a submit, its button, the next step, or for one field', () => {
    expect(fired(rules, [...filled, '12 /signup submit Form', '20 /home'])).toEqual([]);
    expect(fired(rules, [...filled, '12 /signup click Sign up', '20 /home'])).toEqual([]);
    const address = [...filled, '12 /signup click Street address', '20 /home'];
    expect(fired(rules, address)).toEqual(['23 form_left /home']);
    expect(fired(rules, [...filled, '20 /signup/step-2'])).toEqual([]);
    const next = [rule('form_left', { nextPages: ['/welcome'] })];
    expect(fired(next, [...filled, '20 /welcome'])).toEqual([]);
    expect(fired(rules, ['0 /signup', '5 /signup type Name', '20 /pricing'])).toEqual([]);
  });
});

const DAY = 24 * 3_600_000;
const known = (fields: Partial<History> = {}): History => ({
  ...{ first_seen_at: START - 30 * DAY, session_id: 's0', last_seen_at: START - 4 * DAY },
  ...{ seen_before_at: null, sessions: 2, sections: {}, visits: {} },
  watched: { '/reports': START - 30 * DAY, '/reports/funnels': START - 30 * DAY },
  ...fields,
});

describe('persons', () => {
  const first = [rule('first_in_section', { sections: ['/reports', '/reports/funnels'] })];
  const since = { learningSince: START - 8 * DAY };

  it('notices the first stay in a section, by the longest prefix', () => {
    const given = ['0 /home', '10 /reports/funnels/new'];
    const seen = fired(first, given, { history: known(), ...since });
    expect(seen).toEqual(['17 first_in_section /reports/funnels/new']);
    const sections = { '/reports/funnels': [START - DAY, 's0'] as const };
    expect(fired(first, given, { history: known({ sections }), ...since })).toEqual([]);
    // Looked at again before it is certain, as each action makes the detector do.
    const acting = [...given, '15.5 /reports/funnels/new click X'];
    expect(fired(first, acting, { history: known(), ...since })).toEqual(seen);
  });

  it('knows nothing of strangers, of a new memory, and of who only passes through', () => {
    const given = ['0 /home', '10 /reports'];
    expect(fired(first, given, { history: null, ...since })).toEqual([]);
    const young = { history: known(), learningSince: START - 3 * DAY };
    expect(fired(first, given, young)).toEqual([]);
    const passing = [...given, '13 /home'];
    expect(fired(first, passing, { history: known(), ...since })).toEqual([]);
  });

  it('learns a section for as long that is looked for later than the person is known', () => {
    const given = ['0 /home', '10 /reports'];
    const seen = (at: number) =>
      fired(first, given, { history: known({ watched: { '/reports': at } }), ...since });
    expect(seen(START - 8 * DAY)).toEqual(['17 first_in_section /reports']);
    expect(seen(START - 3 * DAY)).toEqual([]);
    // Of a person whom the memory has met since, it knows everything.
    const met = known({ first_seen_at: START - DAY, watched: { '/reports': START - DAY } });
    expect(fired(first, given, { history: met, ...since })).toHaveLength(1);
    expect(fired(first, given, { history: known({ watched: {} }), ...since })).toEqual([]);
  });

  it('learns sections and visits, and keeps them', () => {
    const played = play(first, trace('0 /home', '10 /reports', '30 /home'), { ...since });
    expect(played.history).toMatchObject({
      sessions: 1,
      session_id: 's1',
      seen_before_at: null,
      sections: { '/reports': [START + 10_000, 's1'] },
      watched: { '/reports': START },
    });
  });

  it('greets who returns after days on their second page, not on landing', () => {
    const rules = [rule('return')];
    expect(fired(rules, ['0 /home', '20 /reports'], { history: known() })).toEqual([
      '23 return /reports',
    ]);
    expect(fired(rules, ['0 /home'], { history: known() })).toEqual([]);
    // Also after some time on the landing page, once.
    const long = ['0 /home', '20 /home click A', '90 /reports', '95 /plans', '200 /plans click B'];
    expect(fired(rules, [...long, '300 /home'], { history: known() })).toEqual([
      '93 return /reports',
    ]);
    const lately = { history: known({ last_seen_at: START - DAY }) };
    expect(fired(rules, ['0 /home', '20 /reports'], lately)).toEqual([]);
    expect(fired(rules, ['0 /home', '20 /reports'], { history: null })).toEqual([]);
  });

  it('counts visits that another session or half an hour divides', () => {
    const rules = [rule('nth_visit')];
    const visits = { '/pricing': [[START - 3 * DAY, 's0'] as const, [START - DAY, 's0'] as const] };
    expect(fired(rules, ['0 /pricing'], { history: known({ visits }) })).toEqual([
      '3 nth_visit /pricing',
    ]);
    const old = { '/pricing': [[START - 9 * DAY, 's0'] as const, [START - DAY, 's0'] as const] };
    expect(fired(rules, ['0 /pricing'], { history: known({ visits: old }) })).toEqual([]);
    const again = ['0 /pricing', '10 /home', '20 /pricing', '30 /home', '40 /pricing'];
    expect(fired(rules, again)).toEqual([]);
  });

  it('counts visits of one session that half an hour divides, and a long stay once', () => {
    const rules = [rule('nth_visit')];
    /** Something is done every ten minutes, so that the visitor is there all the time. */
    const stay = (page: string, from: number, to: number) =>
      Array.from({ length: (to - from) / 600 }, (_, i) => `${from + 600 * i} ${page} click A`);
    const visits = [
      ...['0 /pricing', ...stay('/home', 60, 3_600), '3600 /pricing'],
      ...[...stay('/home', 3_660, 7_200), '7200 /pricing'],
    ];
    const until = { until: 8_000 };
    expect(fired(rules, visits, until)).toEqual(['7203 nth_visit /pricing']);
    const long = play(rules, trace('0 /pricing', ...stay('/pricing', 600, 7_200)), until);
    expect([lines(long), long.history?.visits['/pricing']?.length]).toEqual([[], 1]);
  });
});

describe('searches', () => {
  const rules = [rule('search_without_result')];
  it('counts searches with no click between, and believes the page', () => {
    const given = ['0 /docs submit Search', '10 /docs submit Search', '20 /docs submit Search'];
    expect(fired(rules, given)).toEqual(['22 search_without_result /docs']);
    expect(fired(rules, [given[0]!, '5 /docs click Result', given[1]!, given[2]!])).toEqual([]);
    expect(fired(rules, ['0 /docs pageview No results for x'])).toEqual([
      '3 search_without_result /docs',
    ]);
  });
});

describe('stuck step', () => {
  const rules = [rule('stuck_step', { goals: ['create project'] })];
  it('fires where nothing that ends the step happens', () => {
    const given = ['0 /new', '10 /new click Template', '30 /new click Back'];
    expect(fired(rules, given)).toEqual(['60 stuck_step /new']);
    expect(fired(rules, [...given, '40 /new click Create project'])).toEqual([]);
    expect(fired(rules, ['0 /new'])).toEqual([]);
  });
});

describe('scope', () => {
  const dwells = (scope: object, session: object) =>
    fired(
      [rule('dwell', {}, { scope: { pages: [], products: [], audience: 'everyone', ...scope } })],
      ['0 /a'],
      { session },
    ).length;

  it('asks for product and audience', () => {
    expect(dwells({ products: ['shop'] }, {})).toBe(1);
    expect(dwells({ products: ['other'] }, {})).toBe(0);
    expect(dwells({ audience: 'signed_in' }, {})).toBe(0);
    expect(dwells({ audience: 'signed_in' }, { isSignedIn: true })).toBe(1);
    expect(dwells({ audience: 'anonymous' }, { isSignedIn: true })).toBe(0);
  });

  it('changes the version of a rule with its thresholds, not with its name', () => {
    const version = (one: ReturnType<typeof rule>) =>
      play([one], trace('0 /a')).noticed[0]!.moment.rule_version;
    expect(version(rule('dwell', {}, { name: 'Other' }))).toBe(version(rule('dwell')));
    expect(version(rule('dwell', { maxActions: 4 }))).not.toBe(version(rule('dwell')));
  });
});
