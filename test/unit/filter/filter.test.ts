import { createFilter, type FilterRules, type LeftOut } from '../../../core/filter/filter';
import type { Action, SessionBatch } from '../../../core/payload/types';
import { action, batch } from '../../support/batches';

const NOTHING: FilterRules = { types: [], pages: [], emails: [], users: [], onlyIdentified: false };

function filter(rules: Partial<FilterRules>) {
  const firsts: Array<keyof LeftOut> = [];
  const made = createFilter({ ...NOTHING, ...rules }, (reason) => firsts.push(reason));
  return { ...made!, firsts };
}

/** A batch of one session whose actions are of these types, with ids by their places. */
function of(types: string, fields: Partial<SessionBatch> = {}, of: Partial<Action> = {}) {
  const actions = types
    .split(' ')
    .filter(Boolean)
    .map((type, index) => action({ index, type, action_id: `a${index}`, ...of }));
  return batch('s', [], { actions, count: actions.length, ...fields });
}

const ids = (result: SessionBatch | undefined) => result?.actions.map(({ action_id }) => action_id);
const names = ({ user_id, email, conversation_id }: SessionBatch) => ({
  user_id,
  email,
  conversation_id,
});
const UNKNOWN = '0192f1c4-aaaa-7bbb-8ccc-123456789abc';

it('a filter without rules is none, so that nothing is called for each batch', () => {
  expect(createFilter(NOTHING)).toBeUndefined();
});

describe('by type', () => {
  it('leaves out actions whatever the case of their type, and numbers the others anew', () => {
    const { apply } = filter({ types: ['focus', 'Blur'] });
    const result = apply(of('focus click BLUR  submit '));
    expect(result).toMatchObject({
      count: 2,
      actions: [
        { type: 'click', index: 0, action_id: 'a1' },
        { type: 'submit', index: 1, action_id: 'a3' },
      ],
    });
  });

  it('passes on the very batch where nothing is left out, and never changes one that comes in', () => {
    const { apply } = filter({ types: ['focus'] });
    const whole = of('click submit');
    expect(apply(whole)).toBe(whole);
    const mixed = of('focus click');
    const before = structuredClone(mixed);
    apply(mixed);
    expect(mixed).toEqual(before);
  });

  it('leaves nothing of a batch that holds only such actions', () => {
    const { apply } = filter({ types: ['focus'] });
    const person = { user_id: 'u', email: 'u@x.example' };
    expect(apply(of('focus focus', person))).toBeUndefined();
    expect(ids(apply(of('click', person)))).toEqual(['a0']);
    expect(apply(of('focus', person))).toBeUndefined();
  });
});

describe('who acts is seen in what is left out', () => {
  it('a sign-in with such an action is passed on alone, once, for a session that is known', () => {
    const { apply } = filter({ types: ['focus'] });
    apply(of('click', { user_id: UNKNOWN }));
    const news = apply(of('focus', { user_id: 'u', email: 'U@x.example' }));
    expect(news).toMatchObject({ user_id: 'u', email: 'U@x.example', actions: [], count: 0 });
    // Without it, Remember would find nothing in the item.
    expect(news?.summaries).toEqual([]);
    expect(apply(of('focus', { user_id: 'u', email: 'u@x.example' }))).toBeUndefined();
  });

  it('a session that begins with such actions is passed on with its names at its first other action', () => {
    const { apply } = filter({ types: ['focus'] });
    expect(
      apply(of('focus', { user_id: 'u', email: 'u@x.example', conversation_id: '7' })),
    ).toBeUndefined();
    const result = apply(of('click'));
    expect(names(result!)).toEqual({ user_id: 'u', email: 'u@x.example', conversation_id: '7' });
  });

  it('a session of which nothing was passed on starts nothing with a sign-in alone', () => {
    const { apply } = filter({ types: ['focus'] });
    expect(apply(of('focus'))).toBeUndefined();
    expect(apply(of('focus', { user_id: 'u' }))).toBeUndefined();
    expect(apply(of('click'))?.user_id).toBe('u');
  });

  it('what could not be stored is said again with the next action', () => {
    const { apply, notStored } = filter({ types: ['focus'] });
    const first = of('focus click', { user_id: 'u' });
    notStored(apply(first)!);
    expect(apply(of('click'))?.user_id).toBe('u');
    expect(apply(of('click'))?.user_id).toBeNull();
  });

  it('a name that only a left-out action has goes to the next action', () => {
    const { apply } = filter({ types: ['focus'] });
    const mixed = of('click focus click', { user_id: UNKNOWN });
    mixed.actions[1]!.user_id = 'u';
    const result = apply(mixed);
    expect(result!.user_id).toBe(UNKNOWN);
    expect(result!.actions.map(({ user_id }) => user_id)).toEqual([undefined, 'u']);
  });
});

describe('by page', () => {
  it('compares both addresses of an action', () => {
    const { apply } = filter({ pages: ['/admin/*'] });
    expect(apply(of('click', {}, { raw_url: 'https://x.example/admin/1?a=b' }))).toBeUndefined();
    expect(apply(of('click', {}, { canonical_url: '/admin/:id' }))).toBeUndefined();
    expect(ids(apply(of('click', {}, { canonical_url: '/administration' })))).toEqual(['a0']);
    expect(ids(apply(of('click')))).toEqual(['a0']);
  });
});

describe('by person', () => {
  it.each<[string, Partial<FilterRules>, Partial<SessionBatch>]>([
    ['a domain', { emails: ['x.example'] }, { email: 'Ann@X.example' }],
    ['a domain with its @', { emails: ['@x.example'] }, { email: 'ann@x.example' }],
    ['a subdomain of it', { emails: ['x.example'] }, { email: 'ann@eu.x.example' }],
    ['an address', { emails: ['ann@x.example'] }, { email: 'Ann@x.example ' }],
    ['an address that is the user id', { emails: ['x.example'] }, { user_id: 'ann@x.example' }],
    ['a user id', { users: ['42'] }, { user_id: '42' }],
    ['not having signed in', { onlyIdentified: true }, { user_id: UNKNOWN }],
    ['having no name', { onlyIdentified: true }, {}],
  ])('leaves out a person by %s, with the summaries about them', (_, rules, person) => {
    const { apply, totals } = filter(rules);
    const summaries = [{ summary: 'S', replaces: 1, forwarded_at: 0, position: 0 }];
    expect(apply(of('click', person))).toBeUndefined();
    expect(apply(of('', { ...person, summaries }))).toBeUndefined();
    expect(totals()).toEqual({ type: 0, page: 0, person: 1, summary: 1 });
  });

  it.each<[string, Partial<FilterRules>, Partial<SessionBatch>]>([
    ['of another domain', { emails: ['x.example'] }, { email: 'ann@maxx.example' }],
    ['without an address', { emails: ['x.example'] }, { user_id: '42' }],
    ['with another id', { users: ['42'] }, { user_id: '420' }],
    ['with an id of the site', { onlyIdentified: true }, { user_id: '42' }],
    [
      'whose id is a UUID of the site',
      { onlyIdentified: true },
      { user_id: '7b0f1c1e-3c1b-4f7a-9a66-0d6a3f1d9c11' },
    ],
    ['with an address alone', { onlyIdentified: true }, { email: 'ann@x.example' }],
  ])('keeps a person %s', (_, rules, person) => {
    expect(ids(filter(rules).apply(of('click', person)))).toEqual(['a0']);
  });

  it('knows a person by an earlier batch of the session', () => {
    const { apply } = filter({ emails: ['x.example'] });
    expect(apply(of('click', { email: 'ann@x.example' }))).toBeUndefined();
    expect(apply(of('click'))).toBeUndefined();
    // The same id in another product is another session.
    expect(ids(apply(of('click', { product_id: 'other' })))).toEqual(['a0']);
  });

  it('keeps what follows a sign-in, with the name, and nothing of what came before', () => {
    const { apply } = filter({ onlyIdentified: true });
    expect(apply(of('click', { user_id: UNKNOWN }))).toBeUndefined();
    const mixed = of('click click click', { user_id: UNKNOWN });
    mixed.actions[1]!.user_id = 'u';
    const result = apply(mixed);
    expect(ids(result)).toEqual(['a1', 'a2']);
    expect(result!.user_id).toBe('u');
    expect(ids(apply(of('click')))).toEqual(['a0']);
  });

  it('leaves out a colleague from the sign-in on, without telling who it is', () => {
    const { apply } = filter({ emails: ['x.example'] });
    expect(ids(apply(of('click', { user_id: UNKNOWN })))).toEqual(['a0']);
    const mixed = of('click click', { user_id: UNKNOWN });
    mixed.actions[1]!.user_id = 'ann@x.example';
    const result = apply(mixed);
    expect(ids(result)).toEqual(['a0']);
    expect(JSON.stringify(result)).not.toContain('ann');
    expect(apply(of('click'))).toBeUndefined();
  });
});

describe('a summary of the connector', () => {
  const summary = (replaces: number, position = 0) => ({
    summary: `S${replaces}`,
    ...{ replaces, position, forwarded_at: 0 },
  });

  it('counts only the actions that are left, so that none counts as summarized that is not', () => {
    const { apply } = filter({ types: ['focus'] });
    apply(of('click focus click'));
    apply(of('focus'));
    expect(apply(of('', { summaries: [summary(4)] }))?.summaries).toEqual([
      { ...summary(4), replaces: 2 },
    ]);
    apply(of('click click'));
    expect(apply(of('', { summaries: [summary(2)] }))?.summaries).toEqual([summary(2)]);
  });

  it('never condenses none, which would mean all: the rest is subtracted next time', () => {
    const { apply } = filter({ types: ['focus'] });
    apply(of('focus focus focus click'));
    const replaces = (given: number) =>
      apply(of('', { summaries: [summary(given)] }))?.summaries?.[0]?.replaces;
    expect([replaces(2), replaces(4), replaces(4)]).toEqual([1, 2, 4]);
    expect(replaces(0)).toBe(0);
  });

  it('keeps its place among the actions that are left', () => {
    const { apply } = filter({ types: ['focus'] });
    const result = apply(of('focus click focus click', { summaries: [summary(2, 2)] }));
    expect(result?.summaries).toEqual([{ ...summary(2), position: 1, replaces: 1 }]);
  });
});

it('counts what it leaves out, and says the first of each reason', () => {
  const { apply, take, totals, firsts } = filter({
    types: ['focus'],
    pages: ['/a'],
    users: ['42'],
  });
  apply(of('focus click focus'));
  expect([take(), take()]).toEqual([2, 0]);
  apply(of('click', {}, { canonical_url: '/a' }));
  apply(of('focus', { user_id: '42' }));
  expect(take()).toBe(2);
  expect(totals()).toEqual({ type: 2, page: 1, person: 1, summary: 0 });
  expect(firsts).toEqual(['type', 'page', 'person']);
});

it('forgets sessions that have been quiet for long, and so stays small', () => {
  const { apply } = filter({ onlyIdentified: true });
  apply(of('click', { user_id: 'u' }));
  const others = (count: number) => {
    for (let i = 0; i < count; i += 1) apply(of('click', { session_id: `o${i}`, user_id: 'o' }));
  };
  others(10_000);
  expect(ids(apply(of('click')))).toEqual(['a0']);
  others(50_000);
  expect(apply(of('click'))).toBeUndefined();
});

describe('a batch without actions', () => {
  const signsIn = (user_id: string) => of('', { user_id, summaries: [] });

  it('says who somebody is also after a restart, and again after it could not be stored', () => {
    const { apply, notStored } = filter({ types: ['focus'] });
    expect(apply(signsIn('u_1'))).toMatchObject({ user_id: 'u_1', count: 0 });
    expect(apply(signsIn('u_1'))).toBeUndefined();
    notStored(signsIn('u_1'));
    expect(apply(signsIn('u_1'))).toMatchObject({ user_id: 'u_1' });
  });

  it('of a person who is left out says nothing', () => {
    const { apply } = filter({ users: ['u_1'] });
    expect(apply(signsIn('u_1'))).toBeUndefined();
  });
});

it('takes a source’s word that somebody has signed in, whatever their id looks like', () => {
  const { apply } = filter({ onlyIdentified: true });
  expect(apply(of('click', { user_id: UNKNOWN }))).toBeUndefined();
  expect(apply(of('click', { user_id: UNKNOWN, signed_in: true }))).toMatchObject({ count: 1 });
});

it('leaves out clicks without what went wrong with clicks, which has names of its own', () => {
  const rage = { signal: 'rage_click' };
  expect(filter({ types: ['click'] }).apply(of('click', {}, rage))).toMatchObject({ count: 1 });
  expect(filter({ types: ['rage_click'] }).apply(of('click', {}, rage))).toBeUndefined();
  expect(filter({ types: ['error'] }).apply(of('error', {}, { signal: 'error' }))).toBeUndefined();
});
