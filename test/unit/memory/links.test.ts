import { SAMPLE_PRODUCT } from '../../../core/memory/sql/find';
import type { LinkRequest, SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, testMemory } from '../../support/memory';

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

const remember = async (session: string, fields: Parameters<typeof batch>[2] = {}, name = 'm') =>
  (await memory.remember(name, [batch(session, [action('a')], fields)], DAY_MS))[0]!;
const link = async (request: Partial<LinkRequest> = {}) => {
  const whole = { chat: 'crisp', conversation_id: 'session_1', ...request };
  const { status, session } = await memory.link('m', whole, DAY_MS);
  return [status, session?.session_id];
};

describe('a conversation that the stream names', () => {
  it('is linked to the session last seen in it if the request names no person', async () => {
    await remember('s1', { conversation_id: 'session_1' });
    await clock.advance(1_000);
    await remember('s2', { conversation_id: 'session_1' });
    await remember('s3', { conversation_id: 'session_3' });
    await remember('s4', { conversation_id: 'session_1' }, 'other memory');
    expect(await link()).toEqual(['linked', 's2']);
    expect(await link()).toEqual(['already_linked', 's2']);
  });

  it('is the last resort for a visitor whose names are unknown, too', async () => {
    await remember('s1', { conversation_id: 'session_1' });
    await remember('s2', { user_id: '70' });
    expect(await link({ user_id: '70' })).toEqual(['linked', 's2']);
    const unknown = { session_id: 'x', user_id: '71', email: 'x@example.com' };
    expect(await link(unknown)).toEqual(['linked', 's1']);
  });

  it('is not guessed where two products name it', async () => {
    await remember('s1', { conversation_id: 'session_1' });
    await remember('s2', { conversation_id: 'session_1', product_id: 'blog' });
    expect(await link()).toEqual(['ambiguous', undefined]);
    expect(await link({ product_id: 'blog' })).toEqual(['linked', 's2']);
  });

  it('is still found by a person’s name while the sample data is remembered as well', async () => {
    await remember('s1', { user_id: '70' });
    await remember('sample', { product_id: SAMPLE_PRODUCT, user_id: 'sample-visitor' });
    expect(await link({ user_id: '70' })).toEqual(['linked', 's1']);
    const sample = { conversation_id: 'session_2', user_id: 'sample-visitor' };
    expect(await link(sample)).toEqual(['linked', 'sample']);
    await remember('s3', { product_id: 'blog', user_id: '71' });
    expect(await link({ conversation_id: 'session_3', user_id: '71' })).toEqual([
      'ambiguous',
      undefined,
    ]);
  });

  it('is linked whether the webhook or the first action arrives first', async () => {
    expect(await link()).toEqual(['waiting', undefined]);
    expect(await link({ conversation_id: 'session_2', user_id: '70' })).toEqual([
      'waiting',
      undefined,
    ]);
    // Who writes does not turn up; somebody is seen in the conversation all the same.
    expect((await remember('s1', { conversation_id: 'session_1' })).links).toEqual({
      crisp: 'session_1',
    });
    expect((await remember('s2')).links).toEqual({});
    expect((await remember('s2', { conversation_id: 'session_2' })).links).toEqual({
      crisp: 'session_2',
    });
  });
});

it('a request without a name finds the session that its conversation is linked to', async () => {
  await remember('s1');
  expect(await link()).toEqual(['waiting', undefined]);
  await link({ session_id: 's1' });
  expect(await link()).toEqual(['already_linked', 's1']);
  expect(await link({ chat: 'intercom' })).toEqual(['waiting', undefined]);
  // Somebody else is named: they may turn up yet.
  expect(await link({ user_id: '70' })).toEqual(['waiting', undefined]);
});

it('a conversation that has the session of a user without one also takes the next that the stream names', async () => {
  expect(await link({ user_id: '70' })).toEqual(['waiting', undefined]);
  await remember('user:70', { user_id: '70' });
  expect(await remember('s1', { user_id: '70' })).toMatchObject({ links: { crisp: 'session_1' } });
  expect(await remember('s2', { user_id: '70' })).toMatchObject({ links: {} });
});

it('a message without a name does not stop a conversation from waiting for a named visitor', async () => {
  await link({ user_id: '70' });
  expect(await link()).toEqual(['waiting', undefined]);
  expect((await remember('s1', { user_id: '70' })).links).toEqual({ crisp: 'session_1' });
});

it('a session lists its links in the order in which they were made, and the conversation that the stream named', async () => {
  await remember('s', { conversation_id: '42' });
  await link({ session_id: 's', chat: 'intercom', conversation_id: '42' });
  await link({ session_id: 's' });
  const info = await remember('s');
  expect(Object.entries(info.links)).toEqual([
    ['intercom', '42'],
    ['crisp', 'session_1'],
  ]);
  expect(info.stream_conversation_id).toBe('42');
});
