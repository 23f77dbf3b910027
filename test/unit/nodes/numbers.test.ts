import type { INode } from 'n8n-workflow';
import { countOf, millisecondsOf, numberOf } from '../../../nodes/shared/numbers';
import { createMemoryFlow } from '../../support/memoryNode';
import { createSummarizeNode } from '../../support/summarizeNode';

const context = { getNode: () => ({ name: 'A node' }) as INode };
const field = {
  displayName: 'Most Actions',
  default: 20,
  typeOptions: { minValue: 1, maxValue: 500 },
};
const WRONG = [NaN, Infinity, -Infinity, 0, -1, 501, 1e300, 'many', 'NaN', '1,5', true, {}, [5]];

describe('a number of a parameter', () => {
  it.each([
    [7, 7],
    ['7', 7],
    [' 7 ', 7],
    [7.5, 7.5],
    ['', 20],
    [' ', 20],
    [null, 20],
    [undefined, 20],
  ])('given as %j is %j', (given, number) => {
    expect(numberOf(context, field, given)).toBe(number);
  });

  it.each(WRONG)('cannot be %p', (given) => {
    expect(() => numberOf(context, field, given)).toThrow(
      /^"Most Actions" is .*, and has to be a number from 1 to 500$/,
    );
  });

  it('is whole where it counts something', () => {
    expect(countOf(context, field, 6.67)).toBe(7);
    expect(() => countOf(context, field, 0.4)).toThrow('"Most Actions"');
    expect(() => countOf(context, { ...field, typeOptions: {} }, 2 ** 31)).toThrow('of 0 or more');
  });

  it('is whole milliseconds where it is a duration', () => {
    expect(Number.isInteger(1.001 * 1_000)).toBe(false);
    expect(millisecondsOf(1_000, context, field, 1.001)).toBe(1_001);
  });

  it('may have to be given', () => {
    expect(() => numberOf(context, field, '', { whenEmpty: null })).toThrow('is empty');
  });
});

const batch = (actions: number) => ({
  type: 'actions',
  product_id: 'shop',
  session_id: 's1',
  actions: Array.from({ length: actions }, (_, i) => ({ type: 'click', title: `Button ${i}` })),
});

describe('Recall', () => {
  it.each([
    ['minutes', 'Within Minutes'],
    ['maxActions', 'Most Actions'],
  ])('names %s where it is no number', async (parameter, label) => {
    const flow = createMemoryFlow();
    for (const wrong of [-1, NaN, Infinity, 'many']) {
      await expect(flow('recall', [{ session_id: 's1' }], { [parameter]: wrong })).rejects.toThrow(
        `"${label}" is`,
      );
    }
  });

  it('takes fractions and texts', async () => {
    const flow = createMemoryFlow();
    await flow('remember', [batch(5)]);
    const parameters = { minutes: 1.1, maxActions: '2.4' };
    const [recalled] = await flow('recall', [{ session_id: 's1', product_id: 'shop' }], parameters);
    expect(recalled).toMatchObject({ known: true });
    expect(recalled!.actions).toHaveLength(2);
  });
});

describe('Claim Activity', () => {
  it.each([
    ['linkWindow', 'Seconds Before the Link', -1],
    ['secondsToPost', 'Seconds to Post', 0],
  ])('names %s where it is no number', async (option, label, beyond) => {
    const flow = createMemoryFlow();
    await flow('remember', [batch(1)]);
    for (const wrong of [beyond, NaN, Infinity, 'long']) {
      const parameters = { options: { [option]: wrong } };
      await expect(
        flow('claimActivity', [{ session_id: 's1', product_id: 'shop' }], parameters),
      ).rejects.toThrow(`"${label}" is`);
    }
  });
});

describe('Summarize Session', () => {
  it.each([
    ['threshold', 'Summarize After', [0, -3, NaN, Infinity, 'often', {}]],
    ['options.timeout', 'Timeout (Seconds)', [0, NaN, Infinity, 'long']],
    ['options.callsAtOnce', 'Calls at Once', [0, 0.2, NaN, Infinity, 'all']],
    ['options.maxTokens', 'Longest Answer (Tokens)', [0, NaN, Infinity, 'long']],
    ['options.temperature', 'Sampling Temperature', [-1, 3, NaN, 'cold']],
  ])('names %s where it is no number, and asks nobody', async (parameter, label, wrong) => {
    for (const value of wrong) {
      const node = createSummarizeNode();
      await node.remember(3);
      await expect(node.run({ [parameter]: value })).rejects.toThrow(`"${label}" is`);
      expect(node.asked).toEqual([]);
    }
  });

  it.each([
    ['', 20],
    [null, 20],
    ['3', 3],
    [2.6, 3],
  ])('with Summarize After %j summarizes after %d actions', async (threshold, count) => {
    const node = createSummarizeNode();
    await node.remember(count - 1);
    expect(await node.run({ threshold })).toMatchObject([{ summarized: false }]);
    await node.remember(1, count);
    expect(await node.run({ threshold })).toMatchObject([{ summarized: true }]);
    expect(node.asked).toHaveLength(1);
  });

  it.each([
    [{}, { temperature: 0.3, max_completion_tokens: 256 }],
    [{ 'options.temperature': '', 'options.maxTokens': null }, {}],
    [
      { 'options.temperature': '0', 'options.maxTokens': 99.7 },
      { temperature: 0, max_completion_tokens: 100 },
    ],
  ])('sends the settings of %j', async (parameters, settings) => {
    const node = createSummarizeNode();
    await node.remember(1);
    await node.run({ threshold: 1, ...parameters });
    expect(node.asked[0]!.body).toEqual({
      model: 'gpt-4o-mini',
      messages: [expect.anything()],
      ...settings,
    });
  });
});

describe('the OpenAI credential', () => {
  it('is used alone, whatever n8n has in its environment', async () => {
    const names = ['OPENAI_PROJECT_ID', 'OPENAI_ORG_ID', 'OPENAI_CUSTOM_HEADERS', 'OPENAI_API_KEY'];
    for (const name of names) process.env[name] = 'x-secret: from-the-environment';
    try {
      const node = createSummarizeNode({
        organizationId: 'org-1',
        header: true,
        headerName: 'X-Gate',
        headerValue: 'Key 1',
      });
      await node.remember(1);
      await node.run({ threshold: 1 });
      expect(node.asked[0]!.headers).toEqual({
        accept: 'application/json',
        'accept-encoding': 'identity',
        authorization: 'Bearer sk-a-key',
        'content-type': 'application/json',
        'openai-organization': 'org-1',
        'x-gate': 'Key 1',
      });
    } finally {
      for (const name of names) delete process.env[name];
    }
  });

  it.each([
    [{ apiKey: 'sk-one\nsk-two' }, 'The API Key in the credential is damaged'],
    [{ header: true, headerName: 'X-Gate', headerValue: 'sk-one\r\nsk-two' }, 'The custom header'],
    [{ header: true, headerName: 'X Gate', headerValue: 'sk-one' }, 'The custom header'],
    [{ organizationId: 'sk-one\nsk-two' }, 'The Organization ID'],
  ])('is not repeated where it is damaged: %j', async (credential, message) => {
    const node = createSummarizeNode(credential);
    await node.remember(1);
    const error = (await node.run({ threshold: 1 }).catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toContain(message);
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('sk-one');
    expect(node.asked).toEqual([]);
  });

  it('is hidden in a refusal that comes with a status of success', async () => {
    const node = createSummarizeNode({}, { error: { message: 'Bad key sk-a-key' } });
    await node.remember(1);
    await expect(node.run({ threshold: 1 })).rejects.toThrow('Bad key [hidden]');
  });
});
