import type { IDataObject } from 'n8n-workflow';
import { ServiceError, UnreachableError } from '../../../core/http/errors';
import { EmptyAnswerError, MODEL_SERVER } from '../../../core/summary/modelErrors';
import { runItems, type Item, type Outcome, type Work } from '../../../nodes/shared/operations/run';
import { listenToSteps } from '../../../nodes/shared/signals';
import { stepContext, type StepOptions } from '../../support/stepContext';

type Step = Omit<Work, 'begin'> & Pick<StepOptions, 'type' | 'items' | 'continueOnFail'>;

/** What comes out of a step that does `run` with each item, by output. */
async function outputsOf(
  run: (item: Item) => Promise<Outcome>,
  { type, items, continueOnFail = true, ...work }: Step = {},
) {
  const context = stepContext({ type, items, continueOnFail });
  return await runItems(context, { ...work, begin: async () => run });
}

/** The item that comes out of a step that fails so. */
async function failWith(error: Error, json: IDataObject = {}, step: Step = {}) {
  const [[out] = []] = await outputsOf(() => Promise.reject(error), { items: [{ json }], ...step });
  return out!;
}

/** What an item that failed so is told to do. */
async function adviceFor(error: Error): Promise<unknown> {
  const { error: shown } = await failWith(error);
  return (shown as { description?: unknown } | undefined)?.description;
}

it.each([429, 420])('says of a %d that there were too many calls', async (status) => {
  const error = new ServiceError('Crisp', status, 'rate_limited', 'The quota is used up');
  expect(await adviceFor(error)).toMatch(/^Too many calls.* Crisp calls this "rate_limited"\.$/);
});

it.each([
  ['Intercom', 401, 'Check Access Token and Region in the Intercom Conversation API credential'],
  ['Intercom', 403, 'The app lacks a permission'],
  ['Intercom', 404, 'Check Conversation ID'],
  ['Crisp', 401, 'Check Token Tier, Token Identifier and Token Key'],
  ['Crisp', 403, 'Check Website ID'],
  [MODEL_SERVER, 401, 'Check API Key in the OpenAI credential'],
  [MODEL_SERVER, 404, 'Check Model'],
])('says of a %s %d which field to look at', async (service, status, advice) => {
  expect(await adviceFor(new ServiceError(service, status, '', 'No'))).toContain(advice);
});

it('says of an empty answer that the model may have used up its room', async () => {
  expect(await adviceFor(new EmptyAnswerError())).toMatch(/raise Max Tokens/);
});

it("names the service's own word once", async () => {
  expect(await adviceFor(new ServiceError('Crisp', 400, 'invalid_data', 'Too long'))).toBe(
    'Crisp calls this "invalid_data".',
  );
  const repeated = new ServiceError('Crisp', 400, 'invalid_data', 'invalid_data');
  expect(await adviceFor(repeated)).not.toContain('calls this');
});

it("keeps our words where n8n has general ones for a system's error code", async () => {
  const cause = new UnreachableError(
    'Intercom',
    'Intercom cannot be reached: connect ECONNREFUSED',
  );
  const { error } = await failWith(cause, { conversation_id: '7' });
  expect(error?.message).toBe(
    'Intercom cannot be reached: connect ECONNREFUSED (conversation 7). Nothing was done. Check the way to it.',
  );
});

describe('an outcome', () => {
  const items = [1, 2, 3].map((n) => ({ json: { n } }));

  it('goes out beside the fields that came in, in their order and paired with them', async () => {
    const run = async ({ json: { n } }: Item) => {
      // The first item is done last.
      for (let i = 0; i < 9 - 3 * Number(n); i += 1) await Promise.resolve();
      return { json: { squared: Number(n) ** 2 } };
    };
    expect(await outputsOf(run, { items })).toEqual([
      [1, 2, 3].map((n, item) => ({ json: { n, squared: n * n }, pairedItem: { item } })),
    ]);
  });

  it('leaves by the output that it names', async () => {
    const run = async ({ index }: Item) => ({ json: {}, output: index % 2 });
    const out = await outputsOf(run, { items, outputs: 2 });
    expect(out.map((some) => some.map(({ json: { n } }) => n))).toEqual([[1, 3], [2]]);
  });

  it('is replaced by what is found out once all items are done', async () => {
    const done: number[] = [];
    const run = async ({ index }: Item): Promise<Outcome> => {
      done.push(index);
      const afterAll = async () =>
        index === 1 ? { json: { done: done.length }, output: 1 } : undefined;
      return { json: { claimed: true }, afterAll };
    };
    const out = await outputsOf(run, { items, outputs: 2 });
    expect(out.map((some) => some.map(({ json }) => json))).toEqual([
      [
        { n: 1, claimed: true },
        { n: 3, claimed: true },
      ],
      [{ n: 2, done: 3 }],
    ]);
  });
});

describe('an item that fails', () => {
  const items = [1, 2].map((n) => ({ json: { n } }));
  const run = async ({ json: { n } }: Item) => {
    if (n === 1) throw new Error('No');
    return { json: { done: true }, output: 1 };
  };

  it('comes out with its error, and the others are done', async () => {
    const out = await outputsOf(run, { items, outputs: 2 });
    expect(out).toMatchObject([
      [{ json: { n: 1, error: 'No' }, error: { message: 'No' }, pairedItem: { item: 0 } }],
      [{ json: { n: 2, done: true } }],
    ]);
  });

  it('fails the step once the others are done, unless errors are to be continued with', async () => {
    const done: unknown[] = [];
    const running = outputsOf(
      async (item) => {
        await Promise.resolve();
        done.push(item.json.n);
        return await run(item);
      },
      { items, continueOnFail: false },
    );
    await expect(running).rejects.toMatchObject({ name: 'NodeOperationError', message: 'No' });
    expect(done).toEqual([1, 2]);
  });

  it.each([true, false])('is reported to the trigger if it is tried again: %j', async (retried) => {
    const heard: string[] = [];
    const unlisten = listenToSteps('w', {
      failed: () => heard.push('failed'),
      leftForLater: () => heard.push('left for later'),
      lookAgainAt: () => {},
      problem: () => {},
      release: () => {},
    });
    const leaving = async (item: Item) => ({ ...(await run(item)), leftForLater: true });
    await outputsOf(leaving, { items, outputs: 2, retried });
    unlisten();
    expect(heard).toEqual(['left for later', ...(retried ? ['failed'] : [])]);
  });
});

describe('a tool of an AI Agent', () => {
  const json = { conversation_id: 'c', toolCallId: 'call_1' };
  const tool = { type: 'crispConversationTool', items: [{ json }], outputs: 2 };

  it('answers its model by the first output, and nothing of what came in', async () => {
    const out = await outputsOf(async () => ({ json: { sent: true }, output: 1 }), tool);
    expect(out.map((some) => some.map((one) => one.json))).toEqual([[{ sent: true }], []]);
  });

  it('answers what is meant for a model, if there is such an answer', async () => {
    const run = async () => ({ json: { actions: [] }, toModel: { activity: 'Nothing' } });
    expect(await outputsOf(run, tool)).toMatchObject([[{ json: { activity: 'Nothing' } }], []]);
    const [[step] = []] = await outputsOf(run, { ...tool, type: 'crispConversation' });
    expect(step?.json).toEqual({ ...json, actions: [] });
  });

  it('answers with the error alone if it fails', async () => {
    const { json: answer } = await failWith(new Error('No'), json, { type: tool.type });
    expect(answer).toEqual({ error: 'No (conversation c)' });
  });
});

describe('the files of an item', () => {
  const binary = { file: { data: 'aGk=', mimeType: 'text/plain' } };
  const items = [{ json: { a: 1 }, binary }];

  it.each<[string, () => Promise<Outcome>]>([
    ['is done', async () => ({ json: { b: 2 } })],
    ['failed', () => Promise.reject(new Error('No'))],
  ])('go out with an item that %s', async (_, run) => {
    expect(await outputsOf(run, { items })).toMatchObject([[{ binary }]]);
  });

  it('do not go to the model of an AI Agent', async () => {
    const run = async () => ({ json: {} });
    const [[out] = []] = await outputsOf(run, { items, type: 'crispConversationTool' });
    expect(out).not.toHaveProperty('binary');
  });
});

describe('a failure of work that is retried', () => {
  const TOKEN = new ServiceError('Intercom', 401, 'unauthorized', 'Access Token Invalid');
  const session = (session_id: string) => ({ json: { session_id, product_id: 'p' } });
  const sessions = [session('s1'), session('s2'), session('s3')];
  let workflows = 0;

  /** A workflow of its own; what its steps do is given by the session. */
  function workflow() {
    const id = `quiet ${(workflows += 1)}`;
    let executions = 0;
    return async (
      failing: Record<string, Error>,
      {
        items = sessions,
        ...more
      }: Partial<StepOptions> & { retried?: boolean; credential?: object } = {},
    ) => {
      const hints: string[] = [];
      const customData: Record<string, string> = {};
      const { retried = true, credential, ...options } = more;
      const executionId = String((executions += 1));
      const context = {
        ...stepContext({ items, hints, customData, executionId, ...options }),
        getWorkflow: () => ({ id }),
        ...(credential && {
          getNode: () => ({ ...stepContext(options).getNode(), credentials: credential }),
        }),
      } as ReturnType<typeof stepContext>;
      const run = async ({ json }: Item): Promise<Outcome> => {
        const error = failing[String(json.session_id)];
        if (error) throw error;
        return { json: { done: true }, worked: true };
      };
      const ran = runItems(context, { begin: async () => run, retried });
      const [out, thrown] = await ran.then(
        ([first]) => [first, undefined] as const,
        (error: Error) => [undefined, error.message] as const,
      );
      const ids = out?.map(({ json, error }) =>
        error ? `failed ${String(json.session_id)}` : json.session_id,
      );
      return { out: out ?? [], ids, thrown, hints, failed: customData.autoplay_failed };
    };
  }
  const all = { s1: TOKEN, s2: TOKEN, s3: TOKEN };

  it('is thrown once; then the items that failed are left out, and the trigger learns of them', async () => {
    const run = workflow();
    const some = { s1: TOKEN, s3: TOKEN };
    const first = await run(some);
    expect(first.thrown).toContain('Intercom refused: Access Token Invalid');
    const { ids, hints, failed } = await run(some);
    expect([ids, failed]).toEqual([['s2'], '2']);
    expect(hints).toEqual([expect.stringMatching(/Access Token Invalid.* 1 more item/)]);
    // The work that failed first works again, so the next failure is a new one.
    await run({});
    expect((await run({ s3: TOKEN })).thrown).toContain('Access Token Invalid');
  });

  it('leaves by the error output once, with what to do in its text', async () => {
    const run = workflow();
    const settings = { continueOnFail: true, onError: 'continueErrorOutput' };
    const { out } = await run(all, settings);
    expect(out).toHaveLength(1);
    expect(out[0]?.json.error).toMatch(/Access Token Invalid.*\. Check Access Token and Region/);
    expect(await run(all, settings)).toMatchObject({ ids: [], failed: '3' });
  });

  it.each([
    ['in the editor', { mode: 'manual' }],
    ['where a person retries the execution', { mode: 'retry' }],
    ['where the work is not retried by itself', { retried: false }],
  ])('is shown each time %s', async (_, options) => {
    const run = workflow();
    await run(all);
    expect((await run(all, options)).thrown).toContain('Access Token Invalid');
  });

  it.each([
    ['where errors are to be continued with', { continueOnFail: true }],
    ['to the model of an AI Agent', { continueOnFail: true, type: 'crispConversationTool' }],
  ])('comes out each time %s', async (_, options) => {
    const run = workflow();
    await run(all);
    expect((await run(all, options)).out.map(({ error }) => Boolean(error))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('is another one for another code, another credential and another workflow', async () => {
    const run = workflow();
    await run({ s1: TOKEN });
    const other = new ServiceError('Intercom', 403, 'token_unauthorized', 'No');
    expect((await run({ s1: other })).thrown).toContain('No');
    const other2 = new ServiceError('Intercom', 429, 'rate_limit', 'Slow down');
    expect((await run({ s1: TOKEN, s2: other2 })).thrown).toContain('Slow down');
    const credential = { intercomConversationApi: { id: 'other', name: 'Other' } };
    expect((await run({ s1: TOKEN }, { credential })).thrown).toContain('Access Token Invalid');
    expect((await workflow()(all)).thrown).toContain('Access Token Invalid');
  });

  it('is the same one for other numbers and quotations in its words', async () => {
    const run = workflow();
    await run({ s1: new Error('The model "gpt-4o" has 12 of 10 requests left (req_7f3)') });
    const again = new Error('The model "gpt-5" has 9 of 10 requests left (req_8aa)');
    expect(await run({ s1: again })).toMatchObject({ thrown: undefined, ids: ['s2', 's3'] });
  });
});
