import { askByConnector } from '../../../simulators/agents';
import { misfits, type Shape } from '../../../simulators/http/shape';
import { createIntercomSimulator } from '../../../simulators/intercom';
import { manualClock, receiver } from './support';

// Intercom's own client has no data connectors. So the fields that Intercom's API description (2.16) gives an answer are
// compared here, and its examples are repeated.

const clock = manualClock();
let intercom: ReturnType<typeof createIntercomSimulator>;
let url: string;
beforeEach(async () => {
  intercom = createIntercomSimulator({ accessToken: 'token', clock });
  ({ url } = await intercom.listen());
});
afterEach(() => intercom.close());

interface Answer {
  status: number;
  body: any;
}

async function call(
  method: string,
  path: string,
  body?: object,
  version = '2.16',
): Promise<Answer> {
  const headers = {
    Authorization: 'Bearer token',
    'Intercom-Version': version,
    ...(body && { 'Content-Type': 'application/json' }),
  };
  const payload = body ? JSON.stringify(body) : null;
  const response = await fetch(url + path, { method, headers, body: payload });
  return { status: response.status, body: await response.json() };
}

const STATE = ['draft', 'live'] as const;
const METHOD = ['get', 'post', 'put', 'delete', 'patch'] as const;

const VIEW: Shape = {
  type: ['data_connector'],
  id: 'string',
  name: 'string',
  description: 'string',
  state: STATE,
  http_method: METHOD,
  direct_fin_usage: 'boolean',
  created_by_admin_id: 'string',
  updated_by_admin_id: 'string',
  created_at: 'string',
  updated_at: 'string',
  execution_results_url: 'string',
};
const DETAIL: Shape = {
  ...VIEW,
  url: 'string',
  body: 'string',
  headers: { each: { shape: { name: 'string', value: ['****'] } } },
  audiences: { each: ['users', 'leads', 'visitors'] },
  execution_type: ['server_side', 'client_side'],
  configuration_response_type: ['test_response_type', 'mock_response_type'],
  data_transformation_type: ['full_access', 'redacted_access', 'code_block_transformation'],
  client_function_name: [null],
  client_function_timeout_ms: [null],
  data_inputs: {
    each: {
      shape: {
        name: 'string',
        type: ['string', 'integer', 'decimal', 'boolean'],
        description: 'string',
        required: 'boolean',
        default_value: 'string',
      },
    },
  },
  response_fields: {
    each: {
      shape: {
        path: 'string',
        example_value: ['shipped'],
        type: ['unknown', 'string', 'integer', 'decimal', 'datetime', 'boolean'],
        redacted: 'boolean',
      },
    },
  },
  object_mappings: 'array',
  token_ids: { each: 'string' },
  customer_authentication: 'boolean',
  bypass_authentication: 'boolean',
  validate_missing_attributes: 'boolean',
};
const LIST: Shape = {
  type: ['list'],
  data: { each: { shape: VIEW } },
  pages: 'object',
};

const ORDER = {
  name: 'Where is my order?',
  description: 'Says where an order is',
  http_method: 'post',
  url: 'https://shop.example.com/orders/{{order_id}}',
  body: '{"order":"{{order_id}}"}',
  direct_fin_usage: true,
  audiences: ['users'],
  headers: [{ name: 'X-Shop', value: 'secret' }],
  data_inputs: [{ name: 'order_id', type: 'string', description: 'Of the order', required: true }],
  mock_response: { order: { status: 'shipped' } },
};
const make = async (fields: object = {}) =>
  (await call('POST', '/data_connectors', { ...ORDER, ...fields })).body;

describe('answers have the documented fields', () => {
  it('of a connector, without the values of its headers', async () => {
    const { status, body } = await call('POST', '/data_connectors', ORDER);
    expect([status, misfits(DETAIL, body)]).toEqual([201, []]);
    expect(body).toMatchObject({
      state: 'draft',
      headers: [{ name: 'X-Shop', value: '****' }],
      data_inputs: [{ default_value: '' }],
      configuration_response_type: 'mock_response_type',
    });
    const read = await call('GET', `/data_connectors/${body.id}?state_version=draft`);
    expect(read.body).toEqual(body);
    const changed = await call('PATCH', `/data_connectors/${body.id}`, { state: 'live' });
    expect([changed.body.state, misfits(DETAIL, changed.body)]).toEqual(['live', []]);
    expect(intercom.journal.violations).toEqual([]);
  });

  it('a sample answer makes the fields of a response, with their types', async () => {
    const at = '2026-01-20T14:22:15Z';
    const order = { id: 4471, status: 'shipped', price: 12.5, paid: true, at, note: null };
    const { response_fields } = await make({ mock_response: { order } });
    expect(response_fields.map(({ path, type }: any) => [path, type])).toEqual([
      ['order.id', 'integer'],
      ['order.status', 'string'],
      ['order.price', 'decimal'],
      ['order.paid', 'boolean'],
      ['order.at', 'datetime'],
      ['order.note', 'unknown'],
    ]);
  });

  it('of a list, by pages, the one that was changed last first', async () => {
    for (const name of ['A', 'B', 'C']) {
      clock.advance(1_000);
      await make({ name });
    }
    const names: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const { body } = await call('GET', `/data_connectors?per_page=2${cursor}`);
      expect(misfits(LIST, body)).toEqual([]);
      names.push(...body.data.map(({ name }: any) => name));
      const after: string | undefined = body.pages.next?.starting_after;
      cursor = after && `&starting_after=${encodeURIComponent(after)}`;
    }
    expect(names).toEqual(['C', 'B', 'A']);
  });

  it('of a deletion', async () => {
    const { id } = await make();
    const { status, body } = await call('DELETE', `/data_connectors/${id}`);
    expect([status, body]).toEqual([200, { id, object: 'data_connector', deleted: true }]);
    expect(intercom.connectors.all()).toEqual([]);
  });
});

it.each<[string, string, object | undefined, number, string, string]>([
  ['POST', '', {}, 422, 'parameter_not_found', 'Name is required'],
  [
    'POST',
    '',
    { name: 'x', audiences: ['everybody'] },
    422,
    'parameter_invalid',
    'Invalid audiences. Must be a subset of: leads, users, visitors',
  ],
  [
    'PATCH',
    '/121',
    { http_method: 'head' },
    422,
    'parameter_invalid',
    "Http Method isn't an option",
  ],
  [
    'PATCH',
    '/121',
    { state: 'on' },
    422,
    'parameter_invalid',
    'Invalid state. Must be one of: draft, live',
  ],
  [
    'GET',
    '/121?state_version=on',
    undefined,
    400,
    'parameter_invalid',
    'Invalid state_version. Must be one of: live, draft',
  ],
  ['GET', '/121', undefined, 404, 'data_connector_not_found', 'Data connector not found'],
  ['GET', '/9', undefined, 404, 'data_connector_not_found', 'Data connector not found'],
  ['DELETE', '/9', undefined, 404, 'data_connector_not_found', 'Data connector not found'],
])(
  '%s /data_connectors%s with %j is refused with %i',
  async (method, path, body, status, code, message) => {
    await make();
    const answer = await call(method, `/data_connectors${path}`, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      type: 'error.list',
      request_id: expect.any(String),
      errors: [{ code, message }],
    });
  },
);

it('deletes nothing that is live or in use, and sets nothing to draft that is in use', async () => {
  const { id } = await make();
  const path = `/data_connectors/${id}`;
  const codes = async (method: string, body?: object) => {
    const answer = await call(method, path, body);
    return [answer.status, answer.body.errors?.[0].code];
  };
  intercom.connectors.use(id, true);
  expect(await codes('DELETE')).toEqual([409, 'data_connector_in_use']);
  await call('PATCH', path, { state: 'live' });
  expect(await codes('PATCH', { state: 'draft' })).toEqual([409, 'data_connector_in_use']);
  intercom.connectors.use(id, false);
  expect(await codes('DELETE')).toEqual([409, 'conflict']);
});

it('an older version of the API has no data connectors', async () => {
  expect((await call('GET', '/data_connectors', undefined, '2.15')).status).toBe(404);
  expect((await call('GET', '/data_connectors', undefined, '2.14')).status).toBe(404);
});

it('notes what a request has that is not documented', async () => {
  await call('POST', '/data_connectors', { name: 'x', data_inputs: [{ name: 'y' }], color: 'red' });
  expect(intercom.journal.violations.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^body: data_inputs is no list of which each is object of name, type/),
    'body: color is not documented',
  ]);
});

it('keeps its connectors in a snapshot, and takes one from before there were any', async () => {
  const { id } = await make();
  const { connectors, ...before } = intercom.snapshot();
  intercom.restore(before);
  expect(intercom.connectors.all()).toEqual([]);
  intercom.restore({ ...before, connectors: connectors! });
  expect(intercom.connectors.all().map((one) => one.id)).toEqual([id]);
  expect((await make()).id).not.toBe(id);
});

describe('Fin by a connector', () => {
  it('fills in the templates and reads the fields of the sample', async () => {
    const server = await receiver();
    const made = await make({
      url: `${server.url}/{{order_id}}`,
      mock_response: { status: 'shipped' },
      validate_missing_attributes: true,
    });
    const connector = intercom.connectors.all().find(({ id }) => id === made.id)!;
    const authentication = { Authorization: 'Bearer mine' };
    expect(await askByConnector(connector, { authentication }, clock)).toEqual({
      values: {},
      missing: [],
    });
    expect(server.received).toEqual([]);
    const inputs = { order_id: '7' };
    expect(await askByConnector(connector, { inputs, authentication }, clock)).toEqual({
      status: 200,
      values: { status: undefined },
      missing: ['status'],
    });
    expect(server.received).toMatchObject([
      {
        path: '/hook/7',
        body: { order: '7' },
        headers: { 'x-shop': 'secret', authorization: 'Bearer mine' },
      },
    ]);
    server.close();
  });
});
