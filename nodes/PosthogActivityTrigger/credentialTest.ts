import { fetchOverHelper } from '../../core/http/fetchOverHelper';
import { describe } from '../../core/http/fetchErrors';
import { signingKey } from '../../core/http/standardWebhooks';
import { hostsOf } from '../../core/posthog/hosts';
import { posthogProblem, type PosthogProblem } from '../../core/posthog/problems';
import { credentialTest, wrongField } from '../shared/credentialTests';
import { posthogApiFor, posthogFields, type PosthogFields } from './connection';

const TIMEOUT_MS = 10_000;

/**
 * Asks for the project, whether the key may make webhooks, and whether the live stream is there. Passes if one of the
 * two sources works, and says what the other one lacks.
 */
export const posthogActivityTest = credentialTest(async (data, { helpers }) => {
  const fields = posthogFields(data);
  if (fields.signingSecret !== '' && !signingKey(fields.signingSecret)) {
    throw wrongField('The Signing Secret is damaged', SECRET_ADVICE);
  }
  if (fields.personalApiKey === '') {
    if (fields.signingSecret === '') {
      throw wrongField('There is neither a Personal API Key nor a Signing Secret', KEY_ADVICE);
    }
    return 'There is a Signing Secret. Without a Personal API Key, only a webhook that you set up by hand works.';
  }
  const fetch = fetchOverHelper(helpers.streamRequest, { timeoutMs: TIMEOUT_MS });
  const { api, live, project } = await open(fields, fetch);
  const liveFault = await faultOfLive(fetch, live, project.liveEventsToken);
  const webhookFault = await api.tryWriting().then(
    () => undefined,
    (error: unknown) => said(posthogProblem(error)),
  );
  const name = `Project “${project.name}”`;
  if (liveFault === undefined && webhookFault === undefined) return `${name}: both sources work`;
  if (liveFault === undefined) {
    return `${name}: Live Stream works. Webhook does not: ${webhookFault}`;
  }
  if (webhookFault === undefined) {
    return `${name}: Webhook works. Live Stream does not: ${liveFault}`;
  }
  throw wrongField(`Live Stream does not work: ${liveFault} Webhook does not: ${webhookFault}`);
});

const SECRET_ADVICE =
  'It is whsec_ and base64 of 24 bytes or more. Copy the whole of it, or leave it empty to have one made.';
const KEY_ADVICE =
  'Fill in Personal API Key. It needs the scope project:read, and for the source Webhook also hog_function:write.';

/** The client, the live stream's address and the project; an error of n8n's that says what to do where there is none. */
async function open(fields: PosthogFields, fetch: typeof globalThis.fetch) {
  try {
    const api = posthogApiFor(fields, fetch, { attempts: 1 });
    return { api, live: hostsOf(fields).live, project: await api.getProject() };
  } catch (error) {
    const { message, advice } = posthogProblem(error);
    throw wrongField(message, advice);
  }
}

/** Why the live stream does not work, in sentences; undefined if it does. */
async function faultOfLive(
  fetch: typeof globalThis.fetch,
  live: string,
  token: string | null,
): Promise<string | undefined> {
  if (token === null) return 'This PostHog gives no token for a live stream.';
  const check = `Check whether this n8n can reach ${live}; with a PostHog of your own, check also Live URL.`;
  try {
    const response = await fetch(`${live}/stats`, {
      headers: { Authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (response.status === 200) return undefined;
    return `Its service answers with HTTP ${response.status}. ${check}`;
  } catch (error) {
    return `Its service cannot be reached (${describe(error).message}). ${check}`;
  }
}

function said({ message, advice }: PosthogProblem): string {
  return `${message}. ${advice}`;
}
