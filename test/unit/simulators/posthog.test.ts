import { createHash } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';

import {
  createPosthogSimulator,
  type PersonalKey,
  type PosthogOptions,
  type ProcessedEvent,
  type Project,
  type SdkEvent,
} from '../../../simulators/posthog';
import { pause } from '../../support/eventually';
import { collect, manualClock, until } from './support';

const project: Project = {
  id: 7,
  uuid: '01a0c44e-0000-7000-8000-000000000007',
  name: 'Boards',
  organizationId: '01a0c44e-0000-7000-8000-00000000000a',
  apiToken: 'phc_boards',
};
const other: Project = { ...project, id: 8, apiToken: 'phc_other' };
const key: PersonalKey = { value: 'phx_key', scopes: ['project:read'], userId: 1 };
const ANONYMOUS = '01a0c44e-9740-7aaa-8bbb-0123456789ab';
const NOON = Date.UTC(2026, 0, 15, 12);

const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

async function start(options: Partial<PosthogOptions> = {}) {
  const clock = manualClock();
  const posthog = createPosthogSimulator({
    projects: [{ ...project }, other],
    keys: [key],
    clock,
    ...options,
  });
  running.push(posthog);
  const { url, port } = await posthog.listen();
  const token = () => posthog.access.issue(project, key)!;
  const headers = () => ({ Authorization: `Bearer ${token()}` });
  /** Opens a stream; its head comes with its first frame. */
  const subscribe = async (query = '') => {
    const before = posthog.live.subscribers();
    const answer = fetch(`${url}/livestream/events${query}`, { headers: headers() });
    // A stream that is cut is of no interest here.
    answer.catch(() => undefined);
    await until(() => posthog.live.subscribers() > before);
    const frames = async (count: number) => {
      const received = collect(await answer);
      const told = () => received.text.split('\n\n').slice(0, -1);
      await until(() => told().length >= count || received.ended);
      return told().map((text) => JSON.parse(text.replace('id: \ndata: ', '')));
    };
    return { answer, frames };
  };
  const post = (path: string, body: string | Uint8Array, more: Record<string, string> = {}) =>
    fetch(url + path, { method: 'POST', body: body as string, headers: more });
  const processed: ProcessedEvent[] = [];
  posthog.onProcessed((event) => processed.push(event));
  return { posthog, clock, url, port, token, headers, subscribe, post, processed };
}

const event = (name: string, properties: Record<string, unknown> = {}): SdkEvent => ({
  event: name,
  distinct_id: 'u_42',
  properties,
});

describe('capture', () => {
  const named = { ...event('saved'), properties: { token: 'phc_boards', café: '☕' } };
  const json = JSON.stringify([named]);
  const base64 = Buffer.from(json).toString('base64');

  it.each<[string, string, string | Uint8Array]>([
    ['a list, as posthog-js sends it', '/i/v0/e/', json],
    ['one event', '/e/', JSON.stringify(named)],
    [
      'a batch with one token',
      '/batch/',
      JSON.stringify({ api_key: 'phc_boards', batch: [named] }),
    ],
    ['gzip that a parameter names', '/i/v0/e/?compression=gzip-js', gzipSync(json)],
    ['gzip that nothing names', '/e/', gzipSync(json)],
    ['a form with base64', '/e/?compression=base64', `data=${encodeURIComponent(base64)}`],
    ['base64 alone', '/e/', base64],
  ])('takes %s', async (_, path, body) => {
    const { posthog, post } = await start();
    const response = await post(path, body, { 'Content-Type': 'text/plain' });
    expect([response.status, await response.json()]).toEqual([200, { status: 'Ok' }]);
    expect(posthog.journal.mutations).toMatchObject([
      { event: 'saved', distinct_id: 'u_42', properties: { café: '☕' } },
    ]);
  });

  it('answers a beacon without content, and what cannot be read with 400', async () => {
    const { posthog, post } = await start();
    expect((await post('/e/?beacon=1', json)).status).toBe(204);
    for (const body of ['', '{', 'data=', '5', '[]']) {
      expect([body, (await post('/e/', body)).status]).toEqual([body, 400]);
    }
    expect(posthog.journal.mutations).toHaveLength(1);
  });

  it('drops and notes events without a known token, a name or a distinct id', async () => {
    const { posthog, post } = await start();
    const batch = [
      { ...named, properties: {} },
      { ...named, event: '' },
      { ...named, distinct_id: '' },
    ];
    expect((await post('/e/', JSON.stringify(batch))).status).toBe(200);
    expect(posthog.journal.mutations).toEqual([]);
    expect(posthog.journal.violations).toHaveLength(3);
  });

  it('lets scripts of any site call', async () => {
    const { url } = await start();
    const origin = 'https://boards.example.com';
    const { status, headers } = await fetch(`${url}/i/v0/e/`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Headers': 'content-type' },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-headers')).toBe('content-type');
  });

  it('serves posthog-js and the settings of a project, and no other file', async () => {
    const { url } = await start();
    const get = async (path: string) => {
      const response = await fetch(url + path);
      return [response.status, await response.text()] as const;
    };
    expect((await get('/static/array.js'))[1]).toContain('posthog');
    expect((await get('/static/1.449.2/dead-clicks-autocapture.js'))[0]).toBe(200);
    expect(JSON.parse((await get('/array/phc_boards/config'))[1])).toMatchObject({
      token: 'phc_boards',
      captureDeadClicks: true,
    });
    expect((await get('/array/phc_boards/config.js'))[1]).toContain('_POSTHOG_REMOTE_CONFIG');
    expect((await get('/array/phc_unknown/config'))[0]).toBe(404);
    expect((await get('/static/../package.json'))[0]).toBe(404);
    expect((await get('/static/%2e%2e%2fpackage.js'))[0]).toBe(404);
  });

  it.each<[string, Partial<SdkEvent>, string | undefined, string, number]>([
    ['an offset, by its own clock', { offset: 5_000 }, undefined, '11:59:55', -5_000],
    ['no time, as of now', {}, undefined, '12:00:00', 0],
    [
      "a client's time, corrected by when it was sent",
      { timestamp: '2026-01-15T15:00:00.000Z' },
      '2026-01-15T15:00:10.000Z',
      '15:00:00',
      -10_000,
    ],
    [
      "a client's time alone",
      { timestamp: '2026-01-15T09:00:00Z' },
      undefined,
      '09:00:00',
      -3 * 3_600_000,
    ],
    [
      'a time more than 23 h ahead',
      { timestamp: '2026-01-16T12:00:00Z' },
      undefined,
      '12:00:00',
      0,
    ],
    [
      'a time that is not to be corrected',
      { timestamp: '2026-01-15T15:00:00Z', properties: { $ignore_sent_at: true } },
      '2026-01-15T15:00:10Z',
      '15:00:00',
      3 * 3_600_000,
    ],
  ])('dates an event with %s', async (_, part, sent_at, shown, happened) => {
    const { posthog, post } = await start();
    const batch = [{ ...event('saved'), ...part }];
    await post('/batch/', JSON.stringify({ api_key: 'phc_boards', batch, sent_at }));
    const [{ timestamp, happenedAt }] = posthog.journal.mutations as [never];
    expect(timestamp).toContain(`T${shown}`);
    expect(happenedAt).toBe(NOON + happened);
  });
});

describe('access to the live stream', () => {
  it('refuses everything but one space and a valid token', async () => {
    const { url, token, clock } = await start();
    const given = token();
    const [head, body, signature] = given.split('.') as [string, string, string];
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const bad = [
      undefined,
      `Bearer  ${given}`,
      `bearer ${given}`,
      given,
      'Bearer phx_key',
      `Bearer ${unsigned}.${body}.`,
      `Bearer ${head}.${Buffer.from('{}').toString('base64url')}.${signature}`,
      `Bearer ${given}.x`,
    ];
    const ask = async (authorization: string | undefined) => {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const response = await fetch(`${url}/events`, { headers });
      return [authorization, response.status, await response.json()];
    };
    for (const one of bad) expect(await ask(one)).toEqual([one, 401, { message: 'wrong token' }]);
    clock.advance(7 * 86_400_000);
    expect((await ask(`Bearer ${given}`))[1]).toBe(401);
  });

  it('gives the same token for a day, and one for each project', async () => {
    const { posthog, clock, token } = await start();
    const first = token();
    const claims = JSON.parse(Buffer.from(first.split('.')[1]!, 'base64url').toString());
    expect(claims).toEqual({
      aud: 'posthog:livestream',
      team_id: 7,
      api_token: 'phc_boards',
      user_id: 1,
      organization_id: project.organizationId,
      exp: (NOON + 7 * 86_400_000) / 1_000,
    });
    clock.advance(86_399_000);
    expect(token()).toBe(first);
    expect(posthog.access.issue(other, key)).not.toBe(first);
    clock.advance(1_000);
    expect(token()).not.toBe(first);
    posthog.access.offer(false);
    expect(posthog.access.issue(project, key)).toBeNull();
  });

  it('ends the streams of one who lost access within 30 s, and refuses the next', async () => {
    const { posthog, clock, subscribe, url, headers } = await start();
    posthog.live.settings.headAtOnce = true;
    const { answer } = await subscribe();
    const received = collect(await answer);
    posthog.access.revoke(1);
    expect(received.ended).toBe(false);
    clock.advance(30_000);
    await until(() => received.ended);
    const response = await fetch(`${url}/events`, { headers: headers() });
    expect([response.status, await response.json()]).toEqual([
      401,
      { message: 'live stream access denied' },
    ]);
  });

  it('ends streams when the project gets another token', async () => {
    const mine = { ...project };
    const { clock, subscribe } = await start({ projects: [mine] });
    const { frames } = await subscribe();
    mine.apiToken = 'phc_rotated';
    clock.advance(30_000);
    expect(await frames(1)).toEqual([]);
  });

  it('as an older server, looks at the token alone, and only at the start', async () => {
    const { posthog, clock, subscribe } = await start();
    posthog.live.settings.old = true;
    await subscribe();
    posthog.access.revoke(1);
    clock.advance(30_000);
    await subscribe();
    expect(posthog.live.subscribers()).toBe(2);
  });
});

describe('the live stream', () => {
  it('sends its head with the first frame only, and events as the SDK sent them', async () => {
    const { posthog, subscribe } = await start();
    const { answer } = await subscribe();
    let answered = false;
    void answer.then(() => (answered = true));
    await pause(50);
    expect(answered).toBe(false);

    const uuid = '01a0c44e-9b11-7000-8000-000000000001';
    posthog.capture({
      ...event('saved', { $elements_chain: 'a:text="x"' }),
      uuid,
      $set: { email: 'a@b.c' },
    });
    const received = collect(await answer);
    await until(() => received.text.endsWith('\n\n'));
    const frame = {
      uuid,
      timestamp: '2026-01-15T12:00:00.000Z',
      distinct_id: 'u_42',
      person_id: personId('7:u_42'),
      event: 'saved',
      properties: { $elements_chain: 'a:text="x"' },
    };
    expect(received.text).toBe(`id: \ndata: ${JSON.stringify(frame)}\n\n`);
  });

  it('replays nothing, and keeps projects apart', async () => {
    const { posthog, subscribe } = await start();
    posthog.capture(event('before'));
    const { frames } = await subscribe();
    posthog.capture(event('elsewhere'), 8);
    posthog.capture(event('after'));
    expect(await frames(1)).toMatchObject([{ event: 'after' }]);
  });

  it('has no errors, and says which programs are bots', async () => {
    const { posthog, subscribe } = await start();
    const { frames } = await subscribe();
    posthog.capture(event('$exception'));
    posthog.capture(event('$pageview', { $raw_user_agent: 'Mozilla/5.0 Chrome/140.0.0.0' }));
    posthog.capture(event('$autocapture', { $raw_user_agent: 'Googlebot/2.1' }));
    posthog.capture(event('saved', { $raw_user_agent: 'Googlebot/2.1' }));
    const told = (await frames(3)).map((one) => [one.event, one.properties.$virt_is_bot]);
    expect(told).toEqual([
      ['$pageview', false],
      ['$autocapture', true],
      ['saved', undefined],
    ]);
  });

  const filters = JSON.stringify([
    { key: 'plan', operator: 'exact', value: ['team', 'pro'] },
    { key: 'seats', operator: 'gt', value: 3 },
  ]);
  it.each([
    ['no filter', '', ['a', 'b', 'c', 'd']],
    ['events', '?eventType=a,c', ['a', 'c']],
    ['events with a space, which is a part of the name', '?eventType=a,%20c', ['a']],
    ['a person', '?distinctId=u_7', ['d']],
    ['properties', `?properties=${encodeURIComponent(filters)}`, ['b']],
    ['properties that cannot be read, which is no filter', '?properties=%7B', ['a', 'b', 'c', 'd']],
  ])('filters by %s', async (_, query, expected) => {
    const { posthog, subscribe } = await start();
    const { frames } = await subscribe(query);
    posthog.capture(event('a', { plan: 'free', seats: 9 }));
    posthog.capture(event('b', { plan: 'team', seats: 5 }));
    posthog.capture(event('c', { plan: 'pro', seats: 3 }));
    posthog.capture({ ...event('d'), distinct_id: 'u_7' });
    expect((await frames(expected.length)).map((one) => one.event)).toEqual(expected);
  });

  it('keeps the properties that are asked for, and what it adds itself', async () => {
    const { posthog, subscribe } = await start();
    const some = await subscribe('?columns=title,$session_id');
    const none = await subscribe('?columns=');
    posthog.capture(event('$pageview', { title: 'x', $os: 'Linux', $raw_user_agent: 'Mozilla' }));
    const virtual = { $virt_is_bot: false, $virt_traffic_type: 'Regular' };
    expect((await some.frames(1))[0].properties).toEqual({ title: 'x', ...virtual });
    expect((await none.frames(1))[0].properties).toEqual(virtual);
  });

  it('as an older server, knows only pairs of properties and no columns', async () => {
    const { posthog, subscribe } = await start();
    posthog.live.settings.old = true;
    const { frames } = await subscribe(
      `?columns=title&property=plan=a=b&properties=${encodeURIComponent('[{"key":"x","operator":"is_set"}]')}`,
    );
    posthog.capture(event('a', { plan: 'a' }));
    posthog.capture(event('b', { plan: 'a=b' }));
    expect(await frames(1)).toMatchObject([{ event: 'b', properties: { plan: 'a=b' } }]);
  });

  it('notes what a client cannot have meant', async () => {
    const { posthog, subscribe } = await start();
    await subscribe('?eventType=a,%20b&geo=1&eventTypes=x&properties=%7B');
    expect(posthog.journal.violations.map(({ detail }) => detail)).toEqual([
      'eventTypes is unknown',
      'eventType has a space, which is part of a name',
      'geo asks for frames without events',
      'properties cannot be read',
    ]);
  });

  it('has neither old events nor restricted properties, and refuses a filter on these', async () => {
    const { posthog, subscribe, url, headers } = await start();
    posthog.live.settings.restricted = ['salary'];
    const { frames } = await subscribe();
    posthog.capture({ ...event('old'), timestamp: '2026-01-14T11:59:59Z' });
    posthog.capture(event('saved', { salary: 1, plan: 'team' }));
    const [saved, ...more] = await frames(1);
    expect([saved.properties, more]).toEqual([{ plan: 'team' }, []]);
    const filter = encodeURIComponent('[{"key":"salary","operator":"gt","value":9}]');
    const refused = await fetch(`${url}/events?properties=${filter}`, { headers: headers() });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { message: 'property filter references a restricted property: salary' },
    ]);
  });

  it('can be slow to notice a reader, who misses what happens meanwhile', async () => {
    const { posthog, clock, subscribe } = await start();
    posthog.live.settings.noticedAfterMs = 2_000;
    const { frames } = await subscribe();
    posthog.capture(event('missed'));
    clock.advance(2_000);
    posthog.capture(event('seen'));
    expect(await frames(1)).toMatchObject([{ event: 'seen' }]);
  });

  it('queues 100 frames for a slow reader, and drops the others without a word', async () => {
    const { posthog, port, token } = await start();
    const slow = connect(port, '127.0.0.1').pause();
    slow.write(`GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\n\r\n`);
    await until(() => posthog.live.subscribers() === 1);
    const offered = 500;
    const filling = 'x'.repeat(100_000);
    for (let count = 0; count < offered; count += 1) {
      posthog.capture(event('saved', { filling }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { sent, dropped } = posthog.live.counts;
    expect(dropped).toBeGreaterThan(0);
    expect(sent + 100 + dropped).toBe(offered);
    slow.destroy();
  });

  it('ends after 30 minutes, and at once on demand', async () => {
    const { posthog, clock, subscribe } = await start();
    const one = await subscribe();
    clock.advance(30 * 60_000 - 1);
    expect(posthog.live.subscribers()).toBe(1);
    clock.advance(1);
    expect(await one.frames(1)).toEqual([]);
    const two = await subscribe();
    posthog.live.end();
    expect(await two.frames(1)).toEqual([]);
    const three = await subscribe();
    posthog.live.cut();
    await expect(three.answer).rejects.toThrow();
  });

  it('sends frames of a mebibyte, and frames in pieces that end inside of a character', async () => {
    const { posthog, subscribe, port, token } = await start();
    posthog.live.settings.inPieces = true;
    const { frames } = await subscribe();
    const chunks: Buffer[] = [];
    const raw = connect(port, '127.0.0.1');
    raw.on('data', (chunk: Buffer) => chunks.push(chunk));
    raw.write(`GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\n\r\n`);
    await until(() => posthog.live.subscribers() === 2);
    posthog.capture(event('saved', { name: 'Café' }));
    posthog.capture(event('saved', { name: 'x'.repeat(1_048_576) }));
    const [small, big] = await frames(2);
    expect(small.properties.name).toBe('Café');
    expect(big.properties.name).toHaveLength(1_048_576);
    // HTTP's own line between the two bytes of é.
    const cut = Buffer.concat([Buffer.from([0xc3]), Buffer.from('\r\n')]);
    await until(() => Buffer.concat(chunks).includes(cut));
    raw.destroy();
  });

  it('compresses only for those who ask for it', async () => {
    const { posthog, port, token } = await start();
    const open = (more: Record<string, string>) =>
      new Promise<IncomingMessage>((resolve) =>
        get(
          { port, path: '/events', headers: { Authorization: `Bearer ${token()}`, ...more } },
          resolve,
        ),
      );
    const both = [open({}), open({ 'Accept-Encoding': 'gzip' })];
    await until(() => posthog.live.subscribers() === 2);
    posthog.capture(event('saved'));
    const [plain, packed] = (await Promise.all(both)) as [IncomingMessage, IncomingMessage];
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe('gzip');
    plain.destroy();
    packed.destroy();
  });

  it('can be unavailable, and can have nobody to count', async () => {
    const { posthog, url, headers } = await start();
    const ask = async (path: string, given: Record<string, string> = headers()) => {
      const response = await fetch(url + path, { headers: given });
      return [response.status, await response.json()];
    };
    posthog.faults.add({
      match: { path: /events$/ },
      effect: { kind: 'status', status: 503, message: 'live stream authorization unavailable' },
    });
    expect(await ask('/events')).toEqual([
      503,
      { message: 'live stream authorization unavailable' },
    ]);
    expect(await ask('/livestream/stats')).toEqual([200, { error: 'no stats' }]);
    expect(await ask('/stats', {})).toEqual([401, { error: 'wrong token claims' }]);
    posthog.capture(event('saved'));
    expect(await ask('/stats')).toEqual([200, { users_on_product: 1 }]);
    expect(await (await fetch(url)).text()).toBe('RealTime Hog 3000');
  });
});

it('has a page in the place of a replay, with the marked moment, markup as text', async () => {
  const { posthog, clock, url } = await start();
  const $session_id = ANONYMOUS;
  posthog.capture(event('$pageview', { $session_id, title: '<b>Pricing</b>', $pathname: '/p' }));
  clock.advance(61_000);
  posthog.capture(event('saved', { $session_id }));
  posthog.capture(event('elsewhere', { $session_id: 'other' }));
  const read = async (query: string) =>
    await (await fetch(`${url}/project/7/replay/${$session_id}${query}`)).text();
  const page = await read(`?t=40&timestamp=${NOON + 50_000}`);
  expect(page).toContain('<li><time>0:00</time> $pageview &lt;b&gt;Pricing&lt;/b&gt; · /p</li>');
  expect(page).toContain('<li aria-current="true"><time>1:01</time> saved </li>');
  expect(page).not.toContain('elsewhere');
  expect(await read('?t=0')).toContain('<li aria-current="true"><time>0:00</time>');
  const none = await fetch(`${url}/project/7/replay/unknown`);
  expect(await none.text()).toContain('no events of this session');
});

describe('ingestion', () => {
  it('passes events on seconds later, with the chain and the person beside the properties', async () => {
    const { posthog, clock, processed } = await start();
    const properties = { $elements_chain: 'a:text="x"', $set: { plan: 'team' }, title: 'x' };
    posthog.capture({ ...event('$autocapture', properties), $set: { email: 'ann@example.com' } });
    clock.advance(1_999);
    expect(processed).toEqual([]);
    clock.advance(1);
    expect(processed).toMatchObject([
      {
        event: '$autocapture',
        elements_chain: 'a:text="x"',
        timestamp: '2026-01-15T12:00:00.000Z',
        person: {
          id: personId('7:u_42'),
          properties: { email: 'ann@example.com', plan: 'team' },
        },
      },
    ]);
    expect(Object.keys(processed[0]!.properties).sort()).toEqual([
      '$geoip_city_name',
      '$geoip_country_code',
      '$ip',
      'title',
    ]);
  });

  it('makes a chain of the list that older SDKs send', async () => {
    const { posthog, clock, processed } = await start();
    const $elements = [
      {
        tag_name: 'a',
        $el_text: 'Say "hi"',
        classes: ['small', 'big'],
        attr__href: '/x',
        attr__id: 's',
        nth_child: 2,
        nth_of_type: 1,
      },
      { tag_name: 'body', nth_child: 2, nth_of_type: 1 },
    ];
    posthog.capture(event('$autocapture', { $elements }));
    clock.advance(2_000);
    expect(processed[0]!.elements_chain).toBe(
      'a.big.small:attr__href="/x"attr__id="s"attr_id="s"href="/x"nth-child="2"nth-of-type="1"text="Say \\"hi\\"";' +
        'body:nth-child="2"nth-of-type="1"',
    );
  });

  it('joins an anonymous visitor with the person they turn out to be', async () => {
    const { posthog, clock, processed } = await start();
    const anonymous = { $process_person_profile: false };
    posthog.capture({ ...event('a', anonymous), distinct_id: ANONYMOUS });
    posthog.capture({
      ...event('$identify', { $anon_distinct_id: ANONYMOUS }),
      $set: { email: 'ann@example.com' },
      $set_once: { first: 1 },
    });
    posthog.capture({ ...event('b'), distinct_id: ANONYMOUS });
    posthog.capture({ ...event('$create_alias', { alias: 'alias' }) });
    posthog.capture({ ...event('c'), $set_once: { first: 2 }, distinct_id: 'alias' });
    clock.advance(2_000);
    const known = { id: personId('7:u_42'), properties: { email: 'ann@example.com', first: 1 } };
    expect(processed.map(({ person }) => person)).toEqual([null, known, known, known, known]);
  });

  it.each([
    'undefined',
    'ANONYMOUS',
    '"null"',
    '[object Object]',
    ' ',
    '0',
    'x\0',
    'x'.repeat(401),
  ])('never joins the id %j with another', async (id) => {
    const { posthog, clock, processed } = await start();
    posthog.capture({ ...event('$identify', { $anon_distinct_id: ANONYMOUS }), distinct_id: id });
    posthog.capture({ ...event('a'), distinct_id: ANONYMOUS });
    clock.advance(2_000);
    const [one, two] = processed.map(({ person }) => person!.id);
    expect(one).not.toBe(two);
  });

  it('gives visitors without cookies an id for a day, and a session', async () => {
    const { posthog, clock, processed } = await start();
    const visitor = (agent: string) => ({
      ...event('$pageview', { $cookieless_mode: true, $raw_user_agent: agent }),
      distinct_id: '$posthog_cookieless',
    });
    posthog.capture(visitor('Firefox'));
    posthog.capture(visitor('Firefox'));
    posthog.capture(visitor('Chrome'));
    clock.advance(86_400_000);
    posthog.capture(visitor('Firefox'));
    clock.advance(2_000);
    const ids = processed.map(({ distinct_id }) => distinct_id);
    expect(ids[0]).toMatch(/^cookieless_/);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
    const sessions = processed.map(({ properties }) => properties.$session_id);
    expect(new Set(sessions).size).toBe(3);
    expect(processed.every(({ person }) => person === null)).toBe(true);
  });

  it('names the types and messages of errors', async () => {
    const { posthog, clock, processed } = await start();
    const $exception_list = [
      { type: 'TypeError', value: 'x is undefined', mechanism: { handled: false } },
    ];
    posthog.capture(event('$exception', { $exception_list }));
    clock.advance(2_000);
    expect(processed[0]!.properties).toMatchObject({
      $exception_types: ['TypeError'],
      $exception_values: ['x is undefined'],
      $exception_handled: false,
    });
  });
});

/** The UUID that PostHog derives from a name (version 5), here by the definition alone. */
function personId(name: string): string {
  const space = Buffer.from('932979b465c3442484670b66ec27bc22', 'hex');
  const hash = createHash('sha1').update(space).update(name).digest('hex').slice(0, 32);
  const variant = ((parseInt(hash[16]!, 16) & 3) | 8).toString(16);
  const digits = `${hash.slice(0, 12)}5${hash.slice(13, 16)}${variant}${hash.slice(17)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
