import { demo, startSimulators, type Simulators } from '../../../simulators';
import { posthogKeys, posthogProject } from '../../../simulators/demo';
import { acts } from '../../../simulators/inbox/acts';
import { createRandom } from '../../../simulators/random';
import { manualClock, until } from './support';

let clock: ReturnType<typeof manualClock>;
let simulators: Simulators;

beforeEach(async () => {
  clock = manualClock();
  simulators = await startSimulators({
    source: 'posthog',
    lively: false,
    clock,
    random: createRandom(5),
  });
});
afterEach(() => simulators.stop());

const inbox = async (path: string): Promise<any> =>
  (await fetch(simulators.urls.inbox + path)).json();
const captured = () => simulators.posthog.journal.mutations;
const person = async (id: string) =>
  (await inbox('/api/people')).find((one: { id: string }) => one.id === id);

it('the visitors’ steps become events as posthog-js sends them, and nothing else', () => {
  let framed = 0;
  simulators.connector.tap(() => (framed += 1));
  const { sessionId } = simulators.crowd.visitor('70');
  simulators.crowd.act('70', acts['export-fails']);
  expect(captured().map(({ event }) => event)).toEqual([
    '$pageview',
    '$identify',
    '$autocapture',
    '$autocapture',
    'export failed',
    '$autocapture',
    '$autocapture',
    '$rageclick',
    '$autocapture',
  ]);
  const [view, identify, option, button] = captured();
  expect(view!.properties).toMatchObject({
    $session_id: sessionId,
    title: 'Export',
    $is_identified: false,
  });
  expect(view!.properties.$pathname).toMatch(/^\/boards\/\d+\/export$/);
  expect(identify).toMatchObject({
    distinct_id: '70',
    properties: { $anon_distinct_id: view!.distinct_id },
    $set: { email: 'amara.okafor@brightleaf.example', name: 'Amara Okafor' },
  });
  expect(option!.properties.$elements_chain).toMatch(/^div\.choice:.*text="CSV";section/);
  expect(button!.properties.$elements_chain).toMatch(/^span:.*text="Export";button\.btn/);
  const times = captured().map(({ happenedAt }) => happenedAt);
  expect(Math.max(...times)).toBeLessThanOrEqual(clock.now());
  expect(framed).toBe(0);
});

it('every step of a long visit can be told, with a label where there is one', () => {
  simulators.crowd.act('71', { count: 400 });
  const clicks = captured().filter(({ event }) => event === '$autocapture');
  expect(clicks.length).toBeGreaterThan(200);
  for (const { properties } of clicks) {
    expect(properties.$elements_chain).toMatch(/(?:text|attr__aria-label)="[^"]+"/);
  }
});

it('the inbox shows what PostHog captured, and whether n8n listens', async () => {
  simulators.crowd.act('70', acts['export-fails']);
  const { actions } = await person('70');
  expect(actions.map(({ type, description }: any) => `${type}: ${description}`)).toEqual([
    'pageview: User viewed Export',
    'click: User clicked CSV',
    'click: User clicked Export',
    'export failed: User did “export failed”',
    'click: User clicked Try again',
    'click: User clicked Try again',
    'rage click: User clicked in anger Try again',
    'click: User clicked Try again',
  ]);
  expect(await inbox('/api/connections')).toMatchObject({ stream: 'none' });
  const open = (token: string) =>
    fetch(`${simulators.urls.posthog}/events`, { headers: { Authorization: `Bearer ${token}` } });
  await open('wrong');
  expect(await inbox('/api/connections')).toMatchObject({ stream: 'refused' });
  open(simulators.posthog.access.issue(posthogProject, posthogKeys[0]!)!).catch(() => undefined);
  await until(() => simulators.posthog.live.subscribers() === 1);
  expect(await inbox('/api/connections')).toMatchObject({ stream: 'working' });
});

it('a destination of PostHog counts as listening, unless it is switched off', async () => {
  const destination = simulators.posthog.api.makeFunction(posthogProject.id, {
    type: 'destination',
    template_id: 'template-webhook',
    name: 'n8n',
    enabled: true,
    inputs: { url: { value: 'http://127.0.0.1:9/hook' } },
  });
  expect(await inbox('/api/connections')).toMatchObject({ stream: 'working' });
  destination.enabled = false;
  expect(await inbox('/api/connections')).toMatchObject({ stream: 'none' });
});

it('a visitor goes on in the browser of the one who signs in as them, and no longer alone', async () => {
  const sessionId = '01a0c44e-9740-7c1d-8f2a-6b9e4d1c0a77';
  const send = (event: string, distinct_id: string, properties: Record<string, unknown> = {}) =>
    simulators.posthog.capture({
      event,
      distinct_id,
      properties: { $session_id: sessionId, ...properties },
    });
  send('$pageview', 'anonymous-1', { title: 'Pricing', $is_identified: false });
  send('$identify', '71', { $anon_distinct_id: 'anonymous-1', $is_identified: true });
  send('plan upgraded', '71', { $is_identified: true });
  const { sessionId: now, active, here, actions } = await person('71');
  expect({ now, active, here }).toEqual({ now: sessionId, active: false, here: true });
  expect(actions.map(({ description }: any) => description)).toEqual([
    'User viewed Pricing',
    'User did “plan upgraded”',
  ]);
});

describe('the website', () => {
  const get = async (path: string) => {
    const response = await fetch(simulators.urls.inbox + path);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  it('has its pages, which load and call nothing but themselves and PostHog', async () => {
    const names = ['', 'pricing', 'signup', 'dashboard', 'export', 'billing'];
    for (const name of names) {
      const { status, headers, text } = await get(`/site/${name}`);
      expect([name, status, headers.get('content-type')]).toEqual([
        name,
        200,
        'text/html; charset=utf-8',
      ]);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain(`script-src 'self' ${simulators.urls.posthog};`);
      expect(text.match(/(?:src|href)="(?!\/|data:,)[^"]*"/g)).toBeNull();
    }
    expect((await inbox('/api/demo')).website).toBe('/site/');
  });

  it('knows its project and the visitors', async () => {
    const { text } = await get('/site/config.js');
    const json = /^window\.northwind = (.*);$/m.exec(text)![1]!;
    expect(JSON.parse(json)).toMatchObject({
      posthog: { url: simulators.urls.posthog, token: posthogProject.apiToken },
      people: expect.arrayContaining([expect.objectContaining({ id: '70' })]),
    });
    expect(text).not.toContain(demo.posthogKey);
  });

  it.each(['/site/nothing', '/site/home.html', '/site/../package.json', '/site/%2e%2e/api.ts'])(
    'has nothing at %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});

it('with Autoplay as the source, there is no website', async () => {
  const usual = await startSimulators({ lively: false });
  expect((await fetch(`${usual.urls.inbox}/site/`)).status).toBe(404);
  await usual.stop();
});
