import { OutcomeUnknownError } from '../../../core/http/errors';
import {
  createDestinations,
  isUpToDate,
  type KnownDestination,
  type WantedDestination,
} from '../../../core/posthog/destination';
import { STATE, type StoredFunction } from '../../../simulators/posthog/api';
import { createPosthogPair, type PosthogPair } from '../../support/posthog';

const URL = 'https://n8n.example.com/webhook/abc';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const wanted = (more: Partial<WantedDestination> = {}): WantedDestination => ({
  url: URL,
  name: 'n8n: Chat',
  events: ['$pageview', '$autocapture'],
  signingSecret: SECRET,
  ...more,
});
/** A destination that a person made: by default everything but its description is as ours. */
const byHand = (more: object = {}) => ({
  type: 'destination',
  template_id: 'template-webhook',
  name: 'n8n: Chat',
  enabled: true,
  inputs: { url: { value: URL }, method: { value: 'POST' }, signing_secret: { value: SECRET } },
  filters: { events: [{ id: '$pageview' }] },
  ...more,
});

let pair: PosthogPair;
let made: string[];
let destinations: ReturnType<typeof createDestinations>;
const start = async (options: Parameters<typeof createPosthogPair>[0] = {}) => {
  pair = await createPosthogPair(options);
  made = [];
  destinations = createDestinations(pair.api, () => {
    made.push(`header-secret-${made.length}`);
    return made.at(-1)!;
  });
};
beforeEach(() => start());
afterEach(async () => {
  expect(pair.simulator.journal.violations).toEqual([]);
  await pair.simulator.close();
});

const stored = () => pair.projectApi.functions(7);
const living = () => stored().filter(({ deleted }) => !deleted);
const one = (): StoredFunction => {
  expect(living()).toHaveLength(1);
  return living()[0]!;
};
const sent = () => pair.simulator.journal.requests.map(({ method }) => method);
const eventsOf = ({ filters }: StoredFunction) =>
  (filters.events as Array<{ id: string | null }>).map(({ id }) => id);

it('a destination is made with what the trigger needs, in two calls', async () => {
  const known = await destinations.register(wanted(), {});
  expect(one()).toMatchObject({
    id: known.functionId,
    name: 'n8n: Chat',
    enabled: true,
    inputs: {
      url: { value: URL },
      method: { value: 'POST' },
      headers: { value: { 'Content-Type': 'application/json' } },
      body: { value: { event: '{event}', person: '{person}' } },
      signing_secret: { value: SECRET },
    },
  });
  expect(eventsOf(one())).toEqual(['$pageview', '$autocapture']);
  expect(known).toEqual({ functionId: one().id, signedWith: expect.any(String) });
  expect(known.signedWith).not.toContain(SECRET.slice(6));
  expect(sent()).toEqual(['GET', 'POST']);
});

it('without named events, it gets every event', async () => {
  await destinations.register(wanted({ events: [] }), {});
  expect(eventsOf(one())).toEqual([null]);
});

describe('registering again', () => {
  it('finds the destination and changes nothing', async () => {
    const known = await destinations.register(wanted(), {});
    pair.simulator.journal.clear();
    expect(await destinations.register(wanted(), known)).toEqual(known);
    expect(sent()).toEqual(['GET']);
    const found = await destinations.find(URL, known);
    expect(isUpToDate(found!, wanted(), known)).toBe(true);
  });

  it.each<[string, KnownDestination]>([
    ['nothing is known', {}],
    ['another id is known', { functionId: 'gone' }],
  ])('finds it also where %s, and gives it the secret of now', async (_, known) => {
    const before = await destinations.register(wanted(), {});
    const after = await destinations.register(wanted({ signingSecret: OTHER_SECRET }), known);
    expect(after.functionId).toBe(before.functionId);
    expect(after.signedWith).not.toBe(before.signedWith);
    expect(one().inputs.signing_secret).toEqual({ value: OTHER_SECRET });
  });

  it('makes another one where a person deleted it', async () => {
    const known = await destinations.register(wanted(), {});
    one().deleted = true;
    expect((await destinations.register(wanted(), known)).functionId).not.toBe(known.functionId);
    expect(eventsOf(one())).toEqual(['$pageview', '$autocapture']);
  });

  it.each<[string, Partial<StoredFunction>]>([
    ['a person has disabled', { enabled: false }],
    ['PostHog has switched off after failures', { state: STATE.disabled }],
  ])('enables what %s', async (_, change) => {
    const known = await destinations.register(wanted(), {});
    Object.assign(one(), change);
    const found = await destinations.find(URL, known);
    expect(isUpToDate(found!, wanted(), known)).toBe(false);
    await destinations.register(wanted(), known);
    expect(one()).toMatchObject({ enabled: true });
    expect(one().state).not.toBe(STATE.disabled);
    expect(one().inputs.signing_secret).toEqual({ value: SECRET });
  });

  it('sends other events, and keeps the conditions that people added', async () => {
    const known = await destinations.register(wanted(), {});
    const plan = { key: 'plan', operator: 'exact', value: ['team'] };
    const filters = one().filters as { events: object[]; properties: object[] };
    filters.properties = [plan];
    filters.events[0] = { ...filters.events[0], properties: [plan] };
    await destinations.register(wanted({ events: ['signed up', '$pageview'] }), known);
    expect(one().filters).toMatchObject({
      properties: [plan],
      events: [
        { id: 'signed up', order: 0 },
        { id: '$pageview', order: 1, properties: [plan] },
      ],
    });
    await destinations.register(wanted({ events: [] }), known);
    expect(eventsOf(one())).toEqual([null]);
  });
});

describe('an older PostHog, which does not sign', () => {
  beforeEach(async () => {
    await pair.simulator.close();
    await start({ signs: false });
  });
  const headers = () => one().inputs.headers?.value as Record<string, string>;

  it('sends a secret in a header instead', async () => {
    const known = await destinations.register(wanted(), {});
    expect(known.headerSecret).toBe('header-secret-0');
    expect(headers()).toEqual({
      'Content-Type': 'application/json',
      'X-N8n-Secret': 'header-secret-0',
    });
    expect(sent()).toEqual(['GET', 'POST', 'PATCH']);
    pair.simulator.journal.clear();
    expect(await destinations.register(wanted(), known)).toEqual(known);
    expect(sent()).toEqual(['GET']);
  });

  it('gets a new one where it is no longer known, in one change', async () => {
    await destinations.register(wanted(), {});
    pair.simulator.journal.clear();
    const known = await destinations.register(wanted(), {});
    expect(headers()['X-N8n-Secret']).toBe(known.headerSecret);
    expect(sent().filter((method) => method === 'PATCH')).toHaveLength(1);
  });

  it('keeps the header where it is changed for another reason', async () => {
    const known = await destinations.register(wanted(), {});
    one().enabled = false;
    await destinations.register(wanted({ events: ['x'] }), known);
    expect(headers()['X-N8n-Secret']).toBe(known.headerSecret);
  });
});

describe('what a person made', () => {
  it.each([
    ['with our URL', byHand()],
    ['with our URL and name, disabled', byHand({ enabled: false })],
    [
      'of a copy of ours, with another URL',
      byHand({
        description: 'Made by n8n (n8n-nodes-autoplay) when …',
        inputs: { url: { value: 'https://elsewhere.example.com' } },
      }),
    ],
  ])('%s is never changed and never removed', async (_, body) => {
    const theirs = pair.projectApi.makeFunction(7, body);
    const before = structuredClone({ ...theirs, project: 0 });
    const known = await destinations.register(wanted(), { functionId: theirs.id });
    expect(known.functionId).not.toBe(theirs.id);
    await destinations.register(wanted({ events: ['x'] }), known);
    await destinations.remove(URL, { functionId: theirs.id });
    await destinations.remove(URL, known);
    expect({ ...theirs, project: 0 }).toEqual(before);
    expect(living()).toEqual([theirs]);
  });

  it('of ours by giving it another URL is theirs from then on', async () => {
    const known = await destinations.register(wanted(), {});
    const theirs = one();
    theirs.inputs.url = { value: 'https://elsewhere.example.com' };
    const next = await destinations.register(wanted(), known);
    expect(next.functionId).not.toBe(theirs.id);
    await destinations.remove(URL, next);
    expect(living()).toEqual([theirs]);
  });
});

it('a copy of ours that a person made stays as it is: the older one is ours', async () => {
  await destinations.register(wanted(), {});
  const ours = one();
  const { name, description, inputs, filters } = ours;
  const copy = pair.projectApi.makeFunction(
    7,
    byHand({ name: `${name} (copy)`, description, inputs, filters }),
  );
  copy.createdAt = ours.createdAt + 1;
  const known = await destinations.register(wanted({ events: ['x'] }), {});
  expect(known.functionId).toBe(ours.id);
  expect(eventsOf(copy)).toEqual(['$pageview', '$autocapture']);
});

it('two workflows have a destination each', async () => {
  const second = wanted({ url: `${URL}-2`, events: ['signed up'] });
  const [one, two] = [
    await destinations.register(wanted(), {}),
    await destinations.register(second, {}),
  ];
  expect(living()).toHaveLength(2);
  await destinations.remove(second.url, two);
  expect(living().map(({ id }) => id)).toEqual([one.functionId]);
});

describe('a lost answer', () => {
  const POST = { method: 'POST' };

  it('does not make a second destination: the first is found', async () => {
    pair.simulator.faults.add({ match: POST, effect: { kind: 'reset-after' } });
    const known = await destinations.register(wanted(), {});
    expect(known.functionId).toBe(one().id);
    expect(sent().filter((method) => method === 'POST')).toHaveLength(1);
  });

  it('is an error where nothing is found, and publishing again makes one', async () => {
    pair.simulator.faults.add({ match: POST, effect: { kind: 'reset-before' } });
    await expect(destinations.register(wanted(), {})).rejects.toThrow(OutcomeUnknownError);
    expect(living()).toEqual([]);
    await destinations.register(wanted(), {});
    one();
  });

  it('of a server that fails afterwards is found as well', async () => {
    pair.simulator.faults.add({ match: POST, effect: { kind: '500-after' } });
    await destinations.register(wanted(), {});
    one();
  });
});

describe('removing', () => {
  it('deletes the destination, once', async () => {
    const known = await destinations.register(wanted(), {});
    await destinations.remove(URL, known);
    expect([living(), stored().length]).toEqual([[], 1]);
    await destinations.remove(URL, known);
    await destinations.remove(URL, {});
    expect(sent().filter((method) => method === 'PATCH')).toHaveLength(1);
  });

  it('says which one it was, and it comes back as it was, with the events and the secret of now', async () => {
    const known = await destinations.register(wanted(), {});
    one().filters = { ...one().filters, properties: [{ key: 'plan', value: ['team'] }] };
    const removedId = await destinations.remove(URL, known);
    expect(removedId).toBe(known.functionId);
    expect(await destinations.remove(URL, known)).toBeUndefined();
    const now = wanted({ events: ['x'], signingSecret: OTHER_SECRET });
    const next = await destinations.register(now, { removedId });
    expect(next.functionId).toBe(removedId);
    expect(one()).toMatchObject({
      enabled: true,
      filters: { properties: [{ key: 'plan' }], events: [{ id: 'x' }] },
      inputs: { signing_secret: { value: OTHER_SECRET } },
    });
  });

  it('for a former URL, it stays removed', async () => {
    const known = await destinations.register(wanted({ url: `${URL}-old` }), {});
    const removedId = await destinations.remove(`${URL}-old`, known);
    const next = await destinations.register(wanted(), { removedId });
    expect(next.functionId).not.toBe(removedId);
    expect(one().inputs.url).toEqual({ value: URL });
  });

  it('works also where its id is not known', async () => {
    await destinations.register(wanted(), {});
    await destinations.remove(URL, {});
    expect(living()).toEqual([]);
  });
});
