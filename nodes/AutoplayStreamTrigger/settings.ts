import { NodeOperationError, type ITriggerFunctions } from 'n8n-workflow';
import { productOfUrl } from '../../core/stream/connect';
import type { FilterRules } from '../../core/filter/filter';
import { readFilter } from '../shared/batching/filters';
import { readCounts } from '../shared/batching/options';
import { triggerParameters } from '../shared/operations/parameters';
import { readSurroundings, type Surroundings } from '../shared/batching/surroundings';
import { backfill, fields, type StreamTriggerOptions } from './options';

const CREDENTIAL = 'autoplayConnectorApi';

/** Everything the node needs to know, read once: see `readSettings`. */
export interface Settings extends Surroundings {
  url: string;
  token: string;
  /** For frames that name no product. */
  productId: string;
  options: StreamTriggerOptions;
  /** What is left out of what arrives. */
  filter: FilterRules;
  /** Whether to fetch what the stream did not bring. */
  backfill: boolean;
}

type Context = Pick<
  ITriggerFunctions,
  'getNodeParameter' | 'getCredentials' | 'getNode' | 'getChildNodes' | 'getWorkflowSettings'
>;

/**
 * Reads parameters and credentials. Call it inside `trigger()`: when that returns, n8n releases what evaluates
 * expressions, and reading one later throws.
 *
 * @throws NodeOperationError when something is entered that can never work.
 */
export async function readSettings(context: Context): Promise<Settings> {
  const { url, token } = await readConnection(context);
  const protocol = URL.parse(url)?.protocol;
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new NodeOperationError(context.getNode(), 'The Stream URL in the credential is no URL', {
      description:
        'Correct Stream URL in the Autoplay Connector API credential: it starts with https:// and ends in /stream/ and the id of your product, such as https://your-connector.onrender.com/stream/your-product-id.',
    });
  }
  return {
    url,
    token,
    productId: productOfUrl(url),
    options: readCounts(context, fields),
    filter: readFilter(context),
    backfill: readBackfill(context),
    ...readSurroundings(context),
  };
}

function readBackfill(context: Context): boolean {
  const { options } = triggerParameters(context);
  return (context.getNode().typeVersion >= 1.1 || options.has(backfill)) && options.isOn(backfill);
}

/** The address and the token as the credential has them now, without white space around them. */
export async function readConnection(
  context: Pick<Context, 'getCredentials'>,
): Promise<{ url: string; token: string }> {
  return connectionOf(await context.getCredentials<ConnectorFields>(CREDENTIAL));
}

/** What the credential Autoplay Connector API holds. */
export interface ConnectorFields {
  streamUrl?: unknown;
  token?: unknown;
}

/** The same, of the credential's fields. Connectors do not recognise a product with a slash after its id. */
export function connectionOf({ streamUrl, token }: ConnectorFields): {
  url: string;
  token: string;
} {
  const url = String(streamUrl ?? '').trim();
  return { url: url.replace(/\/+$/, ''), token: String(token ?? '').trim() };
}
