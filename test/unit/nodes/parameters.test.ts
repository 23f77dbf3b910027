import type { IDataObject } from 'n8n-workflow';
import { choiceField, parametersOf } from '../../../nodes/shared/operations/parameters';
import { createMemoryFlow } from '../../support/memoryNode';
import { stepContext } from '../../support/stepContext';
import { createSummarizeNode } from '../../support/summarizeNode';

const mostActions = {
  displayName: 'Max Actions',
  name: 'most',
  default: 20,
  typeOptions: { minValue: 1, maxValue: 500 },
};

/** The parameters of a node on which these are set. */
const parameters = (set: Record<string, unknown>) =>
  parametersOf(stepContext({ parameters: set }), 0);
const most = (given: unknown) => parameters({ most: given });
const WRONG = [NaN, Infinity, -Infinity, 0, -1, 501, 1e300, 'many', 'NaN', '1,5', true, {}, [5]];

describe('a parameter that is a number', () => {
  it.each([
    [7, 7],
    ['7', 7],
    [' 7 ', 7],
    [7.5, 7.5],
    ['', 20],
    [' ', 20],
    [null, 20],
    [undefined, 20],
  ])('is read from %j as %j', (given, number) => {
    expect(most(given).number(mostActions)).toBe(number);
  });

  it.each(WRONG)('is refused if it is %p', (given) => {
    expect(() => most(given).number(mostActions)).toThrow(
      /^"Max Actions" is .*, and has to be a number from 1 to 500$/,
    );
  });

  it('is rounded if it is a count', () => {
    expect(most(6.67).count(mostActions)).toBe(7);
    expect(() => most(0.4).count(mostActions)).toThrow('"Max Actions"');
    expect(() => most(2 ** 31).count({ ...mostActions, typeOptions: {} })).toThrow('of 0 or more');
  });

  it('is rounded to milliseconds if it is a duration', () => {
    expect(Number.isInteger(1.001 * 1_000)).toBe(false);
    expect(most(1.001).milliseconds(mostActions, 1_000)).toBe(1_001);
  });

  it('is refused if it is empty and has to be given', () => {
    expect(() => most('').number(mostActions, { mustBeGiven: true })).toThrow('is empty');
  });
});

describe('a parameter that is a switch', () => {
  const field = { displayName: 'Stop Typing', name: 'stop', default: true };

  it.each([
    [true, true],
    [false, false],
    ['true', true],
    [' False ', false],
    [1, true],
    [0, false],
    ['', true],
    [null, true],
  ])('is read from %j as %j', (given, isOn) => {
    expect(parameters({ stop: given }).isOn(field)).toBe(isOn);
  });

  it.each(['yes', {}, []])('is refused if it is %j', (given) => {
    const reading = () => parameters({ stop: given }).isOn(field);
    expect(reading).toThrow(/^"Stop Typing" is .*, and has to be true or false$/);
  });
});

describe('a parameter that is a choice', () => {
  const field = choiceField({
    displayName: 'Forget By',
    name: 'by',
    type: 'options',
    options: [
      { name: 'Email', value: 'email' },
      { name: 'User ID', value: 'user_id' },
    ],
    default: 'email',
  });

  it('is one of the values of its dropdown', () => {
    expect(parameters({ by: 'user_id' }).choice(field)).toBe('user_id');
  });

  it.each(['phone', '', 'constructor', null])('is refused if it is %j', (by) => {
    const reading = () => parameters({ by }).choice(field);
    expect(reading).toThrow(/^"Forget By" is .*, and has to be one of email, user_id$/);
  });
});

it('a text has no white space around it, and is empty where an expression gives no text', () => {
  const field = { displayName: 'Name', name: 'name', default: 'Autoplay' };
  const read = (name: unknown) => parameters({ name }).text(field);
  expect([' Ada ', 7, '', null, undefined, { a: 1 }].map(read)).toEqual([
    'Ada',
    '7',
    '',
    '',
    '',
    '',
  ]);
});

it('an option has the default of its field until it is added', () => {
  const read = (options: IDataObject) => {
    const parametersWith = parameters({ options }).options;
    return [parametersWith.has(mostActions), parametersWith.count(mostActions)];
  };
  expect([{}, { most: '' }, { most: 3 }].map(read)).toEqual([
    [false, 20],
    [true, 20],
    [true, 3],
  ]);
});

const batch = (actions: number) => ({
  type: 'actions',
  product_id: 'shop',
  session_id: 's1',
  actions: Array.from({ length: actions }, (_, i) => ({ type: 'click', title: `Button ${i}` })),
});

describe('Recall', () => {
  it.each([
    ['minutes', 'Time Window (Minutes)'],
    ['maxActions', 'Max Actions'],
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
    ['threshold', 'Summarize After (Actions)', [0, -3, NaN, Infinity, 'often', {}]],
    ['options.timeout', 'Timeout (Seconds)', [0, NaN, Infinity, 'long']],
    ['options.callsAtOnce', 'Calls at Once', [0, 0.2, NaN, Infinity, 'all']],
    ['options.maxTokens', 'Max Tokens', [0, NaN, Infinity, 'long']],
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
