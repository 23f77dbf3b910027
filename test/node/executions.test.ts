import type { IRun } from 'n8n-workflow';
import { createExecutions } from '../../nodes/shared/batching/executions';
import { releaseSessions } from '../../nodes/shared/release';
import { listenToSteps } from '../../nodes/shared/signals';
import { createFakeClock, settle } from '../support/fakeClock';
import { batch } from '../support/batches';

function setUp(executionTimeout = 0, env: NodeJS.ProcessEnv = {}) {
  const clock = createFakeClock();
  const closing = new AbortController();
  const warnings: string[] = [];
  const emitted: {
    data: unknown;
    answer?: { resolve(response: unknown): void; reject(error: Error): void };
    done: { resolve(run?: Partial<IRun>): void; reject(error: Error): void };
  }[] = [];
  const context = {
    emit: (data: unknown, answer: never, done: never) => emitted.push({ data, answer, done }),
    helpers: {
      createDeferredPromise: () => {
        const { promise, resolve, reject } = Promise.withResolvers();
        return { promise, resolve, reject };
      },
    },
    getNode: () => ({ name: 'Autoplay Stream' }),
    getWorkflow: () => ({ id: 'w' }),
    logger: { warn: (message: string) => warnings.push(message) },
  };
  const execute = createExecutions(context as never, {
    clock,
    executionTimeout,
    signal: closing.signal,
    env,
  });
  return { clock, closing, warnings, emitted, execute };
}

it('emits one item per session and waits for the end of the execution', async () => {
  const { clock, emitted, execute } = setUp();
  const items = [batch('s1', ['a']), batch('s2', ['b'])];
  const result = execute(items);
  expect(emitted[0]?.data).toEqual([[{ json: items[0] }, { json: items[1] }]]);
  expect(await Promise.race([result, settle()])).toBeUndefined();
  emitted[0]?.done.resolve({ status: 'success' });
  expect(await result).toBe('done');
  expect(clock.timers()).toBe(0);
});

it.each([
  ['error', 'failed'],
  ['crashed', 'failed'],
  ['canceled', 'failed'],
  ['success', 'done'],
  ['waiting', 'done'],
] as const)('takes a run that is %s for %s', async (status, expected) => {
  const { emitted, execute } = setUp();
  const result = execute([]);
  emitted[0]?.done.resolve({ status });
  expect(await result).toBe(expected);
});

it('takes a run for failed in which a step left work though the run succeeded', async () => {
  const { emitted, execute } = setUp();
  const result = execute([]);
  const data = { resultData: { runData: {}, metadata: { autoplay_failed: '2' } } };
  emitted[0]?.done.resolve({ status: 'success', data } as never);
  expect(await result).toBe('failed');
});

it('takes a run that was cancelled or could not start for failed, and none at all for done', async () => {
  const { emitted, execute } = setUp();
  const results = [execute([]), execute([])];
  emitted[0]?.done.reject(new Error('cancelled'));
  emitted[1]?.done.resolve(undefined);
  expect(await Promise.all(results)).toEqual(['failed', 'done']);
});

it('does not hold its sessions for ever when the end is never told', async () => {
  const { clock, warnings, execute } = setUp(3_600);
  const result = execute([]);
  await clock.advance(4_199_999);
  expect(await Promise.race([result, settle()])).toBeUndefined();
  await clock.advance(1);
  expect(await result).toBe('failed');
  expect(warnings).toEqual([expect.stringContaining('70 minutes')]);
});

it('ends every wait, in silence, when the trigger has closed', async () => {
  const { clock, closing, warnings, execute } = setUp();
  const results = [execute([]), execute([])];
  closing.abort();
  expect(await Promise.all(results)).toEqual(['failed', 'failed']);
  expect(warnings).toEqual([]);
  expect(clock.timers()).toBe(0);
});

describe('in queue mode', () => {
  const queue = { EXECUTIONS_MODE: 'queue' };
  const released = { product_id: 'shop', session_id: 's', action_id: 'a' };
  const heard: unknown[] = [];
  let unlisten: () => void;
  beforeEach(() => {
    heard.length = 0;
    const nothing = () => {};
    const others = {
      ...{ failed: nothing, leftForLater: nothing, lookAgainAt: nothing, problem: nothing },
    };
    unlisten = listenToSteps('w', { ...others, release: (activity) => heard.push(activity) });
  });
  afterEach(() => unlisten());

  /** What a step in a worker, where nobody listens, sends as its execution's answer. */
  async function sentFromWorker(): Promise<unknown> {
    const answers: unknown[] = [];
    await releaseSessions({
      getInputData: () => [{ json: { ...released, actions: [{ action_id: 'a' }] } }],
      getMode: () => 'trigger',
      getNode: () => ({ name: 'Deliver Activity' }) as never,
      getParentNodes: () => [{ type: 'n8n-nodes-autoplay.autoplayStreamTrigger' } as never],
      getWorkflow: () => ({ id: 'elsewhere' }) as never,
      sendResponse: async (answer) => void answers.push(answer),
    });
    return answers[0];
  }

  it('hears which sessions a worker releases before the execution ends', async () => {
    const { emitted, execute } = setUp(0, queue);
    const result = execute([]);
    emitted[0]?.answer?.resolve(await sentFromWorker());
    expect(await Promise.race([result, settle()])).toBeUndefined();
    expect(heard).toEqual([released]);
    emitted[0]?.done.resolve({ status: 'success' });
    expect(await result).toBe('done');
  });

  it.each([undefined, {}, { body: { message: 'Workflow execution failed' }, statusCode: 500 }])(
    'makes nothing of an answer that no step of ours gave (%j)',
    async (answer) => {
      const { emitted, execute } = setUp(0, queue);
      void execute([]);
      emitted[0]?.answer?.resolve(answer);
      await settle();
      expect(heard).toEqual([]);
    },
  );

  it('learns by its end alone that an execution failed', async () => {
    const { emitted, execute } = setUp(0, queue);
    const result = execute([]);
    emitted[0]?.answer?.reject(new Error('cancelled'));
    emitted[0]?.done.reject(new Error('cancelled'));
    expect(await result).toBe('failed');
  });

  it('asks for no answer where steps are in the same process', () => {
    const { emitted, execute } = setUp();
    void execute([]);
    expect(emitted[0]?.answer).toBeUndefined();
  });
});
