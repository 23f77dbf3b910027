import type {
  ICredentialTestFunctions,
  ICredentialsDecrypted,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { systemClock } from '../../core/clock';
import { fetchOverHelper, type HelperFunction } from '../../core/http/fetchOverHelper';
import { connect, productOfUrl } from '../../core/stream/connect';
import { CHECK_URL } from '../../core/stream/problems';
import { connectionOf } from './settings';

const TIMEOUT_MS = 10_000;
const CHECK_WAY =
  'Check Stream URL, that the connector is running, and that this n8n can reach it.';

/** Opens the stream, looks at the head of the answer and closes again: a stream has no end to wait for. */
export async function autoplayConnectorTest(
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
  const { url, token } = connectionOf(credential.data ?? {});
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    return failed(
      'The Stream URL is no URL. It starts with https://, and ends in /stream/ and the id of your product.',
    );
  }
  if (['', 'stream'].includes(productOfUrl(url))) {
    return failed(`The Stream URL names no product. ${CHECK_URL}`);
  }
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    // eslint-disable-next-line @n8n/community-nodes/no-deprecated-workflow-functions -- a credential test is given no other
    const fetch = fetchOverHelper(overLegacyRequest(this.helpers.request));
    const connection = await connect({ url, token, fetch, clock: systemClock, signal });
    if (connection.kind === 'refused') {
      return failed(`${connection.problem.message} ${connection.problem.advice}`);
    }
    if (connection.kind === 'outage')
      return failed(`No stream: ${connection.reason}. ${CHECK_WAY}`);
    await connection.body.cancel();
    return { status: 'OK', message: 'The stream is open' };
  } catch {
    return failed(
      `The connector has not answered within ${TIMEOUT_MS / 1_000} seconds. ${CHECK_WAY}`,
    );
  }
}

/**
 * Credential tests are given only n8n's older request function, which has other names for the same
 * things and cannot be aborted: the timeout ends what nobody waits for any more.
 */
function overLegacyRequest(
  request: ICredentialTestFunctions['helpers']['request'],
): HelperFunction {
  return ({ url, method, headers, disableFollowRedirect }) =>
    request({
      uri: url,
      method,
      headers,
      timeout: TIMEOUT_MS,
      useStream: true,
      resolveWithFullResponse: true,
      simple: false,
      followRedirect: !disableFollowRedirect,
    });
}

function failed(message: string): INodeCredentialTestResult {
  return { status: 'Error', message };
}
