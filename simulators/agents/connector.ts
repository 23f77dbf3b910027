import type { Clock } from '../../core/clock';
import type { DataConnector } from '../intercom';
import { responseFields } from '../intercom/connectors';
import { fieldsOf, post } from './exchange';

/** What a connector got, as Fin reads it. */
export interface ConnectorRun {
  /** Missing where Intercom asks nothing, because a value that is needed is not there. */
  status?: number;
  /** The values of the connector's response fields, by their paths. */
  values: Record<string, unknown>;
  /** Response fields that the answer does not have. */
  missing: string[];
}

/**
 * Fin asks by a data connector: its templates are filled in, and the authentication that a person attached is added.
 *
 * @param inputs their values, as bound by a person
 * @param authentication headers of the token that a person attached to it
 */
export async function askByConnector(
  connector: DataConnector,
  { inputs = {}, authentication = {} }: Asking,
  clock: Clock,
): Promise<ConnectorRun> {
  const { data_inputs, validate_missing_attributes, headers, url, body } = connector;
  const lacks = data_inputs.some(({ name, required }) => required && !inputs[name]);
  if (validate_missing_attributes && lacks) return { values: {}, missing: [] };
  if (connector.http_method !== 'post') throw new Error('Only a POST is simulated');
  const fill = (template: string) =>
    template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => inputs[name] ?? '');
  const own = Object.fromEntries(headers.map(({ name, value }) => [name, fill(value)]));
  const sent = await post(fill(url ?? ''), { ...own, ...authentication }, fill(body), clock);
  const answer = fieldsOf(sent.text) ?? {};
  const paths = responseFields(connector.mock_response ?? {}).map(({ path }) => path);
  return {
    status: sent.status,
    values: Object.fromEntries(paths.map((path) => [path, answer[path]])),
    missing: paths.filter((path) => !(path in answer)),
  };
}

interface Asking {
  inputs?: Record<string, string>;
  authentication?: Record<string, string>;
}
