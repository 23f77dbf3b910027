import { chatKey } from '../../../core/memory/chatKey';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, testMemory } from '../../support/memory';

// Two workspaces of one chat product in one memory: neither can reach the other's conversations.

const [OURS, THEIRS] = ['ours', 'theirs'].map((id) => chatKey('intercom', id)) as [string, string];
const ref = { memory: 'm', product_id: 'shop', session_id: 's' };
let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
  await memory.remember('m', [batch('s', [action('one')])], DAY_MS);
});
afterEach(() => memory.close());

const link = async (chat: string, conversation_id: string) =>
  (await memory.link('m', { chat, conversation_id, session_id: 's' }, DAY_MS)).status;
const claim = async (chat: string) => {
  const condition = { windowMs: DAY_MS, maxActions: 9, leaseMs: 1_000 };
  const claimed = await memory.claimNote(ref, chat, condition);
  if (claimed.status === 'claimed') await memory.commitNote(claimed.claim, claimed.note, 'note');
  return claimed.status === 'not_linked' ? null : claimed;
};

it('have a link each, which is listed by the name of the product', async () => {
  expect([await link(OURS, '1'), await link(THEIRS, '2')]).toEqual(['linked', 'linked']);
  expect(await link(OURS, '2')).toBe('linked_elsewhere');
  expect(await claim(THEIRS)).toMatchObject({ status: 'claimed', claim: { conversationId: '2' } });
  expect(await claim(OURS)).toMatchObject({ status: 'claimed', claim: { conversationId: '1' } });
  expect(await claim(chatKey('intercom', 'another'))).toBeNull();
  expect(await claim('crisp')).toBeNull();
  const query = { session_id: 's', windowMs: DAY_MS, maxActions: 9 };
  expect((await memory.recall('m', query))?.session.links).toEqual({ intercom: '1' });
  const conversation = { chat: 'intercom', conversation_id: '2', windowMs: DAY_MS, maxActions: 9 };
  expect(await memory.recall('m', conversation)).not.toBeNull();
  const { notes } = await memory.forget({ session_id: 's' });
  expect(notes.map(({ chat }) => chat)).toEqual(['intercom', 'intercom']);
});

it('get only their own unfinished work', async () => {
  await link(OURS, '1');
  const given = async (chat: string) =>
    (
      await memory.unfinished('m', {
        limit: 9,
        includePaused: true,
        work: { chats: [chat], summaries: false },
      })
    ).length;
  expect([await given(THEIRS), await given(OURS), await given('intercom')]).toEqual([0, 1, 1]);
});

it('a link without a workspace is found by each workspace, until a message names one', async () => {
  await link('intercom', '1');
  expect(await claim(THEIRS)).toMatchObject({ status: 'claimed' });
  expect(await link(OURS, '1')).toBe('already_linked');
  expect(await claim(THEIRS)).toBeNull();
  expect(await claim(OURS)).not.toBeNull();
  expect(await claim('intercom')).not.toBeNull();
});

it('a conversation that the stream named is linked by only one of them', async () => {
  await memory.remember('m', [batch('s', [action('two')], { conversation_id: 'c1' })], DAY_MS);
  expect(await claim(OURS)).toMatchObject({ claim: { conversationId: 'c1' } });
  expect(await claim(THEIRS)).toBeNull();
});

it('a conversation waits for a session in its own workspace', async () => {
  const waiting = { chat: THEIRS, conversation_id: '7', user_id: '70' };
  expect((await memory.link('m', waiting, DAY_MS)).status).toBe('waiting');
  await memory.remember('m', [batch('s', [action('two')], { user_id: '70' })], DAY_MS);
  expect(await claim(OURS)).toBeNull();
  expect(await claim(THEIRS)).toMatchObject({ claim: { conversationId: '7' } });
});
