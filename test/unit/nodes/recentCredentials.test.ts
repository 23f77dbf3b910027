import type { IWebhookFunctions } from 'n8n-workflow';
import { createRecentCredentials } from '../../../nodes/shared/recentCredentials';
import { createFakeClock } from '../../support/fakeClock';

function setUp() {
  const clock = createFakeClock();
  const { of, checked } = createRecentCredentials(clock);
  let secret: string | Error = 'old';
  let reads = 0;
  const context = (node = 'n', mode = 'webhook', id: string | null = '1') =>
    ({
      getNode: () => ({ id: node, credentials: { api: { id, name: 'c' } } }),
      getWorkflow: () => ({ id: 'w' }),
      getMode: () => mode,
      async getCredentials() {
        reads += 1;
        if (secret instanceof Error) throw secret;
        return { secret };
      },
    }) as unknown as IWebhookFunctions;
  const secretIn = async (from: Pick<IWebhookFunctions, 'getCredentials'>) =>
    (await from.getCredentials<{ secret: string }>('api')).secret;
  return {
    clock,
    context,
    of,
    reads: () => reads,
    enter: (next: string | Error) => void (secret = next),
    read: async (...args: Parameters<typeof context>) => await secretIn(of(context(...args))),
    /** Whether a request with this secret is accepted. */
    accepts: async (given: string) =>
      await checked(
        context(),
        async (recent) => given === (await secretIn(recent)),
        (accepted) => !accepted,
      ),
  };
}

it('a credential is read once for the webhooks of five seconds', async () => {
  const { clock, read, reads, enter } = setUp();
  expect(await Promise.all([read(), read()])).toEqual(['old', 'old']);
  await clock.advance(5_000);
  enter('new');
  expect(await read()).toBe('old');
  expect(reads()).toBe(1);
  await clock.advance(1);
  expect(await read()).toBe('new');
  expect(reads()).toBe(2);
});

it.each<[string, [node: string, mode?: string, id?: string | null]]>([
  ['another node', ['n2']],
  ['another credential', ['n', 'webhook', '2']],
  ['a test in the editor', ['n', 'manual']],
  ['a credential without an id', ['n', 'webhook', null]],
])('%s reads it anew', async (_, args) => {
  const { read, reads, enter } = setUp();
  await read();
  enter('new');
  expect(await read(...args)).toBe('new');
  expect(reads()).toBe(2);
});

it('a failure is not kept', async () => {
  const { read, enter } = setUp();
  enter(new Error('broken'));
  await expect(read()).rejects.toThrow('broken');
  enter('new');
  expect(await read()).toBe('new');
});

it('a clock that is set back keeps nothing', async () => {
  const { clock, read, enter } = setUp();
  await clock.advance(60_000);
  await read();
  clock.jump(-30_000);
  enter('new');
  expect(await read()).toBe('new');
});

it('a secret that was corrected is accepted at once, and a replaced one for five seconds more', async () => {
  const { clock, accepts, enter } = setUp();
  expect(await accepts('old')).toBe(true);
  await clock.advance(1_001);
  enter('new');
  expect(await accepts('old')).toBe(true);
  expect(await accepts('new')).toBe(true);
  expect(await accepts('old')).toBe(false);
});

it('forged requests read it once a second, however many come', async () => {
  const { clock, accepts, reads } = setUp();
  for (let second = 0; second < 3; second += 1) {
    for (let i = 0; i < 50; i += 1) expect(await accepts('forged')).toBe(false);
    await clock.advance(1_001);
  }
  expect(reads()).toBe(3);
});
