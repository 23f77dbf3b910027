import {
  NodeOperationError,
  type ICredentialDataDecryptedObject,
  type ICredentialTestFunctions,
  type ICredentialsDecrypted,
  type IHttpRequestOptions,
  type INode,
  type INodeCredentialTestResult,
} from 'n8n-workflow';
import { OutcomeUnknownError, ServiceError, UnreachableError } from '../../core/http/errors';
import { asError } from '../../core/values';
import { adviceFor, sentences } from './advice';
import { operationError } from './nodeErrors';
import type { ServiceContext, Urgency } from './service';

/** A credential is tested outside of any workflow; errors still want a node to name. */
const NO_NODE: INode = {
  id: '',
  name: 'Credential test',
  type: 'n8n-nodes-autoplay.credentialTest',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
};

/** For a test, which a person waits for: nothing is repeated, and no other call goes first. */
export const AT_ONCE: Urgency = {
  attempts: 1,
  pace: { run: async (call) => await call(), pauseUntil() {}, spread() {} },
};

/** What n8n gives a test, in the shape that nodes have, with the values under test as every credential. */
export interface TestContext extends ServiceContext {
  helpers: ServiceContext['helpers'] & {
    /** As `httpRequest`, but the body of the answer is a stream. */
    streamRequest: (request: IHttpRequestOptions) => Promise<unknown>;
  };
}

/** What to check. */
export interface Advice {
  /** When there is nothing at the address. */
  notFound: string;
  /** When no answer came, or one of another server. */
  noAnswer: string;
}

type CredentialTest = (
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted,
) => Promise<INodeCredentialTestResult>;

/**
 * The test of a credential as n8n calls it.
 *
 * @param check tries the credential's fields; returns what to say where they work, and throws what is wrong
 * @param adviceOf what to check where the service itself gave no reason
 */
export function credentialTest(
  check: (fields: ICredentialDataDecryptedObject, context: TestContext) => Promise<string>,
  adviceOf?: (fields: ICredentialDataDecryptedObject) => Advice,
): CredentialTest {
  return async function ({ data = {} }) {
    try {
      return { status: 'OK', message: await check(data, contextOf(this, data)) };
    } catch (error) {
      return { status: 'Error', message: explain(asError(error), adviceOf?.(data)) };
    }
  };
}

/** The error of a field that can never work. @param description what to do, if the message does not say it */
export function wrongField(message: string, description?: string): NodeOperationError {
  return operationError(NO_NODE, message, message, { description });
}

/** What a test says where the service took the credential. */
export const ACCEPTED = 'The service accepts the credential';

/** Tries what needs a permission that tokens may lack. A failure for another reason is not the credential's. */
export async function tryPermission(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (error instanceof ServiceError && [401, 403].includes(error.status)) throw error;
  });
}

function contextOf(
  { helpers }: ICredentialTestFunctions,
  data: ICredentialDataDecryptedObject,
): TestContext {
  return {
    getNode: () => NO_NODE,
    getCredentials: async <T extends object>() => data as T,
    logger: { info() {}, warn() {}, error() {}, debug() {} },
    helpers: {
      httpRequest: overLegacyRequest(helpers.request, { json: true }),
      streamRequest: overLegacyRequest(helpers.request, { useStream: true }),
    },
  };
}

function explain(error: Error, advice?: Advice): string {
  const { message } = error;
  if (error instanceof NodeOperationError) return report(message, error.description);
  if (error instanceof ServiceError) {
    const { service, status } = error;
    return status === 404 && advice
      ? report(`${service} has nothing at this address (HTTP 404)`, advice.notFound)
      : report(`${service} refused (HTTP ${status}): ${message}`, adviceFor(error));
  }
  const isAway = error instanceof UnreachableError || error instanceof OutcomeUnknownError;
  return report(message, isAway ? advice?.noAnswer : adviceFor(error));
}

function report(what: string, advice: string | null | undefined): string {
  return sentences(/[.!?]$/.test(what) ? what : `${what}.`, advice);
}

/**
 * n8n's older request function, the only one that credential tests are given, as the newer one. It has other
 * names for the same things and cannot be aborted: an answer that comes late is not waited for.
 */
function overLegacyRequest(
  request: ICredentialTestFunctions['helpers']['request'],
  body: { json: true } | { useStream: true },
): ServiceContext['helpers']['httpRequest'] {
  return async (options: IHttpRequestOptions) => {
    const { url, method, headers, timeout, abortSignal, disableFollowRedirect } = options;
    const sent: unknown = options.body;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    abortSignal?.addEventListener?.('abort', () => reject(new Error('aborted')));
    const answer = request({
      uri: url,
      method,
      headers,
      timeout,
      ...body,
      ...(sent !== undefined && { body: sent }),
      resolveWithFullResponse: true,
      simple: false,
      followRedirect: !disableFollowRedirect,
    }) as Promise<unknown>;
    return await Promise.race([answer, aborted]);
  };
}
