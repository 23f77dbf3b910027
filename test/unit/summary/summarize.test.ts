import { createFlow } from '../../support/flow';
import { action } from '../../support/memory';

async function summaryOf(answer: string) {
  const flow = await createFlow();
  await flow.remember('s1', [action('clicked')], { user_id: '70' });
  await flow.link({ user_id: '70' });
  flow.useModel(async () => answer);
  const outcome = await flow.summarize('s1', 1).finally(async () => await flow.close());
  return outcome.summary!;
}

describe('the answer of a model is stored', () => {
  it('without hidden characters and without those that databases cannot hold', async () => {
    const odd = ' They \u202epaid\u202c\0.\u{e0069}\r\nTwice. ';
    expect(await summaryOf(odd)).toBe('They paid.\nTwice.');
  });

  it('up to the length of a note', async () => {
    expect(await summaryOf('x'.repeat(1_000_000))).toHaveLength(20_000);
  });

  it('unless nothing visible is left of it', async () => {
    await expect(summaryOf('\u200b\0\u202e')).rejects.toThrow('empty text');
  });
});

it('a summary that is finished too late to be stored is not reported', async () => {
  await using flow = await createFlow();
  await flow.remember('s1', [action('clicked')], { user_id: '70' });
  await flow.link({ user_id: '70' });
  flow.useModel(async () => {
    await flow.memory().forget({ user_id: '70' });
    return 'They clicked.';
  });
  expect(await flow.summarize('s1', 1)).toEqual({ summarized: false, summary: null, waiting: 0 });
});
