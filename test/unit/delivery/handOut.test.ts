import { MAX_ACTIONS_PER_NOTE } from '../../../core/delivery/claim';
import {
  createPortion,
  isClaim,
  markDelivered,
  outcomeByError,
  PORTION,
} from '../../../core/delivery/handOut';
import { wait } from '../../../core/clock';
import { LEASE_MS } from '../../../core/delivery/lease';
import { SETTLE_MS } from '../../../core/delivery/post';
import { linesOf } from '../../support/conversation';
import { createFlow, type Flow } from '../../support/flow';
import { handingOut } from '../../support/handedOut';
import { action, granted } from '../../support/memory';

let flow: Flow;
let hand: ReturnType<typeof handingOut>;
beforeEach(async () => {
  flow = await createFlow();
  hand = handingOut(flow);
});
afterEach(() => flow.close());

async function linked(...described: string[]): Promise<void> {
  await act(...described);
  await flow.link({ user_id: '70' });
}
const act = async (...described: string[]) =>
  await flow.remember(
    's',
    described.map((one) => action(one)),
    { user_id: '70' },
  );

/** Claims what there must be. */
async function claimed() {
  const handedOut = await hand.claim('s');
  if (handedOut.status !== 'claimed') throw new Error(`Nothing was claimed: ${handedOut.status}`);
  return { ...handedOut, lines: linesOf(handedOut.text) };
}
const unfinished = async (includePaused = false) =>
  (await flow.memory().unfinished('m', { limit: 10, includePaused })).map(
    ({ session_id }) => session_id,
  );

describe('a note that is handed out', () => {
  it('contains what Deliver would post, once, and only for linked sessions', async () => {
    await act('a', 'b');
    expect(await hand.claim('s')).toEqual({ status: 'not_linked' });
    expect(await hand.claim('unknown')).toEqual({ status: 'not_linked' });
    await flow.link({ user_id: '70' });
    const note = await claimed();
    expect(note).toMatchObject({ conversationId: 'c1', actions: 2, triedBefore: false });
    expect(note.text).toMatch(/^session_id: s\ntimestamp: .* UTC\n\n\[1\] a\n\[2\] b$/);
    expect(await hand.delivered(note.claim, '17')).toMatchObject({
      session: { session_id: 's', links: { intercom: 'c1' } },
      conversationId: 'c1',
      note: { note_id: '17', actions: 2 },
      isAll: true,
    });
    expect(await hand.claim('s')).toEqual({ status: 'nothing', conversationId: 'c1' });
    expect(await flow.deliver('s')).toMatchObject({ notes: [] });
    const { notes } = await flow.memory().forget({ session_id: 's' });
    expect(notes).toEqual([{ chat: 'intercom', conversation_id: 'c1', note_id: '17' }]);
  });

  it('is waited for, and the next note contains what came after it', async () => {
    await linked('a');
    const first = await claimed();
    await act('b');
    const second = hand.startClaim('s');
    await flow.clock.advance(1_000);
    await hand.delivered(first.claim);
    const handedOut = await flow.run(second);
    expect(handedOut).toMatchObject({ status: 'claimed', actions: 1, triedBefore: false });
  });

  it('is given to no other execution while its claim lasts', async () => {
    await linked('a');
    await claimed();
    expect(await hand.claim('s')).toMatchObject({ status: 'busy', conversationId: 'c1' });
    expect(await flow.deliver('s')).toMatchObject({ notes: [], busy: true });
    expect(await unfinished(true)).toEqual([]);
  });

  it('reports whether activity is left', async () => {
    await linked('a');
    const early = await claimed();
    await act('b');
    expect(await hand.delivered(early.claim)).toMatchObject({ isAll: false });
    await act(...Array.from({ length: MAX_ACTIONS_PER_NOTE }, (_, i) => `${i}`));
    const full = await claimed();
    expect(full.lines).toHaveLength(MAX_ACTIONS_PER_NOTE);
    expect(await hand.delivered(full.claim)).toMatchObject({ isAll: false });
    const last = await claimed();
    expect(await hand.delivered(last.claim)).toMatchObject({ isAll: true });
  });
});

describe('a note that was not posted', () => {
  it('is composed anew with later activity if it was certainly not posted', async () => {
    await linked('a');
    const { claim } = await claimed();
    await act('b');
    await hand.notDelivered(claim, 'refused');
    expect(await claimed()).toMatchObject({ lines: ['a', 'b'], triedBefore: false });
  });

  it('is handed out again after a growing pause', async () => {
    await linked('a');
    for (const pause of [2_000, 4_000]) {
      await hand.notDelivered((await claimed()).claim, 'refused');
      await flow.clock.advance(pause - 1);
      expect(await unfinished()).toEqual([]);
      await flow.clock.advance(1);
      expect(await unfinished()).toEqual(['s']);
    }
  });

  it('is handed out unchanged, when it has had its time, if it may have been posted', async () => {
    await linked('a');
    const first = await claimed();
    await act('b');
    await hand.notDelivered(first.claim, 'unknown');
    await flow.clock.advance(SETTLE_MS - 5_000);
    expect(await hand.claim('s')).toMatchObject({ status: 'busy' });
    await flow.clock.advance(5_000);
    expect(await unfinished()).toEqual(['s']);
    const again = await claimed();
    expect(again).toMatchObject({ text: first.text, triedBefore: true });
    // A refusal now says nothing of the first attempt.
    await hand.notDelivered(again.claim, 'refused');
    const third = await claimed();
    expect(third).toMatchObject({ text: first.text, triedBefore: true });
    await hand.delivered(third.claim);
    expect(await claimed()).toMatchObject({ lines: ['b'], triedBefore: false });
  });

  it('is handed out unchanged after its claim lapsed', async () => {
    await linked('a');
    const lost = await claimed();
    await flow.clock.advance(LEASE_MS);
    expect(await unfinished()).toEqual(['s']);
    const again = await claimed();
    expect(again).toMatchObject({ text: lost.text, triedBefore: true });
    // The former holder cannot take the claim from the present one.
    await hand.notDelivered(lost.claim, 'refused');
    await hand.notDelivered(lost.claim, 'unknown');
    await hand.notDelivered(lost.claim, 'gone');
    expect(await hand.claim('s')).toMatchObject({ status: 'busy' });
    expect(await hand.delivered(again.claim, '17')).toMatchObject({ note: { note_id: '17' } });
  });

  it('counts as posted when it is marked late, by its former holder', async () => {
    await linked('a');
    const late = await claimed();
    await flow.clock.advance(LEASE_MS);
    const again = await claimed();
    expect(await hand.delivered(late.claim, '17')).not.toBeNull();
    expect(await hand.delivered(again.claim, '17')).toBeNull();
    await flow.clock.advance(LEASE_MS);
    expect(await hand.claim('s')).toMatchObject({ status: 'nothing' });
  });

  it('ends the link of a conversation that is gone; the visitor may write in another', async () => {
    await linked('a');
    const { claim } = await claimed();
    expect(await hand.notDelivered(claim, 'gone')).toMatchObject({ conversationId: 'c1' });
    expect(await hand.claim('s')).toEqual({ status: 'not_linked' });
    await flow.link({ user_id: '70', conversation_id: 'c2' });
    expect(await claimed()).toMatchObject({ conversationId: 'c2', lines: ['a'] });
  });
});

describe('an unknown claim', () => {
  it.each(['', 'nonsense', '1 first', '1 first lease', `${'9'.repeat(15)} again x`])(
    'changes nothing: %j',
    async (name) => {
      await linked('a');
      await claimed();
      expect(await hand.delivered(name)).toBeNull();
      expect(await hand.notDelivered(name, 'refused')).toBeNull();
    },
  );

  it('is that of another memory, of a forgotten visitor, or of a note marked before', async () => {
    await linked('a');
    const { claim } = await claimed();
    expect(isClaim(claim)).toBe(true);
    expect(await hand.delivered(claim, null, 'another')).toBeNull();
    expect(await hand.delivered(claim)).not.toBeNull();
    expect(await hand.delivered(claim)).toBeNull();
    expect(await hand.notDelivered(claim, 'refused')).toBeNull();
    await act('b');
    const next = await claimed();
    await flow.memory().forget({ user_id: '70' });
    expect(await hand.delivered(next.claim)).toBeNull();
  });
});

describe('the outcome of a note, by the error of its request', () => {
  it.each([
    [{ status: 404 }, 'refused'],
    [{ httpCode: '429' }, 'refused'],
    [{ statusCode: 401, code: 'ERR_BAD_REQUEST' }, 'refused'],
    [{ response: { status: 422 } }, 'refused'],
    [{ code: 'ECONNREFUSED' }, 'refused'],
    [{ cause: { code: 'ENOTFOUND' } }, 'refused'],
    [{ status: 408 }, 'unknown'],
    [{ status: 500 }, 'unknown'],
    [{ httpCode: '504' }, 'unknown'],
    [{ code: 'ECONNABORTED', status: null }, 'unknown'],
    [{ code: 'ECONNRESET' }, 'unknown'],
    ['It failed', 'unknown'],
    [null, 'unknown'],
    [undefined, 'unknown'],
  ])('%j: %s', (error, outcome) => expect(outcomeByError(error)).toBe(outcome));
});

describe('many notes at once, posted two a second', () => {
  const COUNT = 200;
  const names = Array.from({ length: COUNT }, (_, i) => `s${i}`);
  const posted: string[] = [];

  /** One execution, step by step as n8n has it: claim all, then post all, then say so of all. */
  async function execute(sessions: string[]): Promise<void> {
    const memory = flow.memory();
    const condition = { linkWindowMs: 120_000, leaseMs: LEASE_MS };
    const portion = createPortion({ memory, clock: flow.clock }, 'intercom', condition);
    const handed = await Promise.all(sessions.map((name) => portion.handOut(flow.ref(name))));
    const claims = handed.flatMap((one) => (one.status === 'claimed' ? [one] : []));
    expect(claims.length).toBeLessThanOrEqual(PORTION);
    const ours = await Promise.all(claims.map(({ claim }) => portion.confirm('m', claim)));
    const toPost = claims.filter((_, i) => ours[i]);
    for (const { conversationId } of toPost) {
      await wait(flow.clock, 500);
      posted.push(conversationId);
    }
    for (const { claim } of toPost) await markDelivered(memory, 'm', claim, null);
  }

  it('are posted once each, by any number of executions', async () => {
    posted.length = 0;
    for (const name of names) {
      await flow.remember(name, [action('a')], { user_id: name });
      await flow.link({ conversation_id: `c ${name}`, user_id: name });
    }
    const executions = [execute(names)];
    for (let minute = 0; minute < 10; minute++) {
      await flow.clock.advance(30_000);
      // What is due by now comes along with other activity, as with Remember.
      const due = await flow
        .memory()
        .unfinished('m', { limit: 1_000, includePaused: minute % 2 === 1 });
      executions.push(execute(due.map(({ session_id }) => session_id)));
    }
    await flow.run(Promise.all(executions));
    expect(posted.toSorted()).toEqual(names.map((name) => `c ${name}`).toSorted());
  });

  it('are not posted if their claim was lost while others were handed out', async () => {
    await linked('a');
    const memory = flow.memory();
    const condition = { linkWindowMs: 120_000, leaseMs: LEASE_MS };
    const portion = createPortion({ memory, clock: flow.clock }, 'intercom', condition);
    const first = granted(await portion.handOut(flow.ref('s')));
    expect(await portion.confirm('m', first.claim)).toBe(true);
    await flow.clock.advance(LEASE_MS + 2_000);
    const second = await claimed();
    expect(await portion.confirm('m', first.claim)).toBe(false);
    expect(await portion.confirm('m', second.claim)).toBe(true);
  });
});
