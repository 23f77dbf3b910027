import type { SessionBatch } from '../../../core/payload/types';
import type { Problem } from '../../../core/stream/problems';
import type { StreamState } from '../../../core/stream/stream';
import { posthogFields } from '../../../nodes/PosthogActivityTrigger/connection';
import { liveSource } from '../../../nodes/PosthogActivityTrigger/liveSource';
import { demo, posthogKeys, posthogProject } from '../../../simulators/demo';
import { createPosthogSimulator, type PosthogSimulator } from '../../../simulators/posthog';
import { createRandom } from '../../../simulators/random';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { until } from '../../support/until';

// PostHog's live stream, from its bytes to batches, on the simulator's and the node's common clock.

const MINUTE = 60_000;
const SESSION = '01a0c44e-9740-7c1d-8f2a-6b9e4d1c0a77';

let clock: FakeClock;
let posthog: PosthogSimulator;
let url: string;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  clock = createFakeClock();
  posthog = createPosthogSimulator({
    projects: [posthogProject],
    keys: posthogKeys,
    clock,
    random: createRandom(7),
  });
  ({ url } = await posthog.listen());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await posthog.close();
});

function setUp(credential: Record<string, string> = {}, ask: typeof fetch = fetch) {
  const batches: SessionBatch[] = [];
  const problems: Problem[] = [];
  const states: StreamState[] = [];
  const logged: unknown[] = [];
  const log = (...said: unknown[]) => void logged.push(said);
  const fields = { region: 'custom', baseUrl: url, liveUrl: url, personalApiKey: demo.posthogKey };
  const source = liveSource({
    name: 'PostHog',
    credential: async () => posthogFields({ ...fields, ...credential }),
    events: { custom: [{ name: 'plan upgraded', properties: ['plan'] }], all: false },
    fetch: ask,
    clock,
    random: () => 0,
    logger: { debug: log, info: log, warn: log, error: log },
  })({
    onBatch: (batch) => void batches.push(batch),
    onProblem: (problem) => void problems.push(problem),
    onState: (state) => void states.push(state),
  });
  cleanups.push(() => source.stop());
  const said = () => batches.flatMap(({ actions }) => actions.map((one) => one.description));
  const isFollowed = (by = 1) => until(() => posthog.live.subscribers() === by);
  return { source, batches, problems, states, said, logged, isFollowed };
}

/** An event of a visitor who has signed in. */
function acts(event: string, properties: Record<string, unknown> = {}) {
  posthog.capture({
    event,
    distinct_id: 'u_42',
    properties: {
      ...{
        $session_id: SESSION,
        $window_id: 'w',
        $current_url: 'https://app.example.com/plans?x=1',
      },
      ...{ $pathname: '/plans', $host: 'app.example.com', $is_identified: true, ...properties },
    },
  });
}

it('asks for the project’s token and for what it reads, and brings what visitors do', async () => {
  const { source, batches, isFollowed } = setUp();
  source.start();
  await isFollowed();
  acts('$pageview', { title: 'Plans', $referrer: 'x' });
  acts('plan upgraded', { plan: 'team', card: '4242' });
  acts('other', {});
  acts('$web_vitals', {});
  await until(() => batches.length === 2);
  expect(batches).toMatchObject([
    {
      ...{ product_id: '7', session_id: SESSION, user_id: 'u_42' },
      project_url: `${url}/project/7`,
      actions: [{ description: 'User opened the Plans page' }],
    },
    { actions: [{ description: 'Plan upgraded (plan: team) on the Plans page' }] },
  ]);
  expect(JSON.stringify(batches)).not.toContain('4242');
  const asked = posthog.journal.requests.map(({ path }) => path);
  expect(asked.filter((path) => path.startsWith('/api/'))).toEqual(['/api/projects/@current/']);
});

it('loses nothing and tells nothing twice while the server ends one connection after the other', async () => {
  const { source, said, states, problems, isFollowed } = setUp();
  source.start();
  await isFollowed();
  const sent: string[] = [];
  for (let minute = 0; minute < 95; minute += 1) {
    const $pathname = `/page-${String.fromCharCode(97 + (minute % 26))}-${'x'.repeat(minute)}`;
    acts('$pageview', { $pathname, title: '' });
    sent.push($pathname);
    await clock.advance(MINUTE);
    await until(() => posthog.live.subscribers() >= 1);
    await until(() => said().length === sent.length);
  }
  expect(said()).toHaveLength(sent.length);
  expect(new Set(said()).size).toBe(sent.length);
  expect(states.filter(({ name }) => name === 'waiting')).toEqual([]);
  expect(problems).toEqual([]);
});

it('reads so fast that PostHog’s buffer of 100 frames never runs over, at 2,000 events a second', async () => {
  // As n8n asks. A compressor works in a thread, for which a test would have to wait.
  const plainly: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('accept-encoding', 'identity');
    return fetch(input, { ...init, headers });
  };
  const { source, batches, isFollowed } = setUp({}, plainly);
  source.start();
  await isFollowed();
  const [seconds, ticks, perTick] = [5, 100, 20];
  // In a hundredth of a second, an event loop that nothing holds up comes round far more often.
  const rounds = 20;
  // In all, far more than a socket takes whose other end does not read.
  const $referrer = `https://example.com/${'x'.repeat(2_000)}`;
  const $elements_chain = `button:text="Save";${'div.a.b:nth-child="1";'.repeat(60)}body:`;
  for (let tick = 0; tick < seconds * ticks; tick += 1) {
    for (let i = 0; i < perTick; i += 1) {
      acts('$autocapture', { $event_type: 'click', $elements_chain, $referrer });
    }
    for (let i = 0; i < rounds; i += 1) await new Promise(setImmediate);
  }
  await until(() => batches.length + posthog.live.counts.dropped >= seconds * ticks * perTick);
  expect(posthog.live.counts.dropped).toBe(0);
  expect(batches).toHaveLength(seconds * ticks * perTick);
});

it('follows a project in which nothing happens, hour after hour', async () => {
  const { source, problems, states, isFollowed } = setUp();
  source.start();
  await isFollowed();
  for (let minute = 0; minute < 200; minute += 1) await clock.advance(MINUTE);
  await until(() => posthog.live.subscribers() >= 1);
  expect(problems).toEqual([]);
  expect(states.filter(({ name }) => name === 'waiting')).toEqual([]);
});

it('says which scope a key lacks, and goes on once the key is mended', async () => {
  const credential = { personalApiKey: 'phx_wrong' };
  const { source, problems, said, logged, isFollowed } = setUp(credential);
  source.start();
  await until(() => problems.length === 1);
  expect(problems[0]).toMatchObject({
    code: 'bad_key',
    message: expect.stringContaining('Personal API Key'),
  });
  credential.personalApiKey = demo.posthogKey;
  await clock.advance(10_000);
  await isFollowed();
  acts('$pageview', { title: 'Plans' });
  await until(() => said().length === 1);
  expect(JSON.stringify([problems, logged])).not.toContain('phx_wrong');
});

it('stays with its project when the owner of the key opens another one', async () => {
  posthog.access.setLifetime(20 * MINUTE);
  const { source, isFollowed } = setUp();
  source.start();
  await isFollowed();
  await clock.advance(28 * MINUTE);
  await isFollowed(2);
  const asked = posthog.journal.requests.map(({ path }) => path);
  expect(asked.filter((path) => path.startsWith('/api/'))).toEqual([
    '/api/projects/@current/',
    '/api/projects/7/',
  ]);
});

it('fetches another token before its own expires', async () => {
  posthog.access.setLifetime(20 * MINUTE);
  const { source, said, problems, isFollowed } = setUp();
  source.start();
  await isFollowed();
  await clock.advance(28 * MINUTE);
  await isFollowed(2);
  await clock.advance(2 * MINUTE);
  await isFollowed(1);
  acts('$pageview', { title: 'Plans' });
  await until(() => said().length === 1);
  expect(problems).toEqual([]);
});
