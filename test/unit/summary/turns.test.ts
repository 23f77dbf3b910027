import { ServiceError } from '../../../core/http/errors';
import { DEFAULT_SUMMARY_PROMPT } from '../../../core/summary/prompt';
import { summarizeSession, type Model, type SummaryOptions } from '../../../core/summary/summarize';
import { createTurns } from '../../../core/summary/turns';
import type { SessionMemory } from '../../../core/memory/types';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { action, batch, DAY_MS, ref, testMemory } from '../../support/memory';

let clock: FakeClock;
let memory: SessionMemory;
beforeEach(async () => {
  clock = createFakeClock();
  memory = await testMemory(clock);
});
afterEach(() => memory.close());

const remember = async (session: string, ...said: string[]) =>
  await memory.remember(
    'm',
    [
      batch(
        session,
        said.map((one) => action(one)),
      ),
    ],
    DAY_MS,
  );

async function run<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => (done = true));
  finished.catch(() => {});
  while (!done) await clock.advance(clock.timers() > 0 ? 1_000 : 0);
  return await finished;
}

function summarizer(model: Model, { atOnce = 2, threshold = 1 } = {}) {
  const turns = createTurns(clock)(atOnce);
  const parts = { memory, model, turns, clock, random: () => 0.5 };
  const options = {
    threshold,
    linkedOnly: false,
    template: DEFAULT_SUMMARY_PROMPT,
    timeoutMs: 60_000,
    includePaused: false,
  };
  return async (session: string, more: Partial<SummaryOptions> = {}) =>
    await summarizeSession(parts, ref(session), { ...options, ...more });
}

describe('a model', () => {
  it('is asked for at most as many summaries at once as allowed, and for all in the end', async () => {
    const sessions = Array.from({ length: 9 }, (_, i) => `s${i}`);
    for (const session of sessions) await remember(session, 'clicked');
    let underWay = 0;
    let most = 0;
    const summarize = summarizer(async () => {
      most = Math.max(most, (underWay += 1));
      await new Promise<void>((resolve) => clock.after(1_000, resolve));
      underWay -= 1;
      return 'They clicked.';
    });
    const outcomes = await run(Promise.all(sessions.map((one) => summarize(one))));
    expect(most).toBe(2);
    expect(outcomes.every(({ summarized }) => summarized)).toBe(true);
  });

  it('does not delay sessions that need no summary', async () => {
    await remember('long', 'a', 'b');
    await remember('short', 'a');
    let answer = (_: string) => {};
    const asked = new Promise<string>((resolve) => (answer = resolve));
    const summarize = summarizer(async () => await asked, { atOnce: 1, threshold: 2 });
    const long = summarize('long');
    expect(await summarize('short')).toEqual({ summarized: false, summary: null, waiting: 1 });
    answer('They did a and b.');
    expect(await run(long)).toMatchObject({ summarized: true });
  });

  it('that is slow delays other sessions only for a short time, and they are due again later', async () => {
    for (const session of ['a', 'b']) await remember(session, 'x');
    await memory.link('m', { chat: 'crisp', conversation_id: 'c', session_id: 'b' }, DAY_MS);
    let calls = 0;
    const summarize = summarizer(
      async () => {
        calls += 1;
        if (calls === 1) await new Promise<void>((resolve) => clock.after(50_000, resolve));
        return 'They did x.';
      },
      { atOnce: 1 },
    );
    const slow = summarize('a');
    const other = run(summarize('b'));
    expect(await other).toEqual({
      summarized: false,
      summary: null,
      waiting: 1,
      leftForLater: true,
    });
    expect(calls).toBe(1);
    expect(await run(slow)).toMatchObject({ summarized: true });
    const due = await memory.unfinished('m', { limit: 10 });
    expect(due.map(({ session_id }) => session_id)).toEqual(['b']);
    expect(await run(summarize('b'))).toMatchObject({ summarized: true });
  });

  it('that cannot keep up delays new activity less than a wake-up, which takes the place of none', async () => {
    const sessions = Array.from({ length: 6 }, (_, i) => `s${i}`);
    for (const session of sessions) await remember(session, 'x');
    const delays = async (includePaused: boolean) => {
      const summarize = summarizer(
        async () => {
          await new Promise<void>((resolve) => clock.after(40_000, resolve));
          return 'They did x.';
        },
        { atOnce: 1 },
      );
      const began = clock.now();
      const some = sessions.map(async (one) => {
        const { leftForLater } = await summarize(one, { includePaused });
        return leftForLater ? Math.round((clock.now() - began) / 1_000) : 'done';
      });
      return (await run(Promise.all(some))).toSorted();
    };
    expect(await delays(false)).toEqual([15, 15, 5, 5, 5, 'done']);
    // One of them was summarized before.
    expect(await delays(true)).toEqual([15, 15, 15, 15, 'done', 'done']);
  });

  it('frees its turn when it fails', async () => {
    for (const session of ['a', 'b', 'c']) await remember(session, 'x');
    const summarize = summarizer(async () => await Promise.reject(wrongKey), { atOnce: 1 });
    const outcomes = await run(Promise.allSettled(['a', 'b', 'c'].map((one) => summarize(one))));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  });
});

const wrongKey = new ServiceError("The model's server", 401, '', 'Wrong key');
const tooFast = (retryAfterMs: number) =>
  new ServiceError("The model's server", 429, '', 'Too fast', { retryAfterMs });

describe('a server that asks for a pause', () => {
  it('gets no call before the pause is over', async () => {
    for (const session of ['a', 'b', 'c']) await remember(session, 'x');
    const at: number[] = [];
    const began = clock.now();
    const summarize = summarizer(
      async () => {
        at.push(clock.now() - began);
        if (at.length === 1) throw tooFast(10_000);
        return 'They did x.';
      },
      { atOnce: 1 },
    );
    const outcomes = await run(Promise.all(['a', 'b', 'c'].map((one) => summarize(one))));
    expect(outcomes.every(({ summarized }) => summarized)).toBe(true);
    expect(at).toHaveLength(4);
    expect(at[1]).toBeGreaterThanOrEqual(10_000);
  });

  it('makes sessions pause as long if the pause is a long one', async () => {
    for (const session of ['a', 'b']) await remember(session, 'x');
    let calls = 0;
    const summarize = summarizer(async () => {
      calls += 1;
      throw tooFast(600_000);
    });
    await expect(run(summarize('a'))).rejects.toThrow('Too fast');
    // Another session finds out without a call.
    await expect(run(summarize('b'))).rejects.toThrow('Too fast');
    expect(calls).toBe(1);
    await clock.advance(590_000);
    expect(await run(summarize('a'))).toMatchObject({ summarized: false });
    expect(calls).toBe(1);
    await clock.advance(11_000);
    await expect(run(summarize('a'))).rejects.toThrow('Too fast');
    expect(calls).toBe(2);
  });

  it('is asked again when the time is over, however many sessions want to ask meanwhile', async () => {
    let calls = 0;
    const summarize = summarizer(async () => {
      if ((calls += 1) === 1) throw tooFast(120_000);
      return 'They did x.';
    });
    for (const minute of [0, 1, 2]) {
      const session = `after ${minute} minutes`;
      await remember(session, 'x');
      const outcome = run(summarize(session));
      if (minute < 2) await expect(outcome).rejects.toThrow('Too fast');
      else expect(await outcome).toMatchObject({ summarized: true });
      await clock.advance(61_000);
    }
    expect(calls).toBe(2);
  });

  it('for years, as one that answers with a date in seconds, is asked again within the hour', async () => {
    let calls = 0;
    const summarize = summarizer(async () => {
      if ((calls += 1) === 1) throw tooFast(1_767_225_660_000);
      return 'They did x.';
    });
    await remember('a', 'x');
    await expect(run(summarize('a'))).rejects.toThrow('Too fast');
    await clock.advance(3_600_000);
    expect(await run(summarize('a'))).toMatchObject({ summarized: true });
  });

  it.each([
    [{ status: 429, headers: { 'Retry-After': '20' } }],
    // Another implementation of the same interface, as node-fetch has one.
    [{ status: 429, headers: { get: (name: string) => (name === 'retry-after' ? '20' : null) } }],
    [{ status: 429, headers: new Headers({ 'retry-after-ms': '20000' }) }],
    [{ response: { status: 429, headers: { 'retry-after': '20' } } }],
  ])('may be that of a connected model: %j', async (fields) => {
    await remember('a', 'x');
    const began = clock.now();
    let calls = 0;
    const summarize = summarizer(async () => {
      if ((calls += 1) === 1) throw Object.assign(new Error('429'), fields);
      return 'They did x.';
    });
    expect(await run(summarize('a'))).toMatchObject({ summarized: true });
    expect(clock.now() - began).toBeGreaterThanOrEqual(20_000);
  });
});

describe('a prompt that is refused', () => {
  const many = Array.from({ length: 120 }, (_, i) => `did ${'this and that '.repeat(8)} ${i}`);
  const refusing = (status: number, most: number, sizes: number[]): Model => {
    return async (prompt) => {
      sizes.push(prompt.length);
      if (prompt.length > most) throw new ServiceError("The model's server", status, '', 'No');
      return 'They did this and that.';
    };
  };

  it.each([400, 413, 422])('with %s is halved until it is accepted', async (status) => {
    await remember('a', ...many);
    const sizes: number[] = [];
    const outcome = await run(summarizer(refusing(status, 6_000, sizes))('a'));
    expect(outcome).toEqual({
      summarized: true,
      summary: 'They did this and that.',
      waiting: 0,
    });
    expect(sizes.filter((size) => size > 6_000).length).toBeLessThan(4);
  });

  it.each([401, 404])('with %s is not shortened', async (status) => {
    await remember('a', ...many);
    const sizes: number[] = [];
    await expect(run(summarizer(refusing(status, 0, sizes))('a'))).rejects.toThrow('No');
    expect(sizes).toHaveLength(1);
  });

  it.each(['Invalid model: no-model', 'API key not valid.', "model 'x' not found"])(
    'for another reason is not made shorter: %s',
    async (message) => {
      await remember('a', ...many);
      let calls = 0;
      const summarize = summarizer(async () => {
        calls += 1;
        throw new ServiceError("The model's server", 400, '', message);
      });
      await expect(run(summarize('a'))).rejects.toThrow(message);
      expect(calls).toBe(1);
    },
  );

  it('is not shortened any more when it is short', async () => {
    await remember('a', ...many);
    const sizes: number[] = [];
    await expect(run(summarizer(refusing(400, 0, sizes))('a'))).rejects.toThrow('No');
    expect(sizes.length).toBeLessThan(5);
  });

  it('is never longer than small models accept, however long the actions are', async () => {
    await remember('a', ...Array.from({ length: 250 }, (_, i) => `${'x'.repeat(2_000)} ${i}`));
    const sizes: number[] = [];
    const outcome = await run(summarizer(refusing(400, 1e9, sizes))('a'));
    expect(outcome).toMatchObject({ summarized: true, waiting: 0 });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(40_000);
  });
});

describe('a limit for everything together', () => {
  const slow = (ms: number): Model => {
    return async (_, signal) => {
      await new Promise<void>((resolve, reject) => {
        clock.after(ms, resolve);
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
      return 'A summary';
    };
  };

  it('leaves a summary for later that the model does not write in time', async () => {
    await remember('s', 'came', 'clicked');
    const began = clock.now();
    const outcome = await run(summarizer(slow(10_000))('s', { limitMs: 4_000 }));
    expect(outcome).toEqual({ summarized: false, summary: null, waiting: 2, leftForLater: true });
    expect(clock.now() - began).toBe(4_000);
    await clock.advance(60_000);
    // Without the limit, as the step behind the stream does it.
    expect(await run(summarizer(slow(10_000))('s'))).toMatchObject({ summarized: true });
  });

  it('is no limit for a model that is fast enough', async () => {
    await remember('s', 'came');
    expect(await run(summarizer(slow(3_000))('s', { limitMs: 4_000 }))).toEqual({
      summarized: true,
      summary: 'A summary',
      waiting: 0,
    });
  });

  it('covers the waiting for a turn and for another attempt', async () => {
    await remember('busy', 'came');
    await remember('s', 'came');
    const summarize = summarizer(slow(30_000), { atOnce: 1 });
    const other = summarize('busy');
    await clock.advance(0);
    const began = clock.now();
    expect(await run(summarize('s', { limitMs: 4_000 }))).toMatchObject({ leftForLater: true });
    expect(clock.now() - began).toBe(4_000);
    await run(other);
    const failing = summarizer(async () => Promise.reject(new Error('No')));
    await clock.advance(60_000);
    expect(await run(failing('s', { limitMs: 100 }))).toMatchObject({ leftForLater: true });
  });

  it('allows a long visit in one round', async () => {
    await remember('s', ...Array.from({ length: 450 }, (_, i) => `clicked ${i}`));
    let rounds = 0;
    const model: Model = async () => `Round ${(rounds += 1)}`;
    expect(await run(summarizer(model)('s', { limitMs: 4_000 }))).toMatchObject({ waiting: 0 });
    expect(rounds).toBe(1);
  });
});

it('the latest actions can be left out of a summary, for a Recall that lists them', async () => {
  const prompts: string[] = [];
  const summarize = summarizer(async (prompt) => `Summary ${prompts.push(prompt)}`, {
    threshold: 2,
  });
  const leave = { windowMs: 120_000, maxActions: 3 };
  await remember('s', 'old 1', 'old 2', 'old 3');
  // All are of the last two minutes.
  expect(await run(summarize('s', { leave }))).toMatchObject({ summarized: false, waiting: 3 });
  await clock.advance(180_000);
  await remember('s', 'new 1', 'new 2');
  expect(await run(summarize('s', { leave }))).toMatchObject({ summarized: true, waiting: 2 });
  expect(prompts[0]).toContain('old 3');
  expect(prompts[0]).not.toContain('new 1');
  const recalled = await memory.recall('m', { session_id: 's', ...leave });
  expect(recalled?.summary).toBe('Summary 1');
  expect(recalled?.actions.map(({ description }) => description)).toEqual(['new 1', 'new 2']);
  // More than the Recall lists: the rest is summed up.
  await remember('s', 'new 3', 'new 4', 'new 5');
  expect(await run(summarize('s', { leave }))).toMatchObject({ summarized: true, waiting: 3 });
  expect(prompts[1]).toContain('new 2');
  expect(prompts[1]).not.toContain('new 3');
});
