import { finConnector } from '../../../core/agents/finConnector';
import { OutcomeUnknownError, ServiceError } from '../../../core/http/errors';
import { MARK, type KnownConnector } from '../../../core/intercom/connector';
import type { DataConnector } from '../../../simulators/intercom';
import { createIntercomPair } from '../../support/intercom';
import { manualClock } from '../simulators/support';

const URL = 'https://n8n.example.com/webhook/4e1f/webhook';
const OTHER_URL = 'https://moved.example.com/webhook/4e1f/webhook';
const wanted = (url = URL) => finConnector('finSecret', url, 'Fin');
/** A connector that a person made. */
const byHand = { name: 'Orders', url: 'https://shop.example.com/orders', http_method: 'post' };

let pair: Awaited<ReturnType<typeof createIntercomPair>>;
let clock: ReturnType<typeof manualClock>;
beforeEach(async () => {
  clock = manualClock();
  pair = await createIntercomPair({ clock });
});
afterEach(async () => {
  expect(pair.simulator.journal.violations).toEqual([]);
  await pair.simulator.close();
});

const stored = () => pair.simulator.connectors.all();
const one = (): DataConnector => {
  expect(stored()).toHaveLength(1);
  return stored()[0]!;
};
const sent = () => pair.simulator.journal.requests.map(({ method }) => method);
const register = async (known: KnownConnector = {}, url = URL) =>
  await pair.connectors.register(wanted(url), known);
const remove = async (known: KnownConnector = {}, url = URL) =>
  await pair.connectors.remove(url, known);
const edit = (changes: Record<string, unknown>) => {
  clock.advance(60_000);
  pair.simulator.connectors.edit(one().id, changes);
};

describe('registering', () => {
  it('makes a draft with our mark, in two calls of the version that has data connectors', async () => {
    const known = await register();
    expect(one()).toMatchObject({
      ...wanted(),
      state: 'draft',
      headers: [...wanted().headers, MARK],
    });
    expect(known).toEqual({
      connectorId: one().id,
      url: URL,
      writtenAt: clock.now(),
      name: one().name,
      how: 'made',
    });
    const { requests } = pair.simulator.journal;
    expect(requests.map(({ method, headers }) => [method, headers['intercom-version']])).toEqual([
      ['GET', '2.16'],
      ['POST', '2.16'],
    ]);
  });

  it('again finds it and writes nothing', async () => {
    const known = await register();
    pair.simulator.journal.clear();
    expect(await register(known)).toEqual({ ...known, how: 'found' });
    expect(sent()).toEqual(['GET', 'GET']);
  });

  it.each<[string, KnownConnector]>([
    ['nothing is known', {}],
    ['a connector is known that is gone', { connectorId: '999', url: URL, writtenAt: 1 }],
  ])('finds it by its URL where %s', async (_, known) => {
    const { connectorId } = await register();
    expect(await register(known)).toMatchObject({ connectorId, how: 'found' });
    one();
  });

  it.each([
    ['live', { state: 'live' }],
    ['of another name, description and inputs', { name: 'A', description: 'B', data_inputs: [] }],
    ['without our mark', { headers: [] }],
    ['given a query', { url: `${URL}?from={{user_id}}` }],
  ])('makes no second one beside one that a person made %s, and changes nothing', async (_, by) => {
    const known = await register();
    edit(by);
    const before = structuredClone(one());
    await register(known);
    await register();
    expect(one()).toEqual(before);
  });

  it('leaves a connector that a person leads elsewhere, such as over a proxy', async () => {
    const known = await register();
    edit({ url: 'https://proxy.example.com/fin' });
    const again = await register(known);
    expect(again).toMatchObject({ connectorId: known.connectorId, how: 'found' });
    expect(await register(again)).toMatchObject({ how: 'found' });
    expect(one().url).toBe('https://proxy.example.com/fin');
    expect(sent()).not.toContain('PATCH');
  });

  it.each([['draft'], ['live']])(
    'gives a %s the new address of this n8n, and no more',
    async (state) => {
      const known = await register();
      edit({ state, description: 'Ours' });
      const moved = await register(known, OTHER_URL);
      expect(moved).toMatchObject({ connectorId: known.connectorId, url: OTHER_URL, how: 'moved' });
      expect(one()).toMatchObject({ url: OTHER_URL, description: 'Ours', state });
      const { body } = pair.simulator.journal.requests.find(({ method }) => method === 'PATCH')!;
      expect(body).toEqual({ url: OTHER_URL });
      expect(await register(moved, OTHER_URL)).toMatchObject({ how: 'found' });
    },
  );

  it('leaves a former connector that lost our mark, and makes another', async () => {
    const known = await register();
    edit({ headers: [] });
    expect(await register(known, OTHER_URL)).toMatchObject({ how: 'made' });
    expect(stored().map(({ url }) => url)).toEqual([URL, OTHER_URL]);
  });

  it('looks through all pages, and takes ours rather than a copy', async () => {
    const { connectorId } = await register();
    clock.advance(1_000);
    const { name, headers } = one();
    pair.simulator.connectors.make({ name: `${name} (copy)`, headers, url: URL });
    pair.simulator.connectors.make({ name: 'By hand', url: URL });
    for (let count = 0; count < 120; count += 1) {
      clock.advance(1_000);
      pair.simulator.connectors.make(byHand);
    }
    pair.simulator.journal.clear();
    expect(await register()).toMatchObject({ connectorId, how: 'found' });
    const lists = pair.simulator.journal.requests.filter(({ path }) => path === '/data_connectors');
    expect(lists).toHaveLength(3);
    expect(stored()).toHaveLength(123);
  });

  it('of two workflows makes two', async () => {
    await register();
    await register({}, OTHER_URL);
    expect(stored().map(({ url }) => url)).toEqual([URL, OTHER_URL]);
  });
});

describe('a lost answer', () => {
  const POST = { method: 'POST' };

  it.each(['reset-after', 'cut-after', '500-after'] as const)(
    '(%s) makes no second connector: the first is found',
    async (kind) => {
      pair.simulator.faults.add({ match: POST, effect: { kind } });
      expect(await register()).toMatchObject({ connectorId: one().id });
      expect(sent().filter((method) => method === 'POST')).toHaveLength(1);
    },
  );

  it('is an error where nothing is found, and publishing again makes one', async () => {
    pair.simulator.faults.add({ match: POST, effect: { kind: 'reset-before' } });
    await expect(register()).rejects.toThrow(OutcomeUnknownError);
    expect(stored()).toEqual([]);
    await register();
    one();
  });

  it('of a listing is no empty workspace', async () => {
    await register();
    const GET = { path: /^\/data_connectors$/ };
    pair.simulator.faults.add({ match: GET, times: Infinity, effect: { kind: 'page' } });
    await expect(register()).rejects.toThrow(OutcomeUnknownError);
    one();
  });
});

describe('removing', () => {
  it.each([
    ['with what is known', true],
    ['where nothing is known', false],
  ])('deletes the draft, once, %s', async (_, isKnown) => {
    const known = await register();
    pair.simulator.connectors.make(byHand);
    expect(await remove(isKnown ? known : {})).toBe('deleted');
    expect(stored().map(({ name }) => name)).toEqual(['Orders']);
    expect(await remove(isKnown ? known : {})).toBe('none');
    expect(sent().filter((method) => method === 'DELETE')).toHaveLength(1);
  });

  it('deletes one that Intercom itself completed after we wrote it', async () => {
    const known = await register();
    clock.advance(5_000);
    pair.simulator.connectors.edit(one().id, {});
    expect(await remove(known)).toBe('deleted');
  });

  it('deletes a draft that only got another address', async () => {
    const known = await register();
    clock.advance(3_600_000);
    const moved = await register(known, OTHER_URL);
    expect(await remove(moved, OTHER_URL)).toBe('deleted');
  });

  it.each<[string, (id: string) => unknown]>([
    ['in use', (id) => pair.simulator.connectors.use(id, true)],
    ['live', () => edit({ state: 'live' })],
    ['a draft that a person changed', () => edit({ token_ids: ['4711'] })],
    ['a draft that was live', () => (edit({ state: 'live' }), edit({ state: 'draft' }))],
  ])('leaves one that is %s', async (_, by) => {
    const known = await register();
    by(one().id);
    const before = structuredClone(one());
    expect(await remove(known)).toBe('left');
    expect(await remove({ connectorId: known.connectorId })).toBe('left');
    expect(one()).toEqual(before);
    // Found again, and no less a person's.
    const again = await register(known);
    expect([again.how, await remove(again)]).toEqual(['found', 'left']);
  });

  it.each([
    ['without our mark', { headers: [] }],
    ['led elsewhere', { url: 'https://proxy.example.com/fin' }],
  ])('does not know one that is %s', async (_, changes) => {
    const known = await register();
    pair.simulator.connectors.edit(one().id, changes);
    expect([await remove(known), await remove()]).toEqual(['none', 'none']);
    one();
  });

  it('of another URL leaves it alone', async () => {
    const known = await register();
    expect(await remove(known, OTHER_URL)).toBe('none');
    one();
  });

  it('takes one that was deleted meanwhile for deleted', async () => {
    const known = await register();
    const gone = { status: 404, code: 'data_connector_not_found' };
    const effect = { kind: 'status' as const, ...gone };
    pair.simulator.faults.add({ match: { method: 'DELETE' }, effect });
    expect(await remove(known)).toBe('none');
  });

  it('fails where Intercom refuses for another reason', async () => {
    const known = await register();
    const effect = { kind: 'status' as const, status: 403, code: 'forbidden' };
    pair.simulator.faults.add({ match: { method: 'DELETE' }, effect });
    await expect(remove(known)).rejects.toThrow(ServiceError);
    one();
  });
});
