import type {
  ICredentialTestFunctions,
  ICredentialsDecrypted,
  IHttpRequestOptions,
  INode,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../../core/http/errors';
import { adviceFor } from './advice';
import type { ServiceContext, Urgency } from './service';

/** A credential is tested outside of any workflow; errors still want a node to name. */
export const NO_NODE: INode = {
  id: '',
  name: 'Credential test',
  type: 'n8n-nodes-autoplay.credentialTest',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
};

/** Somebody looks at the form and waits: nothing is repeated, and nobody's turn awaited. */
export const AT_ONCE: Urgency = {
  attempts: 1,
  pace: { run: async (call) => await call(), pauseUntil() {}, spread() {} },
};

/** What a service needs of n8n, with the values under test. */
export function contextOf(
  { helpers }: ICredentialTestFunctions,
  { data = {} }: ICredentialsDecrypted,
): ServiceContext {
  return {
    getNode: () => NO_NODE,
    getCredentials: async <T extends object>() => data as T,
    logger: { info() {}, warn() {}, error() {}, debug() {} },
    helpers: { httpRequest: overLegacyRequest(helpers.request) },
  };
}

/** What to check. */
export interface Advice {
  /** When there is nothing at the address. */
  notFound: string;
  /** When no answer came, or one of somebody else. */
  noAnswer: string;
}

/**
 * What came of trying.
 * @param work throws what is wrong
 */
export async function testResult(
  work: () => Promise<void>,
  advice: Advice,
): Promise<INodeCredentialTestResult> {
  try {
    await work();
    return { status: 'OK', message: 'The service accepts the credential' };
  } catch (error) {
    return { status: 'Error', message: explain(error as Error, advice) };
  }
}

/** Tries what needs a permission that tokens may lack. What fails for another reason is no news of the credential. */
export async function tryPermission(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (error instanceof ServiceError && [401, 403].includes(error.status)) throw error;
  });
}

function explain(error: Error, { notFound, noAnswer }: Advice): string {
  const { message } = error;
  if (error instanceof NodeOperationError) return sentences(message, error.description);
  if (error instanceof ServiceError) {
    const { service, status } = error;
    return status === 404
      ? sentences(`${service} has nothing at this address (HTTP 404)`, notFound)
      : sentences(`${service} refused (HTTP ${status}): ${message}`, adviceFor(error));
  }
  const isAway = error instanceof UnreachableError || error instanceof OutcomeUnknownError;
  return sentences(message, isAway ? noAnswer : undefined);
}

function sentences(what: string, advice: string | null | undefined): string {
  return [/[.!?]$/.test(what) ? what : `${what}.`, advice].filter(Boolean).join(' ');
}

/**
 * n8n's older request function, the only one that credential tests are given, as the newer one. It has other
 * names for the same things and cannot be aborted: what comes late is not waited for.
 */
function overLegacyRequest(
  request: ICredentialTestFunctions['helpers']['request'],
): ServiceContext['helpers']['httpRequest'] {
  return async ({ url, method, headers, timeout, abortSignal }: IHttpRequestOptions) => {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    abortSignal?.addEventListener?.('abort', () => reject(new Error('aborted')));
    const answer = request({
      uri: url,
      method,
      headers,
      timeout,
      json: true,
      resolveWithFullResponse: true,
      simple: false,
      followRedirect: false,
    }) as Promise<unknown>;
    return await Promise.race([answer, aborted]);
  };
}
