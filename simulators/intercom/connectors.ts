import type { Clock } from '../../core/clock';
import { apiError } from '../http/apiError';
import { AUDIENCES, HTTP_METHODS, STATES } from './documented';

type Body = Record<string, unknown>;

/** A data connector, as its full view shows it, with what only the workspace knows. Plain JSON. */
export interface DataConnector {
  id: string;
  name: string;
  description: string | null;
  state: 'draft' | 'live';
  url: string | null;
  body: string;
  headers: { name: string; value: string }[];
  http_method: (typeof HTTP_METHODS)[number];
  direct_fin_usage: boolean;
  audiences: string[];
  data_inputs: DataInput[];
  mock_response: Body | null;
  token_ids: string[];
  customer_authentication: boolean;
  bypass_authentication: boolean;
  validate_missing_attributes: boolean;
  admin_id: string;
  /** Epoch milliseconds. */
  created_at: number;
  updated_at: number;
  /** Whether a workflow or Fin uses it. */
  in_use: boolean;
}

export interface DataInput {
  name: string;
  type: string;
  description: string | null;
  required: boolean;
  default_value: string;
}

export interface ResponseField {
  path: string;
  type: 'unknown' | 'string' | 'integer' | 'decimal' | 'datetime' | 'boolean';
  example_value: unknown;
  redacted: boolean;
}

/** What people do with data connectors in Intercom's own pages. */
export interface Connectors {
  /** Oldest first. */
  all(): DataConnector[];
  /** A connector that a person makes. @param body as the API takes it */
  make(body: Body): DataConnector;
  /** A person changes it, or its state. */
  edit(id: string, changes: Body): DataConnector;
  /** Whether a workflow or Fin uses it from now on. */
  use(id: string, inUse: boolean): void;
  /** A person removes it, whatever its state. */
  remove(id: string): void;
}

export type ConnectorStore = ReturnType<typeof createConnectorStore>;

/** The data connectors of a workspace. */
export function createConnectorStore(clock: Clock, adminId: string) {
  const connectors = new Map<string, DataConnector>();
  let sequence = 0;

  /** @throws ApiError 404 */
  function get(id: string): DataConnector {
    const found = connectors.get(id);
    if (!found) throw apiError(404, 'data_connector_not_found', 'Data connector not found');
    return found;
  }

  /** @throws ApiError 422 */
  function make(body: Body): DataConnector {
    if (typeof body.name !== 'string' || body.name.trim() === '') {
      throw apiError(422, 'parameter_not_found', 'Name is required');
    }
    const at = clock.now();
    const id = String(120 + (sequence += 1));
    const made: DataConnector = {
      ...NOTHING_SET,
      ...settings(body),
      id,
      name: body.name,
      state: 'draft',
      admin_id: adminId,
      created_at: at,
      updated_at: at,
      in_use: false,
    };
    connectors.set(id, made);
    return made;
  }

  /** @throws ApiError 404, 409 for a connector in use that is to be a draft, 422 */
  function edit(id: string, changes: Body): DataConnector {
    const edited = get(id);
    const { state = edited.state } = changes;
    if (state !== 'draft' && state !== 'live') {
      throw invalid(`Invalid state. Must be one of: ${STATES.join(', ')}`);
    }
    if (state === 'draft' && edited.state === 'live' && edited.in_use) {
      throw inUse('set to draft');
    }
    return Object.assign(edited, settings(changes), { state, updated_at: clock.now() });
  }

  return {
    get,
    make,
    edit,
    all: () => [...connectors.values()],
    use: (id: string, inUse: boolean) => void (get(id).in_use = inUse),
    /** @throws ApiError 404; 409 unless it is an unused draft */
    delete(id: string): void {
      const { state, in_use } = get(id);
      if (in_use) throw inUse('deleted');
      if (state !== 'draft') {
        throw apiError(409, 'conflict', 'Data connector must be in draft state to be deleted');
      }
      connectors.delete(id);
    },
    remove: (id: string) => void connectors.delete(id),
    snapshot: (): DataConnector[] => structuredClone([...connectors.values()]),
    restore(saved: readonly DataConnector[]): void {
      connectors.clear();
      for (const one of structuredClone(saved)) connectors.set(one.id, one);
      sequence = Math.max(sequence, ...saved.map(({ id }) => Number(id) - 120));
    },
  };
}

const NOTHING_SET = {
  description: null,
  url: null,
  body: '',
  headers: [],
  http_method: 'get' as const,
  direct_fin_usage: false,
  audiences: [],
  data_inputs: [],
  mock_response: null,
  token_ids: [],
  customer_authentication: false,
  bypass_authentication: false,
  validate_missing_attributes: false,
};

/** The fields of a body that a connector has. @throws ApiError 422 */
function settings(body: Body): Partial<DataConnector> {
  const { audiences, http_method: method, data_inputs: inputs } = body;
  const known: readonly unknown[] = AUDIENCES;
  if (audiences !== undefined && !(audiences as unknown[]).every((one) => known.includes(one))) {
    throw invalid(`Invalid audiences. Must be a subset of: ${AUDIENCES.join(', ')}`);
  }
  if (method !== undefined && !HTTP_METHODS.includes(method as never)) {
    throw invalid("Http Method isn't an option");
  }
  const names = ['name', ...Object.keys(NOTHING_SET)];
  const given = Object.entries(body).filter(([name]) => names.includes(name));
  return {
    ...Object.fromEntries(given),
    ...(inputs !== undefined && {
      data_inputs: (inputs as Partial<DataInput>[]).map((one) => ({
        name: '',
        type: 'string',
        description: null,
        required: false,
        default_value: '',
        ...one,
      })),
    }),
  };
}

const invalid = (message: string) => apiError(422, 'parameter_invalid', message);
const inUse = (what: string) =>
  apiError(
    409,
    'data_connector_in_use',
    `Data connector is in use by other resources and cannot be ${what}`,
  );

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');

/** A connector as lists show it: without its address. */
export function connectorView(connector: DataConnector) {
  const { id, name, description, state, http_method, direct_fin_usage, admin_id } = connector;
  return {
    type: 'data_connector',
    ...{ id, name, description, state, http_method, direct_fin_usage },
    created_by_admin_id: admin_id,
    updated_by_admin_id: admin_id,
    created_at: iso(connector.created_at),
    updated_at: iso(connector.updated_at),
    execution_results_url: `/data_connectors/${id}/execution_results`,
  };
}

/** The full view. Whatever a header holds, it is shown as asterisks. */
export function connectorDetail(connector: DataConnector) {
  const { url, body, headers, audiences, data_inputs, mock_response, token_ids } = connector;
  const { customer_authentication, bypass_authentication, validate_missing_attributes } = connector;
  return {
    ...connectorView(connector),
    ...{ url, body, audiences, data_inputs, token_ids },
    headers: headers.map(({ name }) => ({ name, value: '****' })),
    execution_type: 'server_side',
    configuration_response_type: mock_response ? 'mock_response_type' : 'test_response_type',
    data_transformation_type: 'full_access',
    client_function_name: null,
    client_function_timeout_ms: null,
    response_fields: responseFields(mock_response ?? {}),
    object_mappings: [],
    ...{ customer_authentication, bypass_authentication, validate_missing_attributes },
  };
}

/** The fields that Intercom derives from a sample answer. How it tells their types is assumed. */
export function responseFields(sample: object, above = ''): ResponseField[] {
  return Object.entries(sample).flatMap(([name, value]: [string, unknown]) => {
    const path = above + name;
    if (typeof value === 'object' && value !== null) return responseFields(value, `${path}.`);
    return [{ path, type: typeOf(value), example_value: value, redacted: false }];
  });
}

function typeOf(value: unknown): ResponseField['type'] {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal';
  if (typeof value !== 'string') return 'unknown';
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? 'datetime' : 'string';
}
