import { liveActivityUrl } from '../../../core/backfill/liveActivity';
import { action, batch } from '../../support/batches';
import { act, createBackfillWorld, START, titles } from './setUp';

type World = ReturnType<typeof createBackfillWorld>;

/** A visitor acts, and then the connection is lost. */
function lost(world: World, session = 's1', user: string | null = 'u1') {
  world.open();
  world.bring(session, user, act('A', 0));
  if (user) world.miss(user, act('A', 0));
  world.lose();
}

async function reconnect({ open, clock }: World) {
  open();
  await clock.advance(60_000);
}

const status = (code: number, headers = {}) => new Response('{}', { status: code, headers });

describe('after a reconnection', () => {
  it("adds what the stream did not bring to the visitor's latest session, in the order of time", async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('C', 2), act('B', 1));
    await reconnect(world);
    expect(world.filled).toMatchObject([
      {
        ...{ product_id: 'shop', session_id: 's1', user_id: 'u1', count: 2 },
        forwarded_at: START + 2,
        actions: [
          { index: 0, title: 'B' },
          { index: 1, title: 'C' },
        ],
      },
    ]);
  });

  it('fetches nothing at the first connection, or for visitors without a user id', async () => {
    const world = createBackfillWorld();
    world.open();
    await world.clock.advance(60_000);
    lost(world, 's1', null);
    await reconnect(world);
    expect(world.asked).toEqual([]);
  });

  it('brings each action once, also when the same gap is fetched twice', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', 1), act('B', 1));
    await reconnect(world);
    world.lose();
    await reconnect(world);
    expect(world.asked).toHaveLength(2);
    const ids = world.filled.flatMap(({ actions }) => actions.map((one) => one.action_id));
    expect(new Set(ids).size).toBe(2);
    expect(titles(world.filled)).toEqual(['B', 'B']);
  });

  it('gives an action the same id whenever it is fetched', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      const world = createBackfillWorld();
      lost(world);
      world.miss('u1', act('B', 1));
      await reconnect(world);
      ids.push(world.filled[0]!.actions[0]!.action_id);
    }
    expect(ids[0]).toBe(ids[1]);
  });

  it('takes out of the stream what a backfill brought before, and keeps who acts', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', 1));
    await reconnect(world);
    const rest = world.bring('s1', null, act('B', 1), act('C', 2));
    expect(rest).toMatchObject({ user_id: 'u1', count: 1, actions: [{ index: 0, title: 'C' }] });
    expect(world.bring('s2', 'u1', act('D', 3), act('D', 3)).count).toBe(2);
  });

  it('takes it out again if the stream repeats the batch', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', 1));
    await reconnect(world);
    const late = batch('s1', [], { user_id: 'u1', actions: [action(act('B', 1))], count: 1 });
    expect([late, late].map((one) => world.backfill.follow(one).count)).toEqual([0, 0]);
  });

  it('leaves a summary behind the actions that it came after', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', 1));
    await reconnect(world);
    const summaries = [{ summary: 'S', replaces: 2, forwarded_at: START, position: 2 }];
    const actions = [act('B', 1), act('C', 2), act('D', 3)].map((one, i) =>
      action({ ...one, action_id: `${i}` }),
    );
    const rest = world.backfill.follow(batch('s1', [], { actions, count: 3, summaries }));
    expect(rest).toMatchObject({ count: 2, summaries: [{ position: 1 }] });
  });

  it('passes on a batch of which nothing is left, because it may say who the visitor is', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', 1));
    await reconnect(world);
    const rest = world.bring('s1', 'u1', act('B', 1));
    expect(rest).toMatchObject({ user_id: 'u1', count: 0, actions: [], summaries: [] });
  });

  it('adds nothing from before the visitor was first seen: an earlier run may have stored it', async () => {
    const world = createBackfillWorld();
    world.miss('u1', act('Before', -10));
    lost(world);
    world.miss('u1', act('B', 1));
    await reconnect(world);
    expect(titles(world.filled)).toEqual(['B']);
  });

  it('adds no action without a time, because nothing tells it apart', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', null));
    await reconnect(world);
    expect(world.filled).toEqual([]);
  });

  it('adds nothing to a session that another person has taken over', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', 1));
    world.bring('s1', 'u2', act('X', 5));
    await reconnect(world);
    expect(titles(world.filled.filter(({ user_id }) => user_id === 'u1'))).toEqual([]);
  });

  it('knows what an unknown visitor did once they have signed in', async () => {
    const anonymous = '0192f1c4-aaaa-7bbb-8ccc-123456789abc';
    const world = createBackfillWorld();
    world.open();
    world.bring('s1', anonymous, act('A', 0));
    world.bring('s1', 'u1', act('B', 1));
    world.miss('u1', act('A', 0), act('B', 1), act('C', 2));
    world.lose();
    await reconnect(world);
    expect(titles(world.filled.filter(({ user_id }) => user_id === 'u1'))).toEqual(['C']);
  });

  it('leaves out visitors who did nothing in the half hour before', async () => {
    const world = createBackfillWorld();
    world.open();
    world.bring('s1', 'u1', act('A', 0));
    await world.clock.advance(31 * 60_000);
    world.bring('s2', 'u2', act('A', 1_860));
    world.lose();
    await reconnect(world);
    expect(world.asked.map(({ user }) => user)).toEqual(['u2']);
  });

  it('asks for the latest 200 visitors, three at a time, about ten a second', async () => {
    const world = createBackfillWorld();
    world.open();
    for (let i = 0; i < 390; i += 1) {
      await world.clock.advance(1);
      world.bring(`s${i}`, `u${i}`, act('A', i));
    }
    world.lose();
    await reconnect(world);
    expect(world.asked).toHaveLength(200);
    expect(world.asked[0]?.user).toBe('u389');
    expect(world.mostAtOnce()).toBe(3);
    const took = world.asked.at(-1)!.at - world.asked[0]!.at;
    expect(took).toBeGreaterThan(15_000);
  });

  it.each([401, 403, 404, 302])('ends at a %i, and says it once', async (code) => {
    const world = createBackfillWorld();
    world.open();
    for (const one of ['1', '2', '3', '4', '5', '6'])
      world.bring(`s${one}`, `u${one}`, act('A', 0));
    world.answer(() => status(code));
    world.lose();
    await reconnect(world);
    expect(world.ends).toEqual([`it answers with HTTP ${code}`]);
    expect(world.asked).toHaveLength(3);
    world.lose();
    await reconnect(world);
    expect(world.ends).toHaveLength(1);
    // The stream serves again.
    world.bring('s1', 'u1', act('B', 1));
    await world.clock.advance(60_000);
    expect(world.ends).toHaveLength(2);
  });

  it('waits as long as a 429 says', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', 1));
    world.answer(() => status(429, { 'retry-after': '40' }));
    world.open();
    await world.clock.advance(30_000);
    world.answer(() => undefined);
    expect(world.asked).toHaveLength(1);
    await world.clock.advance(12_000);
    expect(titles(world.filled)).toEqual(['B']);
    expect(world.ends).toEqual([]);
  });

  it('gives up a connector that keeps failing, and says it once', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.answer(() => status(500));
    world.open();
    await world.clock.advance(3_600_000);
    expect(world.asked).toHaveLength(10);
    expect(world.ends).toEqual(['it answers with HTTP 500']);
    expect(world.clock.timers()).toBe(0);
  });

  it('begins anew with a connector that only accepts connections once it serves again', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.miss('u1', act('B', 1));
    world.answer(() => status(404));
    // Longer than visitors are taken to be there.
    for (let i = 0; i < 12; i++) {
      await world.clock.advance(5 * 60_000);
      await reconnect(world);
      world.lose();
    }
    const { length } = world.ends;
    expect(length).toBeLessThan(8);
    world.answer(() => undefined);
    await reconnect(world);
    expect(titles(world.filled)).toEqual([]);
    world.bring('s2', 'u2', act('X', 3_600));
    await world.clock.advance(60_000);
    expect(titles(world.filled)).toEqual(['B']);
    expect(world.ends).toHaveLength(length);
  });

  it('gives up one visitor whose answers keep failing, and goes on with the others', async () => {
    const world = createBackfillWorld();
    world.open();
    for (const user of ['bad', 'u1', 'u2']) {
      world.bring(`s-${user}`, user, act('A', 0));
      world.miss(user, act('A', 0), act('B', 1));
    }
    world.answer((user) => (user === 'bad' ? status(500) : undefined));
    world.lose();
    world.open();
    await world.clock.advance(3_600_000);
    expect(titles(world.filled)).toEqual(['B', 'B']);
    expect(world.ends).toHaveLength(1);
  });

  it('believes no answer about another visitor', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.answer(() => Response.json({ user_id: 'u2', actions: [act('B', 1)] }));
    await reconnect(world);
    expect(world.filled).toEqual([]);
    expect(world.ends).toEqual(['it answers about another visitor']);
  });

  it.each(['<html>', 'null', '{"actions":{}}', '[]'])('ends at the answer %s', async (body) => {
    const world = createBackfillWorld();
    lost(world);
    world.answer(() => new Response(body));
    await reconnect(world);
    expect(world.filled).toEqual([]);
    expect(world.ends).toHaveLength(1);
  });

  it('ends when it is stopped, without a timer or another call', async () => {
    const world = createBackfillWorld();
    lost(world);
    world.open();
    world.backfill.stop();
    await world.clock.advance(60_000);
    expect(world.asked).toEqual([]);
    expect(world.clock.timers()).toBe(0);
  });
});

describe('for a visitor whom a conversation waits for', () => {
  it("fetches what they did, as the user's own session", async () => {
    const world = createBackfillWorld();
    world.open();
    world.miss('u1', act('A', 0), act('B', 1));
    world.backfill.ask({ user_id: 'u1' });
    await world.clock.advance(1_000);
    expect(world.filled).toMatchObject([{ session_id: 'user:u1', user_id: 'u1', count: 2 }]);
    expect(world.bring('s1', 'u1', act('B', 1), act('C', 2)).count).toBe(1);
  });

  it('fetches nothing if the stream has named a session, for another product, or again within a minute', async () => {
    const world = createBackfillWorld();
    world.open();
    world.bring('s1', 'u1', act('A', 0));
    world.backfill.ask({ user_id: 'u1' });
    world.backfill.ask({ user_id: 'u2', product_id: 'other' });
    world.backfill.ask({ user_id: 'u3', product_id: 'shop' });
    await world.clock.advance(10_000);
    world.backfill.ask({ user_id: 'u3' });
    await world.clock.advance(10_000);
    expect(world.asked.map(({ user }) => user)).toEqual(['u3']);
    await world.clock.advance(60_000);
    world.backfill.ask({ user_id: 'u3' });
    await world.clock.advance(10_000);
    expect(world.asked).toHaveLength(2);
  });

  it('adds nothing if the stream names a session while the answer is under way', async () => {
    const world = createBackfillWorld();
    world.open();
    world.miss('u1', act('A', 0));
    world.answer(() => {
      world.bring('s1', 'u1', act('A', 0));
      return undefined;
    });
    world.backfill.ask({ user_id: 'u1' });
    await world.clock.advance(10_000);
    expect(world.asked).toHaveLength(1);
    expect(world.filled).toEqual([]);
  });

  it('leaves out what is known from elsewhere', async () => {
    const world = createBackfillWorld();
    world.miss('u1', act('A', 0), act('B', 10));
    world.backfill.ask({ user_id: 'u1', since: (START + 5) * 1_000 });
    await world.clock.advance(10_000);
    expect(titles(world.filled)).toEqual(['B']);
  });

  it('asks for nobody for ten minutes after a refusal', async () => {
    const world = createBackfillWorld();
    world.answer(() => status(404));
    for (const user_id of ['u1', 'u2', 'u3']) {
      world.backfill.ask({ user_id });
      await world.clock.advance(10_000);
    }
    expect(world.asked).toHaveLength(1);
    await world.clock.advance(600_000);
    world.backfill.ask({ user_id: 'u4' });
    await world.clock.advance(10_000);
    expect(world.asked).toHaveLength(2);
  });
});

it.each([
  ['https://c.example/stream/shop', 'u1', 'https://c.example/users/shop/u1/live-activity?limit=50'],
  [
    'https://c.example/a/stream/my%20shop/',
    'a/b?c',
    'https://c.example/a/users/my%20shop/a%2Fb%3Fc/live-activity?limit=50',
  ],
  [
    'https://c.example/stream/shop?x=1#y',
    '%2e',
    'https://c.example/users/shop/%252e/live-activity?limit=50',
  ],
  ['https://c.example/stream/shop', '..', undefined],
  ['https://c.example/stream/shop', '.', undefined],
  ['https://c.example/events/shop', 'u1', undefined],
  ['https://c.example/stream', 'u1', undefined],
  ['no address', 'u1', undefined],
])('beside %s, the activity of %s is at %s', (stream, user, expected) => {
  expect(liveActivityUrl(stream, user)).toBe(expected);
});
