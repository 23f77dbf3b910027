import { linesOf } from '../../support/conversation';
import { createFlow, type Flow } from '../../support/flow';
import { handingOut } from '../../support/handedOut';
import { action, summarize } from '../../support/memory';

let flow: Flow;
beforeEach(async () => {
  flow = await createFlow();
  await flow.remember('s', [action('began')], { user_id: '70' });
  await flow.link({ user_id: '70' });
  await flow.deliver('s');
});
afterEach(() => flow.close());

const said = (i: number) => `did ${'this and that '.repeat(20)}${i}`;
const act = async (count: number) =>
  await flow.remember(
    's',
    Array.from({ length: count }, (_, i) => action(said(i))),
    { user_id: '70' },
  );
const texts = () => flow.chat.standing('c1').slice(1);
const noteLines = () => texts().flatMap(linesOf);
const all = (count: number) => Array.from({ length: count }, (_, i) => said(i));

describe('a note', () => {
  it('is no longer than a chat product accepts, and the rest follows at once', async () => {
    await act(450);
    await flow.deliver('s');
    expect(noteLines()).toEqual(all(450));
    expect(texts().length).toBeGreaterThan(5);
    for (const text of texts()) expect(text.length).toBeLessThanOrEqual(20_000);
  });

  it.each([400, 413, 422])(
    'that is refused with %s is made half as long until it is taken',
    async (status) => {
      Object.assign(flow.chat.size, { chars: 4_000, status });
      await act(60);
      expect(await flow.deliver('s')).toMatchObject({ status: 'delivered' });
      expect(noteLines()).toEqual(all(60));
      // The size that was found is kept for what is left.
      expect(flow.chat.size.refused).toBeLessThan(4);
    },
  );

  it('that is refused although it is short is tried again later at full length', async () => {
    Object.assign(flow.chat.size, { chars: 0 });
    await act(2);
    await expect(flow.deliver('s')).rejects.toThrow('too long');
    expect(flow.chat.size.refused).toBe(1);
    flow.chat.size.chars = Infinity;
    await flow.deliver('s');
    expect(texts().map(linesOf)).toEqual([all(2)]);
  });

  it.each([403, 404])('that is refused with %s is not made shorter', async (status) => {
    Object.assign(flow.chat.size, { chars: 4_000, status });
    await act(60);
    await expect(flow.deliver('s')).rejects.toThrow('too long');
    expect(flow.chat.size.refused).toBe(1);
  });

  it('that may be in the conversation keeps its text', async () => {
    await act(60);
    flow.chat.fates.push('late');
    await flow.deliver('s').catch(() => undefined);
    await flow.deliver('s');
    expect(noteLines()).toEqual(all(60));
    expect(texts()).toHaveLength(1);
  });
});

describe('a summary', () => {
  it('that is refused is posted shortened, and then replaces the notes', async () => {
    await act(5);
    await flow.deliver('s');
    await summarize(flow.memory(), flow.ref('s'), 'They paid. '.repeat(1_500));
    flow.chat.size.chars = 5_000;
    await flow.replace('s');
    expect(flow.chat.size.refused).toBe(2);
    const [note, ...others] = flow.chat.standing('c1');
    expect(others).toEqual([]);
    expect(note).toMatch(/They paid\. .*…$/);
  });
});

describe('a note that is handed out', () => {
  it('is halved each time it was refused', async () => {
    const hand = handingOut(flow);
    flow.chat.size.chars = 4_000;
    await act(60);
    for (let i = 0; i < 12 && noteLines().length < 60; i++) await hand.execute('s');
    expect(noteLines()).toEqual(all(60));
    // What is long again is refused again.
    expect(flow.chat.size.refused).toBeLessThan(12);
  });
});
