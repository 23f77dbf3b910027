import { systemClock } from '../../core/clock';
import { fetchOverHelper } from '../../core/http/fetchOverHelper';
import { connect, productOfUrl } from '../../core/stream/connect';
import { CHECK_URL } from '../../core/stream/problems';
import { credentialTest, wrongField } from '../shared/credentialTests';
import { connectionOf } from './settings';

const TIMEOUT_MS = 10_000;
const CHECK_WAY =
  'Check Stream URL, that the connector is running, and that this n8n can reach it.';

/** Opens the stream, looks at the head of the answer and closes again: a stream has no end to wait for. */
export const autoplayConnectorTest = credentialTest(async (fields, { helpers }) => {
  const { url, token } = connectionOf(fields);
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw wrongField(
      'The Stream URL is no URL. It starts with https://, and ends in /stream/ and the id of your product.',
    );
  }
  if (['', 'stream'].includes(productOfUrl(url))) {
    throw wrongField('The Stream URL names no product', CHECK_URL);
  }
  const fetch = fetchOverHelper(helpers.streamRequest, { timeoutMs: TIMEOUT_MS });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const connecting = connect({ url, token, fetch, clock: systemClock, signal });
  const connection = await connecting.catch(() => {
    throw wrongField(
      `The connector has not answered within ${TIMEOUT_MS / 1_000} seconds`,
      CHECK_WAY,
    );
  });
  if (connection.kind === 'refused') {
    throw wrongField(connection.problem.message, connection.problem.advice);
  }
  if (connection.kind === 'outage') {
    throw wrongField(`No stream: ${connection.reason}`, CHECK_WAY);
  }
  await connection.body.cancel();
  return 'The stream is open';
});
