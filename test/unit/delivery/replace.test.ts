import { parseFrame } from '../../../core/payload/parse';
import { createFlow, type Flow } from '../../support/flow';
import { linesOf } from '../../support/conversation';
import { action } from '../../support/memory';

let flow: Flow;
beforeEach(async () => void (flow = await createFlow()));
afterEach(() => flow.close());

async function act(...descriptions: string[]): Promise<void> {
  await flow.remember(
    's',
    descriptions.map((text) => action(text)),
    { conversation_id: 'c1' },
  );
  await flow.deliver('s');
}

const standing = () => flow.chat.standing('c1').map((text) => linesOf(text).join() || prose(text));
const prose = (text: string) => text.split('\n').slice(3).join('\n');

describe('replacing notes with a summary', () => {
  it('posts the summary first, then redacts the notes it covers', async () => {
    await act('a', 'b');
    await act('c');
    await flow.summarize('s', 3);
    expect(await flow.replace('s')).toMatchObject({ summaryNote: { note_id: '3' }, redacted: 2 });
    expect(standing()).toEqual(['Summary 1.']);
    expect(flow.chat.standing('c1')[0]).toMatch(
      /^session_id: s\ntimestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n\nSummary 1\.$/,
    );
  });

  it('never redacts activity that arrived while the model was busy', async () => {
    await act('a', 'b');
    flow.useModel(async () => {
      await act('c');
      return 'About a and b.';
    });
    await flow.summarize('s', 2);
    await flow.replace('s');
    expect(standing()).toEqual(['c', 'About a and b.']);
  });

  it('gives the model the earlier summary, and replaces its note by the next one', async () => {
    await act('a', 'b');
    await flow.summarize('s', 2);
    await flow.replace('s');
    await act('c', 'd');
    await flow.summarize('s', 2);
    await flow.replace('s');
    expect(flow.prompts[1]).toContain('Summary 1.');
    expect(flow.prompts[1]).toContain('click: d');
    expect(flow.prompts[1]).not.toContain('click: a');
    expect(standing()).toEqual(['Summary 2.']);
  });

  it.each(['<think>\n\n</think>', '<think>\nFirst, they opened'])(
    'redacts nothing for an answer that consists of reasoning alone: %j',
    async (answer) => {
      await act('a', 'b');
      flow.useModel(async () => answer);
      await expect(flow.summarize('s', 2)).rejects.toThrow('empty text');
      expect(await flow.replace('s')).toMatchObject({ summaryNote: null, redacted: 0 });
      expect(standing()).toEqual(['a,b']);
    },
  );

  it('keeps a model’s reasoning out of the conversation and of the next prompt', async () => {
    await act('a', 'b');
    flow.useModel(async () => `<think>\n${'Hm. '.repeat(10_000)}\n</think>\n\nThey paid.`);
    await flow.summarize('s', 2);
    await flow.replace('s');
    expect(standing()).toEqual(['They paid.']);
    await act('c', 'd');
    await flow.summarize('s', 2);
    expect(flow.prompts[1]).toContain('\nThey paid.\n');
    expect(flow.prompts[1]).not.toContain('Hm.');
  });

  it('ignores a summary of the stream that consists of reasoning alone', async () => {
    await act('a', 'b');
    const frame = { type: 'summary', session_id: 's', replaces: 2, product_id: 'shop' };
    const { batches } = parseFrame(
      { ...frame, summary: '<think>\nFirst, they' },
      { productId: 'shop', receivedAt: 1_700_000_000 },
    );
    expect(batches).toEqual([]);
  });

  it('redacts nothing if the summary cannot be posted', async () => {
    await act('a', 'b');
    await flow.summarize('s', 2);
    flow.chat.fates.push('refused');
    await expect(flow.replace('s')).rejects.toThrow('refused');
    expect(standing()).toEqual(['a,b']);
    await flow.replace('s');
    expect(standing()).toEqual(['Summary 1.']);
  });

  it('repeats only the redaction that failed', async () => {
    await act('a');
    await act('b');
    await flow.summarize('s', 2);
    flow.chat.fates.push('ok', 'lost before');
    await expect(flow.replace('s')).rejects.toThrow('connection reset');
    expect(standing()).toEqual(['a', 'Summary 1.']);
    expect(await flow.memory().unfinished('m', { limit: 9, includePaused: true })).toHaveLength(1);
    // Other activity passes by meanwhile: it does not try again before its time.
    expect(await flow.replace('s')).toMatchObject({ summaryNote: null, redacted: 0 });
    expect(await flow.replace('s', true)).toMatchObject({ summaryNote: null, redacted: 1 });
    expect(standing()).toEqual(['Summary 1.']);
  });

  it('leaves redactions for later when other calls are more urgent, and reports that', async () => {
    await act('a');
    await act('b');
    await flow.summarize('s', 2);
    flow.chat.fates.push('ok', 'ok', 'too busy');
    expect(await flow.replace('s')).toMatchObject({ redacted: 1, leftForLater: true });
    expect(standing()).toEqual(['b', 'Summary 1.']);
    // No failure, and so no pause: the next that passes by takes it along.
    expect(await flow.replace('s')).toMatchObject({ redacted: 1, leftForLater: false });
    expect(standing()).toEqual(['Summary 1.']);
  });

  it('posts a newer summary that another execution could not post meanwhile', async () => {
    await act('a', 'b');
    await flow.summarize('s', 2);
    flow.chat.whileCalled(async () => {
      flow.chat.whileCalled(undefined);
      await flow.remember('s', [action('c'), action('d')]);
      await flow.summarize('s', 2);
      expect(await flow.replace('s')).toMatchObject({ summaryNote: null, busy: true });
    });
    await flow.replace('s');
    expect(standing()).toEqual(['Summary 2.']);
  });

  it('stops without an error when a delivery finds the conversation gone meanwhile', async () => {
    await act('a');
    await act('b');
    await flow.summarize('s', 2);
    flow.chat.fates.push('ok', 'too busy');
    await flow.replace('s');
    await flow.remember('s', [action('c')]);
    flow.chat.whileCalled(async () => {
      flow.chat.whileCalled(undefined);
      flow.chat.vanish('c1');
      await expect(flow.deliver('s')).rejects.toThrow('does not exist');
    });
    expect(await flow.replace('s')).toMatchObject({ status: 'replaced', redacted: 1 });
    expect(await flow.replace('s')).toEqual({ status: 'not_linked' });
  });

  it('summarizes a long visit as soon as it is linked', async () => {
    const early = Array.from({ length: 25 }, (_, i) => action(`early ${i}`));
    await flow.remember('s', early, { user_id: '70' });
    await flow.clock.advance(600_000);
    expect((await flow.summarize('s', 20)).summarized).toBe(false);
    await flow.link({ user_id: '70' });
    expect(await flow.deliver('s')).toMatchObject({ notes: [] });
    await flow.summarize('s', 20);
    await flow.replace('s');
    expect(standing()).toEqual(['Summary 1.']);
  });
});

it('stops for now when a visitor is faster than the model', async () => {
  await act('a', 'b');
  flow.useModel(async () => {
    await act('c', 'd');
    return 'Never done.';
  });
  expect(await flow.summarize('s', 2)).toMatchObject({ summarized: true, waiting: 2 });
});

describe('when the model fails', () => {
  beforeEach(() => act('a', 'b'));

  it.each([
    ['throws', async () => Promise.reject(new Error('overloaded')), 'overloaded'],
    ['answers nothing', async () => '  ', 'empty text'],
    ['never answers', () => new Promise<string>(() => {}), 'within 60 s'],
  ])('keeps the actions waiting when it %s', async (_, model, message) => {
    flow.useModel(model);
    await expect(flow.summarize('s', 2)).rejects.toThrow(message);
    expect(flow.prompts).toHaveLength(3);
    await flow.replace('s');
    expect(standing()).toEqual(['a,b']);
    flow.useModel(async () => 'At last.');
    // Not on every batch: it gets a pause first.
    expect((await flow.summarize('s', 2)).summarized).toBe(false);
    await flow.clock.advance(10_000);
    expect((await flow.summarize('s', 2)).summary).toBe('At last.');
  });

  it('asks only once if another attempt is pointless', async () => {
    flow.useModel(async () => Promise.reject(Object.assign(new Error('bad key'), { status: 401 })));
    await expect(flow.summarize('s', 2)).rejects.toThrow('bad key');
    expect(flow.prompts).toHaveLength(1);
  });
});
